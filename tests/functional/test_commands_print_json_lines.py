"""What the commands print can be piped: one JSON object per line and nothing else, however much is logged."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.functional.companies import TITLED
from tests.support.server import RealServer

pytestmark = [pytest.mark.server, pytest.mark.any_store]


def lines(server: RealServer, command: str, path: Path, *options: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in server.manage(command, str(path), *options).splitlines()]


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    path = tmp_path / "texts.jsonl"
    asked = [{"id": 1, "text": "My IBAN is DE89 3704 0044 0532 0130 00"}, {"id": "two", "text": "Hello there"}]
    path.write_text("\n".join(map(json.dumps, asked)))
    return path


class TestInspect:
    def test_prints_what_it_finds_in_the_published_form(self, server: RealServer, texts: Path) -> None:
        found, clean = lines(server, "inspect", texts, "--tenant", TITLED.slug)

        assert set(found) == {"id", "sensitive", "classified", "entities", "cpu_ms"}
        assert [(entity["type"], entity["start"], entity["end"]) for entity in found["entities"]] == [
            ("IBAN_CODE", 11, 38)
        ]
        assert (clean["id"], clean["sensitive"], clean["entities"]) == ("two", False, [])


class TestDecide:
    def test_prints_the_decision_of_a_process_that_does_not_serve(self, server: RealServer, texts: Path) -> None:
        private, clean = lines(server, "decide", texts, "--tenant", TITLED.slug, "--user", TITLED.email())

        assert {entry["hosting"] for entry in private["candidates"]} == {"self_hosted"}
        assert "commercial" in {entry["hosting"] for entry in clean["candidates"]}


class TestIntents:
    def test_prints_the_published_form(self, server: RealServer, tmp_path: Path) -> None:
        path = tmp_path / "prompts.jsonl"
        path.write_text(json.dumps({"id": 1, "prompt": "Write a haiku about fog"}))

        (read,) = lines(server, "intents", path)

        assert set(read) == {
            "id", "task", "domain", "complexity", "creativity", "length_bucket", "words", "confidence", "ms",
        }  # fmt: skip
