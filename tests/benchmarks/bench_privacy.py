"""What the detector finds, what it takes for private and is not, and what it costs.

    python -m tests.benchmarks.bench_privacy [--data DIR]

`DIR/privacy` holds `dev.jsonl` and `evasion.dev.jsonl` (`id`, `text`, `sensitive`, `entities` or `cat`). Without them
the quality tables are skipped. Costs are this thread's own CPU, the mean over texts that differ from each other.
"""

import argparse
import asyncio
import json
import os
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openroute_site.settings.test")
django.setup()

from apps.domain.messages import PromptMessage, Role  # noqa: E402
from apps.domain.policy import PRESETS, PersonLevel, SensitivitySettings  # noqa: E402
from apps.privacy.detection.engine import Engine  # noqa: E402
from tests.benchmarks.tables import machine, table  # noqa: E402
from tests.support.privacy import engine, inspected, patterns, user  # noqa: E402

Row = dict[str, Any]

HARD = {
    "CREDIT_CARD", "US_SSN", "IBAN_CODE", "EMAIL_ADDRESS", "PHONE_NUMBER", "IP_ADDRESS", "DRIVER_LICENSE",
    "US_DRIVER_LICENSE",
}  # fmt: skip
PLAIN = (
    "I would like you to review the following plan for our release in the third quarter. The team wants to ship the "
    "new "
    "parser, and Jonathan thinks that it is ready, but 3 of the 12 open questions have no owner yet. "
)
PRIVATE = (
    "Please write to Maria Keller (maria.keller@nordwind.de, +49 30 1234567) about invoice 4711; she paid with "
    "4111 1111 1111 1111 on 12 March and lives at Hauptstraße 12, 80331 München. "
)
LAYERS = ("patterns", "default policy", "every name")
FOLLOW_UPS = (
    "Shorter, please.", "Why is that so?", "Give me an example.", "And what would speak against it?",
    "In a table, please.", "Explain it to a beginner.", "Thanks. What should I do first?", "Is there a simpler way?",
    "Write it more politely.",
)  # fmt: skip
CONVERSATIONS, QUESTIONS, TURNS = 300, 5, 10
SIZES = (50, 500, 5_000, 50_000)

