"""Recorded outcomes: prompts, and how well each model answered them. Read from Parquet, CSV or JSON lines."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from pyarrow import ArrowException, parquet

PROMPT: Final = "prompt"
STRONG, WEAK = "strong_score", "weak_score"
PREFIX: Final = "m:"
"""Columns that begin so hold scores and nothing else does, where there are any."""
TASK: Final = "task"
BESIDE: Final = frozenset({"id", PROMPT, TASK, "domain", "subject", "source"})
"""Columns that are no scores, even when they hold numbers."""
LEAST: Final = 50
"""Fewer outcomes teach nothing that could be told from chance."""
_SAME: Final = 300
"""Prompts that begin alike for so many characters (before their options) are one question in two forms."""


class UnfitOutcomes(ValueError):
    """The file is not what can be learned from; the sentence says what is wrong."""


@dataclass(frozen=True)
class Outcomes:
    """Scores of shape (prompts, models), each in [0, 1]. `tasks` names the kind of each prompt, or is empty."""

    prompts: tuple[str, ...]
    models: tuple[str, ...]
    scores: npt.NDArray[np.float64]
    tasks: tuple[str, ...] = ()

    @property
    def strong(self) -> str:
        """The model with the best mean; equal ones by name."""
        return self._by_mean()[-1]

    @property
    def weak(self) -> str:
        """The model with the worst mean."""
        return self._by_mean()[0]

    def _by_mean(self) -> list[str]:
        means = dict(zip(self.models, self.scores.mean(axis=0).tolist(), strict=True))
        return sorted(self.models, key=lambda model: (means[model], model))

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """What must stay on one side of a cross-validation: the beginning of each prompt, written alike."""
        return tuple(" ".join(prompt.lower().split("\na.")[0].split())[:_SAME] for prompt in self.prompts)


def read(path: Path, *, strong: str = "strong", weak: str = "weak") -> Outcomes:
    """The outcomes of a file. Scores above 1 (a judge's 1 to 10) are scaled by the highest.

    Args:
        strong: the name of the model whose scores stand in the column `strong_score`; `weak` likewise.

    Raises:
        UnfitOutcomes: the file cannot be read, has no prompts or fewer than two models, or a score is no number.
    """
    rows = _rows(path)
    if len(rows) < LEAST:
        raise UnfitOutcomes(f"{path} has {len(rows)} outcomes; at least {LEAST} are needed.")
    columns = _score_columns(rows)
    scores = np.array([_scores(row, columns, number) for number, row in enumerate(rows, start=1)])
    if scores.min() < 0.0:
        raise UnfitOutcomes(f"{path}: a score is below 0.")
    names = {STRONG: strong, WEAK: weak}
    models = tuple(names.get(column, column.removeprefix(PREFIX)) for column in columns)
    prompts = tuple(_prompt(row, number) for number, row in enumerate(rows, start=1))
    return Outcomes(prompts, models, scores / max(1.0, scores.max()), _tasks(rows))


def _tasks(rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The kinds that the outcomes name, when every prompt has one."""
    names = tuple(str(row.get(TASK) or "") for row in rows)
    return names if all(names) else ()


def _rows(path: Path) -> Sequence[Mapping[str, Any]]:
    try:
        if path.suffix == ".parquet":
            return list(parquet.read_table(path).to_pylist())
        if path.suffix == ".csv":
            with path.open(encoding="utf-8", newline="") as file:
                return list(csv.DictReader(file))
        return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    except (OSError, UnicodeDecodeError, ValueError, csv.Error, ArrowException) as error:
        raise UnfitOutcomes(f"{path} cannot be read as Parquet, CSV or JSON lines: {error}") from error


def _score_columns(rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    first = rows[0]
    if not isinstance(first, dict) or PROMPT not in first:
        raise UnfitOutcomes('Each outcome needs a "prompt".')
    if STRONG in first and WEAK in first:
        return STRONG, WEAK
    marked = [name for name in first if name.startswith(PREFIX)]
    found = marked or [name for name in first if name not in BESIDE and _are_numbers(row.get(name) for row in rows)]
    if len(found) < 2:
        raise UnfitOutcomes("There must be a column of scores for each of two models or more.")
    return tuple(found)


def _are_numbers(values: Iterable[object]) -> bool:
    try:
        return all(np.isfinite(_number(value)) for value in values)
    except ValueError:
        return False


def _number(value: object) -> float:
    """Raises `ValueError` for what is no number; true is 1."""
    return float(value) if isinstance(value, bool | int | float) else float(str(value))


def _scores(row: Mapping[str, Any], columns: Sequence[str], number: int) -> list[float]:
    if not _are_numbers(row.get(column) for column in columns):
        raise UnfitOutcomes(f"Outcome {number}: a score is missing or no number.")
    return [_number(row[column]) for column in columns]


def _prompt(row: Mapping[str, Any], number: int) -> str:
    prompt = row.get(PROMPT)
    if not isinstance(prompt, str):
        raise UnfitOutcomes(f'Outcome {number}: "prompt" must be a text.')
    return prompt
