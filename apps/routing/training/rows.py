"""Labelled prompts from three places: written by hand for this project, composed from phrases, public data sets."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

HERE: Final = Path(__file__).parent
WRITTEN: Final = HERE / "prompts.jsonl"
NATURAL: Final = HERE / "natural.jsonl"
"""As people type: short, sloppy, several wishes in one, pasted text, typos, many languages."""
PHRASES: Final = HERE / "phrases.yaml"
HEADS: Final = ("task", "domain", "complexity", "creativity", "length")

_CREATIVITY_OF: Final = {
    "creative_writing": "high",
    "roleplay_chat": "high",
    "brainstorm_plan": "high",
} | dict.fromkeys(("explain_advise", "functional_writing", "rewriting"), "medium")
_COLUMNS: Final = {"complexity": "complexity", "creativity": "creativity", "length": "length_bucket"}


_PEOPLE: Final = "people"
_SAY: Final = {_PEOPLE: 1.0, "arena": 0.2, "sets": 0.2, "exams": 0.18}
_SAY_COMPOSED: Final = 0.08
_SETS: Final = ("t0_", "gpteacher", "synthetic_translation", "selfinstruct")


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled prompt. A head without a label is left out of `labels`; `weight` is its say in training.

    `group` keeps what belongs together on one side of a cross-validation. `kind` is `written`, `typed` (as people
    type), `composed` or `public`. `origin` is what a prompt looks like: `people`, `arena`, `sets` or `exams`.
    """

    prompt: str
    kind: str
    source: str
    group: str
    labels: Mapping[str, str]
    weight: float = 1.0
    may_train: bool = True
    origin: str = _PEOPLE


def written(path: Path = WRITTEN) -> tuple[Row, ...]:
    """The prompts that were written and labelled for this project; they carry the most weight."""
    kind = "typed" if path == NATURAL else "written"
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        record = json.loads(line)
        labels = {head: str(record[head]) for head in HEADS}
        rows.append(Row(record["prompt"], kind, kind, f"{path.stem} {number}", labels))
    return tuple(rows)


def composed(*, seed: int, per_task: int, path: Path = PHRASES) -> tuple[Row, ...]:
    """Patterns of each task filled with topics of each domain: what is wanted and what it is about vary freely."""
    phrases = yaml.safe_load(path.read_text(encoding="utf-8"))
    chance = random.Random(seed)
    rows: dict[str, Row] = {}
    for task, patterns in phrases["patterns"].items():
        choices = [(language, pattern) for language, group in patterns.items() for pattern in group]
        for _ in range(per_task):
            language, pattern = chance.choice(choices)
            prompt, domain = _fill(pattern, language, task, phrases, chance)
            labels = {"task": task, "creativity": _CREATIVITY_OF.get(task, "low")}
            if domain:
                labels["domain"] = domain
            rows[prompt] = Row(
                _varied(prompt, chance), "composed", "composed", f"{task} {pattern}", labels, weight=_SAY_COMPOSED
            )
    return tuple(rows.values())


def _fill(pattern: str, language: str, task: str, phrases: Mapping[str, Any], chance: random.Random) -> tuple[str, str]:
    """The pattern with each slot filled, and the domain of its topic or text."""
    domain = {"coding": "computing", "math": "math"}.get(task) or chance.choice(sorted(phrases["topics"]))
    topics = phrases["topics"][domain]
    texts = phrases["texts"].get(domain) or phrases["texts"]["general"]
    slots = {
        "topic": topics.get(language) or topics["en"],
        "text": texts.get(language) or texts["en"],
        "code": phrases["code"],
        "job": phrases["jobs"][language],
        "language": phrases["languages"],
        "sprache": phrases["sprachen"],
    }
    text = pattern
    for name, values in slots.items():
        while f"{{{name}}}" in text:
            text = text.replace(f"{{{name}}}", str(chance.choice(values)), 1)
    while (slot := next((name for name in ("sum", "equation", "number") if f"{{{name}}}" in text), "")) != "":
        text = text.replace(f"{{{slot}}}", _numbers(slot, chance), 1)
    if task == "translation":
        domain = "language"
    return text, domain


def _numbers(slot: str, chance: random.Random) -> str:
    a, b, c = (chance.randint(2, 900) for _ in range(3))
    if slot == "sum":
        return chance.choice((f"{a} {chance.choice('+-*/')} {b}", f"{a} + {b} * {c}", f"{a}% of {b}", f"{a} % von {b}"))
    if slot == "equation":
        return chance.choice((f"{a}x + {b} = {c}", f"x^2 - {a}x + {b} = 0", f"{a}/x = {b}"))
    return str(a)


def _varied(prompt: str, chance: random.Random) -> str:
    """People write small letters, greet and thank."""
    roll = chance.random()
    if roll < 0.15:
        return prompt.lower()
    if roll < 0.25:
        return chance.choice(("Hi, ", "Hello! ", "Hallo, ", "please ", "Can you help me? ", "Bitte: ")) + prompt
    if roll < 0.32:
        return prompt + chance.choice((" Thanks!", " please", " danke", " Keep it short.", " bitte"))
    return prompt


def public(records: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    """Rows of the public share: `prompt`, `source`, `may_train` and whichever labels are not null."""
    for record in records:
        labels = {head: str(record[head]) for head in ("task", "domain") if record[head]}
        for head, column in _COLUMNS.items():
            value = record[column]
            if value is not None and value == value:  # not NaN
                labels[head] = str(int(value)) if head == "complexity" else str(value)
        prompt = record["prompt"]
        group = " ".join(prompt.lower().split())[:60]
        origin = _origin(record["source"])
        yield Row(
            prompt, "public", record["source"], group, labels,
            weight=_SAY[origin], may_train=bool(record["may_train"]), origin=origin,
        )  # fmt: skip


def _origin(source: str) -> str:
    """Examination questions are many and alike: with full weight they would teach that every question is one."""
    if source.startswith(("mmlu", "llmrouter_", "gsm8k")):
        return "exams"
    if source.startswith("arena"):
        return "arena"
    return "sets" if source.startswith(_SETS) else _PEOPLE
