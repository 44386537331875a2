"""How good the delivered recogniser is on labelled prompts, and what it costs on them; and, if asked, five folds of it.

The delivered artefact is measured only on rows that may not be trained on, so that it has seen none of them. The folds
train the recogniser five times, on the others' rows, and take minutes: `--folds`.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from django.utils.module_loading import import_string

from apps.domain.intent import Intent
from apps.routing.engine.intent.recogniser import meanings, recognise
from apps.routing.training.measure import calibration_error, misspelt
from apps.routing.training.rows import HEADS, NATURAL, Row, composed, public, written
from tests.benchmarks.tables import table

NEEDED = ("pyarrow", "scipy", "sklearn")
SEED = 20261
PER_TASK = 300
BARS = {
    ("task", "natural", "accuracy"): ">= 0.62", ("task", "overall", "accuracy"): ">= 0.82",
    ("domain", "overall", "accuracy"): ">= 0.78", ("length", "overall", "accuracy"): ">= 0.67",
    ("complexity", "overall", "spearman"): ">= 0.6", ("task", "overall", "steady"): ">= 0.95",
    **{(head, "natural", "calibration_error"): "<= 0.05" for head in HEADS},
}  # fmt: skip


def intents(folder: Path | None, *, folds: bool) -> None:
    """Print the figures of `folder/intent*.parquet` (or of `folder/routing`)."""
    files = sorted([*folder.glob("intent*.parquet"), *folder.glob("routing/intent*.parquet")]) if folder else []
    if not files:
        print("\nintents: SKIPPED (no data)")
        return
    if missing := [module for module in NEEDED if find_spec(module) is None]:
        print(f"\nintents: SKIPPED (no {', '.join(missing)}: install requirements/training.in)")
        return
    read = import_string("pyarrow.parquet.read_table")
    rows = [row for file in files for row in public(read(file).to_pylist())]
    delivered([row for row in rows if not row.may_train])
    if folds:
        five_folds(rows)


def delivered(rows: Sequence[Row]) -> None:
    """The artefact as it is served, on rows that it has not seen."""
    shares = import_string("apps.routing.training.fit.SHARES")
    found, ms = [], []
    for row in rows:
        started = time.thread_time_ns()
        found.append(recognise(row.prompt))
        ms.append((time.thread_time_ns() - started) / 1e6)
    natural = [place for place, row in enumerate(rows) if shares["natural"](row)]
    everyone = list(range(len(rows)))
    lines = [
        (head, name, *_figures(head, [rows[i] for i in at], [found[i] for i in at]))
        for head in HEADS
        for name, at in (("natural", natural), ("all", everyone))
    ]
    columns = ("head", "rows that were not trained on", "rows", "accuracy", "calibration error")
    table("The delivered recogniser (natural: task >= 0.62, calibration error <= 0.05)", columns, lines)
    chance = Random(SEED)
    same = [recognise(misspelt(row.prompt, chance)).task == was.task for row, was in zip(rows, found, strict=True)]
    table(
        "Its cost and steadiness",
        ("figure", "value", "bar"),
        [
            ("p50, ms of this thread's CPU", statistics.median(ms), "< 0.5"),
            ("p95, ms of this thread's CPU", sorted(ms)[int(len(ms) * 0.95)], "< 5"),
            ("most MB resident, a process that only recognises", resident_mb(), "< 100"),
            ("same task with one edit per 12 words, all", sum(same) / len(same), ">= 0.95"),
            ("the same, natural", sum(same[i] for i in natural) / len(natural), ""),
        ],
    )  # fmt: skip


def resident_mb() -> float:
    """The most memory of a fresh process, Python and numpy included, that recognises a question, in MB."""
    program = (
        "from apps.routing.engine.intent.recogniser import recognise; recognise('Write a poem')\n"
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    )
    found = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return int(found.stdout) / 1024


def _figures(head: str, rows: Sequence[Row], found: Sequence[Intent]) -> tuple[int, float, float]:
    """Rows with a label, accuracy, calibration error."""
    pairs = [(row.labels[head], intent) for row, intent in zip(rows, found, strict=True) if head in row.labels]
    hits = np.array([str(getattr(intent, head)) == label for label, intent in pairs])
    sure = np.array([dict(intent.confidence)[head] for _, intent in pairs])
    return len(pairs), float(hits.mean()), calibration_error(sure, hits)


def five_folds(rows: Sequence[Row]) -> None:
    """The training's own cross-validation, grouped by the start of the prompt."""
    fit: Any = {name: import_string(f"apps.routing.training.fit.{name}") for name in ("train", "figures", "SHARES")}
    everything = [*written(), *written(NATURAL), *composed(seed=SEED, per_task=PER_TASK), *rows]
    trained = fit["train"](everything, meanings(), seed=SEED)
    lines = [
        (head, share, kind, value, BARS.get((head, share, kind), ""))
        for head, measured in trained.measured.items()
        for share in fit["SHARES"]
        for kind, value in fit["figures"](measured, share).items()
    ]
    table("Five folds", ("head", "rows", "figure", "value", "bar"), lines)
