"""Every sentence that the server gives a code can be said on the German page, and no other is translated there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GERMAN = ROOT / "frontend" / "src" / "locales" / "german" / "said.ts"
PLACE = {"say": 0, "words.choice": 0, "Sentence": 1, "_rejected": 1}
"""Which argument of these calls is the code."""


def codes_of(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        place = PLACE.get(ast.unparse(node.func))
        if place is None or len(node.args) <= place:
            continue
        code = node.args[place]
        if isinstance(code, ast.Constant) and isinstance(code.value, str):
            yield code.value


def german() -> set[str]:
    table = GERMAN.read_text().split("saidInGerman", 1)[1]
    return set(re.findall(r"^  (\w+): \(", table, re.MULTILINE))


class TestTheSentencesOfTheServer:
    def test_are_found_by_their_codes(self) -> None:
        source = 'raise Wrong(say("a", "b"))\nwords.choice("c", "d", e, f)\nSentence(t, "g", {})\nrandom.choice("h")'

        assert sorted(codes_of(source)) == ["a", "c", "g"]

    def test_can_all_be_said_in_german(self) -> None:
        used = {code for path in (ROOT / "apps").rglob("*.py") for code in codes_of(path.read_text())}

        assert len(used) > 30
        assert used == german()
