"""Public prompts: those that may be trained on, and those that are only measured on. Needs pyarrow."""

from pathlib import Path
from typing import Final

from pyarrow import parquet

_KEPT_BACK: Final = ("arena", "gsm8k", "mgsm", "mt_bench", "self", "human_eval")
"""Sources that false alarms are measured on elsewhere: never trained on."""


def prompts(folder: Path) -> tuple[list[str], list[str]]:
    """Prompts to train on, and those to measure on, of `intent*.parquet` (`prompt`, `source`, `may_train`)."""
    files = sorted(folder.glob("intent*.parquet"))
    rows = [row for file in files for row in parquet.read_table(file).to_pylist()]
    usable = [row for row in rows if not any(mark in row["source"] for mark in _KEPT_BACK)]
    return [r["prompt"] for r in usable if r["may_train"]], [r["prompt"] for r in usable if not r["may_train"]]
