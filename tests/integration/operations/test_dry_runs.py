"""`intents` and `decide`: what would happen to each prompt of a file, printed line by line, and nothing sent."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from apps.audit.models import AuditEvent
from apps.core.tenancy import all_tenants
from apps.turns.models import Turn
from tests.support.audit import flush_lifts_the_guard
from tests.support.company import company

__all__ = ["flush_lifts_the_guard"]  # a fixture

Lines = list[dict[str, Any]]


def write(folder: Path, *lines: dict[str, Any] | str) -> Path:
    path = folder / "prompts.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    return path


def run(command: str, path: Path, **options: str) -> Lines:
    out = StringIO()
    call_command(command, path, stdout=out, **options)
    return [json.loads(line) for line in out.getvalue().splitlines()]


class TestIntents:
    def test_prints_a_line_per_prompt_in_order(self, tmp_path: Path) -> None:
        path = write(tmp_path, {"id": 7, "prompt": "Write a haiku about fog"}, "", {"id": "b", "prompt": "18 * 4"})

        first, second = run("intents", path)

        assert (first["id"], first["task"], second["id"], second["task"]) == (7, "creative_writing", "b", "math")
        assert set(first["confidence"]) == {"task", "domain", "complexity", "creativity", "length"}
        assert first["length_bucket"] in {"short", "medium", "long"}
        assert first["ms"] > 0

    @pytest.mark.parametrize("line", ["{", '{"prompt": "no id"}', '{"id": 1, "prompt": 2}', "[1]"])
    def test_names_the_line_that_is_wrong(self, tmp_path: Path, line: str) -> None:
        path = write(tmp_path, {"id": 1, "prompt": "fine"}, line)

        with pytest.raises(CommandError, match=r"prompts\.jsonl:2"):
            run("intents", path)

    def test_names_a_file_that_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="cannot be read"):
            run("intents", tmp_path / "gone.jsonl")


@pytest.fixture
def _demo(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STATE_DIR = tmp_path
    settings.OUTBOUND_ALLOW_HOSTS = ["127.0.0.1"]
    for name in ("DEMO_PASSWORD", "OPENAI_API_KEY", "OLLAMA_BASE_URL", "VLLM_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    call_command("demo", stdout=StringIO())


ERIN = {"tenant": "acme", "user": "erin@acme.example"}
QUESTIONS = {
    "coding": "Schreibe eine Python-Funktion, die zwei Listen zusammenführt",
    "literary": "Write a short poem about the first snow",
    "legal": "Is the liability clause in this contract enforceable?",
    "trivial": "What is the capital of Spain?",
    "private": "Book the invoice of IBAN DE89 3704 0044 0532 0130 00",
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_demo")
class TestDecide:
    def test_says_who_would_answer_in_the_demo_company_and_why(self, tmp_path: Path) -> None:
        """One run for all questions: loading the company takes most of the time."""
        lines = [{"id": name, "prompt": prompt} for name, prompt in QUESTIONS.items()]
        path = write(tmp_path, *lines, {"id": "unknown", "prompt": "hello", "model": "no-such-model"})
        with all_tenants():
            before = AuditEvent.objects.count()

            found = {line["id"]: line for line in run("decide", path, **ERIN)}

            assert (Turn.objects.count(), AuditEvent.objects.count()) == (0, before)
        refused = found.pop("unknown")["refused"]
        assert refused["code"] == "model_not_found"
        assert {name: line["candidates"][0]["model"] for name, line in found.items()} == {
            "coding": "demo-coder",
            "literary": "demo-writer",
            "legal": "demo-counsel",
            "trivial": "demo-small",
            "private": "demo-local",
        }
        assert all(line["reasons"] for line in found.values())
        assert found["private"]["sensitivity"]["label"] == "sensitive"
        assert len(found["private"]["candidates"]) == 1
        assert {entry["model"] for entry in found["legal"]["rejected"]} >= {"demo-small", "demo-large"}


@pytest.mark.django_db
class TestDecideFor:
    @pytest.mark.parametrize(
        ("options", "missing"),
        [
            ({"tenant": "nobody"}, "no tenant 'nobody'"),
            ({"user": "nobody@acme.example"}, "nobody with the e-mail"),
            ({"user": "erin@globex.example"}, "nobody with the e-mail"),
            ({"team": "nowhere"}, "no team 'nowhere'"),
        ],
    )
    def test_names_who_is_unknown(self, tmp_path: Path, options: dict[str, str], missing: str) -> None:
        company("acme")
        company("globex")

        with pytest.raises(CommandError, match=missing):
            run("decide", write(tmp_path, {"id": 1, "prompt": "hello"}), **(ERIN | options))
