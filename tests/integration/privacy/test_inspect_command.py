"""`manage.py inspect`: the published form, the tenant's policy, and errors that name the line."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.domain.limits import MAX_CLASSIFIED_BYTES
from apps.privacy import cache
from tests.support.factories.tenants import TenantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_known() -> None:
    cache.VERDICTS.clear()


def inspect(path: Path, *lines: object) -> list[dict[str, Any]]:
    file = path / "texts.jsonl"
    file.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    out = io.StringIO()
    call_command("inspect", str(file), "--tenant", TenantFactory().slug, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


class TestInspectCommand:
    def test_prints_one_line_per_text_in_order(self, tmp_path: Path) -> None:
        text = "Grüße 👋 an jonas.weber@nordwind.de"

        first, second = inspect(tmp_path, {"id": "a", "text": text}, {"id": 2, "text": "harmless\u2028text"})

        assert (first["id"], first["sensitive"], first["classified"]) == ("a", True, True)
        assert first["entities"] == [{"type": "EMAIL_ADDRESS", "start": 11, "end": 34, "score": 1.0}]
        assert first["cpu_ms"] > 0
        assert second | {"cpu_ms": 0} == {"id": 2, "sensitive": False, "classified": True, "entities": [], "cpu_ms": 0}

    def test_says_when_a_text_cannot_be_classified(self, tmp_path: Path) -> None:
        (line,) = inspect(tmp_path, {"id": 1, "text": "a" * (MAX_CLASSIFIED_BYTES + 1)})

        assert (line["sensitive"], line["classified"], line["entities"]) == (True, False, [])

    @pytest.mark.parametrize("wrong", ["{", "[]", '{"id": 1}', '{"id": 1, "text": 7}'])
    def test_names_the_line_that_is_wrong(self, tmp_path: Path, wrong: str) -> None:
        with pytest.raises(CommandError, match=r"texts\.jsonl:2 "):
            inspect(tmp_path, {"id": 1, "text": "fine"}, wrong)

    def test_knows_its_tenants(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="nobody"):
            call_command("inspect", str(tmp_path / "x"), "--tenant", "nobody")
