"""Questions with a check, one JSON object a line. A suite with a wrong line is refused as a whole, each one named."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson

from apps.domain.errors import InvalidRequest
from apps.domain.intent import DOMAINS, TASKS
from apps.routing.engine.evaluation import checks
from apps.routing.engine.evaluation.checks import Check, UnfitCheck

GENERAL: Final = Path(__file__).with_name("general.jsonl")
MAX_QUESTIONS: Final = 5_000
MAX_PROMPT: Final = 50_000
MAX_NAME: Final = 80
SHOWN: Final = 50
"""So many wrong lines are named at once."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `cell` is what its outcome counts for; `example` is a right answer, where the suite gives one."""

    name: str
    task: str
    domain: str
    prompt: str
    check: Check
    language: str = ""
    example: str = ""

    @property
    def cell(self) -> tuple[str, str]:
        return self.task, self.domain


class SuiteRefused(InvalidRequest):
    """Lines of a suite are wrong; `fields` names each with a sentence (`line 7`)."""


def parse(lines: Iterable[str]) -> tuple[Question, ...]:
    """The questions of a suite, in order. Empty lines are skipped.

    Raises:
        SuiteRefused: a line is wrong, two have the same `id`, or there are none or too many questions.
    """
    found: list[Question] = []
    wrong: dict[str, str] = {}
    names: set[str] = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            question = _question(line)
            if question.name in names:
                raise UnfitCheck(f"`id` {question.name} stands in an earlier line.")
        except UnfitCheck as error:
            wrong[f"line {number}"] = str(error)
            continue
        names.add(question.name)
        found.append(question)
    if wrong:
        kept = dict(list(wrong.items())[:SHOWN])
        raise SuiteRefused(f"{len(wrong)} lines are wrong; nothing was stored. See `fields`.", fields=kept)
    if not 0 < len(found) <= MAX_QUESTIONS:
        raise SuiteRefused(f"A suite has 1 to {MAX_QUESTIONS:,} questions; this one has {len(found):,}.")
    return tuple(found)


@cache
def general() -> tuple[Question, ...]:
    """The suite that comes with the project: over all tasks and domains, in five languages."""
    return parse(GENERAL.read_text(encoding="utf-8").splitlines())


def _question(line: str) -> Question:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise UnfitCheck("The line is not JSON.") from error
    if not isinstance(record, dict):
        raise UnfitCheck("The line must be an object.")
    return Question(
        name=_text(record, "id", MAX_NAME),
        task=_one_of(record, "task", TASKS),
        domain=_one_of(record, "domain", DOMAINS),
        prompt=_text(record, "prompt", MAX_PROMPT),
        check=checks.read(record.get("check")),
        language=str(record.get("language", "")),
        example=str(record.get("example", "")),
    )


def _text(record: Mapping[str, Any], name: str, longest: int) -> str:
    value = record.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > longest:
        raise UnfitCheck(f"`{name}` must be a text of 1 to {longest:,} characters.")
    if "\0" in value:
        raise UnfitCheck(f"`{name}` may not contain the character NUL (U+0000).")
    return value


def _one_of(record: Mapping[str, Any], name: str, known: Iterable[str]) -> str:
    value = record.get(name)
    if not isinstance(value, str) or value not in known:
        raise UnfitCheck(f"`{name}` must be one of {', '.join(known)}.")
    return value