DEFAULT = SensitivitySettings()
PATTERNS = SensitivitySettings(person=PersonLevel.OFF)
ANY = SensitivitySettings(person=PersonLevel.ANY, threshold=0.2)
"""Everything together: whatever a recogniser thinks possible."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with privacy/dev.jsonl and privacy/evasion.dev.jsonl")
    folder = parser.parse_args().data
    detector = engine()
    print(f"privacy: {detector.mode}, {len(detector.types)} entity types; {machine()}")
    if folder is None or not (folder / "privacy" / "dev.jsonl").is_file():
        print("\nquality: SKIPPED (no data)")
    else:
        _quality(detector, _read(folder / "privacy" / "dev.jsonl"), _read(folder / "privacy" / "evasion.dev.jsonl"))
    _cost(detector)


def _quality(detector: Engine, rows: Sequence[Row], evasions: Sequence[Row]) -> None:
    groups: dict[str, tuple[list[Row], str]] = {
        "hard identifiers": ([r for r in rows if r["sensitive"] and _types(r) & HARD], "0.99"),
        "secrets": ([r for r in rows if r["sensitive"] and "SECRET" in _types(r)], "0.98"),
        "names and addresses": (
            [r for r in rows if r["sensitive"] and _types(r) and not _types(r) & (HARD | {"SECRET"})], "-"
        ),
        "everything sensitive": ([r for r in rows if r["sensitive"]], "- / 0.85 / 0.93"),
        "evasions": ([r for r in evasions if r["sensitive"]], "0.93"),
    }  # fmt: skip
    recall = [(name, len(found), *_shares(detector, found), bar) for name, (found, bar) in groups.items()]
    table("Recall, per message", ("group", "messages", *LAYERS, "bar"), recall)
    harmless = {source: [r for r in rows if r["source"] == source and not r["sensitive"]] for source in _sources(rows)}
    harmless |= {
        "all": [r for r in rows if not r["sensitive"]],
        "evasions": [r for r in evasions if not r["sensitive"]],
    }
    alarms = [
        (name, len(found), *_shares(detector, found), "0.01 / 0.05 / 0.1") for name, found in harmless.items() if found
    ]
    table("False alarms, per message", ("source", "messages", *LAYERS, "bar"), alarms)
    _presets(detector, groups, harmless["all"])
    forced = asyncio.run(_forced([r for r in rows if not r["sensitive"]]))
    head = ("conversations", "turns", "forced by the default policy", "bar")
    table("Harmless conversations that stay inside", head, [(CONVERSATIONS, TURNS, forced, "0.10")])


def _presets(detector: Engine, groups: Mapping[str, tuple[Sequence[Row], str]], harmless: Sequence[Row]) -> None:
    shown = ("hard identifiers", "secrets", "names and addresses", "everything sensitive")
    rows = [
        (name, *(_share(detector, groups[group][0], preset) for group in shown), _share(detector, harmless, preset))
        for name, preset in PRESETS.items()
    ]
    table("Presets: recall, and alarms on harmless messages", ("preset", *shown, "alarms"), rows)


async def _forced(harmless: Sequence[Row]) -> float:
    """Share of conversations with a message that is taken for private: five questions of one source, follow-ups between
    them, and texts of the same source as answers."""
    chance = random.Random(7)
    forced = 0
    for _ in range(CONVERSATIONS):
        source = chance.choice(harmless)["source"]
        texts = [row["text"] for row in harmless if row["source"] == source]
        asked = chance.sample(texts, QUESTIONS)
        messages = []
        for turn in range(TURNS):
            text = asked[turn // 2] if turn % 2 == 0 else chance.choice(FOLLOW_UPS)
            messages += [user(text), PromptMessage(Role.ASSISTANT, chance.choice(texts))]
        forced += (await inspected(*messages)).sensitivity.must_stay_inside
    return forced / CONVERSATIONS


def _cost(detector: Engine) -> None:
    rows = []
    for size in SIZES:
        costs = [
            _cpu_ms(partial(used.analyse, settings=DEFAULT), [_sized(part, size, n) for n in range(_rounds(size))])
            for used in (patterns(), detector)
            for part in (PLAIN, PRIVATE)
        ]
        rows.append((size, *costs, "1.5 / 15" if size == 500 else "-"))
    head = ("harmless", "full of identifiers", "harmless, with names", "full, with names")
    table("CPU ms per text", ("characters", *head, "bar"), rows)
    asyncio.run(_cached_cost())


async def _cached_cost() -> None:
    one, ten = (user(_sized(PLAIN, 420, 0)),), tuple(user(_sized(PLAIN, 420, n)) for n in range(10))
    rows = []
    for name, messages, bar in (("one message", one, "0.05"), ("ten messages", ten, "0.5")):
        await inspected(*messages)
        began = time.thread_time()
        for _ in range(1_000):
            await inspected(*messages)
        rows.append((name, time.thread_time() - began, bar))
    table("CPU ms of an inspection whose verdicts are known", ("request", "ms", "bar"), rows)


def _shares(detector: Engine, rows: Sequence[Row]) -> tuple[float | None, ...]:
    """Of the layers: patterns without any names, the default policy, every name at the lowest threshold."""
    return _share(patterns(), rows, PATTERNS), _share(detector, rows, DEFAULT), _share(detector, rows, ANY)


def _share(detector: Engine, rows: Sequence[Row], settings: SensitivitySettings) -> float | None:
    if not rows:
        return None
    return sum(bool(detector.analyse(row["text"], settings).sensitivity) for row in rows) / len(rows)


def _cpu_ms(work: Callable[[str], object], texts: Sequence[str]) -> float:
    work(texts[0])
    began = time.thread_time()
    for text in texts:
        work(text)
    return (time.thread_time() - began) / len(texts) * 1000


def _sized(part: str, size: int, number: int) -> str:
    """A text of this many characters that no other number gives."""
    return f"{number} {part * (size // len(part) + 1)}"[:size]


def _rounds(size: int) -> int:
    return max(5, min(1_000, 500_000 // size))


def _types(row: Row) -> set[str]:
    return {entity["type"] for entity in row.get("entities", ())}


def _sources(rows: Iterable[Row]) -> list[str]:
    return sorted({row["source"] for row in rows})


def _read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


if __name__ == "__main__":
    main()
