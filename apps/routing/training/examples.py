"""From labelled prompts to what the network learns from: features as when serving, and the wanted probabilities."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from apps.routing.engine.intent import features
from apps.routing.engine.intent.spelling import Speller
from apps.routing.engine.intent.text import read
from apps.routing.engine.intent.vectors import Vectors
from apps.routing.training.measure import misspelt
from apps.routing.training.network import Examples, Floats
from apps.routing.training.rows import HEADS, Row

Columns = Mapping[str, tuple[tuple[str, str], ...]]
"""Per head its columns: a class, and the origin of the rows that the column is trained on."""

_SPREAD: Final = 0.2
"""Two people rarely give the same level of complexity: this share of a label goes to each of its neighbours."""
_QUIET: Final = {"exams": 0.33, "arena": 0.5}
_SAYS: Final = {
    "task": _QUIET,
    "domain": {"exams": 1.5},
    "complexity": _QUIET,
    "creativity": _QUIET,
    "length": {"arena": 0.5, "sets": 2.0},
}
"""How much a head learns from rows of an origin: examinations tell much about domains and little about wishes."""
_TYPING_SAY: Final = 0.5
_TYPING_EDIT: Final = 8
_COMMON: Final = 5
_LEAST: Final = 2
_SHORTEST: Final = 4
_RANK: Final = 30_000


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """Texts as the heads see them: `words` (texts, SIZE) sparse, `meaning` (texts, numbers)."""

    words: Any
    meaning: Floats


def known_words(rows: Sequence[Row], vectors: Vectors) -> tuple[str, ...]:
    """Words that need no correction: those of the table, and what occurs twice in rows that may be trained on."""
    ranks = {piece: place for piece, place in vectors.places.items() if piece.isalpha() and len(piece) > 1}
    counts = Counter(
        word
        for row in rows
        if row.may_train
        for word in set(read(row.prompt).words)
        if word.isalpha() and len(word) >= _SHORTEST
    )
    for word, count in counts.items():
        if count >= _COMMON or (count >= _LEAST and word not in ranks):
            ranks[word] = min(ranks.get(word, _RANK), _RANK // count)
    return tuple(sorted(ranks, key=lambda word: (ranks[word], word)))


def read_all(texts: Sequence[str], speller: Speller, vectors: Vectors) -> Read:
    """Read texts exactly as when serving; the entries of a block have Euclidean length 1."""
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    meaning = np.zeros((len(texts), vectors.size), dtype=np.float32)
    for line, text in enumerate(texts):
        reading = read(text)
        reading = replace(reading, words=speller.correct(reading.words))
        meaning[line] = vectors.read(reading.words)
        for block in features.blocks(reading):
            columns.extend(block)
            values.extend([len(block) ** -0.5] * len(block) if block else [])
        ends.append(len(columns))
    shape = (len(texts), features.SIZE)
    return Read(sparse.csr_matrix((np.array(values, np.float32), columns, ends), shape=shape), meaning)


def columns(rows: Sequence[Row]) -> Columns:
    """The columns of each head: every class with every origin that has trainable rows of it."""
    return {
        head: tuple(sorted({(row.labels[head], row.origin) for row in rows if row.may_train and head in row.labels}))
        for head in HEADS
    }


def examples(rows: Sequence[Row], read_rows: Read, by_head: Columns) -> Examples:
    """What the network learns from these rows; tasks that few people's prompts have count more."""
    return Examples(
        words=read_rows.words,
        meaning=read_rows.meaning,
        wanted={head: _wanted(rows, head, places) for head, places in by_head.items()},
        weights=_weights(rows),
        says={head: np.array([_SAYS.get(head, {}).get(r.origin, 1.0) for r in rows], np.float32) for head in HEADS},
    )


def with_typing_errors(rows: Sequence[Row], seed: int) -> tuple[Row, ...]:
    """Misspelt copies of what people, and those who write like people, have typed: they keep the recogniser steady."""
    chance = random.Random(seed)
    return tuple(
        replace(row, prompt=misspelt(row.prompt, chance, _TYPING_EDIT), weight=row.weight * _TYPING_SAY)
        for row in rows
        if row.may_train and row.kind != "composed" and row.origin != "exams"
    )


def _wanted(rows: Sequence[Row], head: str, places: Sequence[tuple[str, str]]) -> Floats:
    column_of = {place: column for column, place in enumerate(places)}
    wanted = np.zeros((len(rows), len(places)), dtype=np.float32)
    for line, row in enumerate(rows):
        label = row.labels.get(head, "")
        if (label, row.origin) not in column_of:
            continue
        near = [str(int(label) + step) for step in (-1, 1)] if head == "complexity" else []
        spread = [column_of[place, row.origin] for place in near if (place, row.origin) in column_of]
        wanted[line, spread] = _SPREAD
        wanted[line, column_of[label, row.origin]] = 1 - _SPREAD * len(spread)
    return wanted


def _weights(rows: Sequence[Row]) -> npt.NDArray[np.float64]:
    counts = Counter(row.labels["task"] for row in rows if _is_own(row))
    mean = sum(counts.values()) / max(len(counts), 1)
    return np.array(
        [row.weight * ((mean / counts[row.labels["task"]]) ** 0.5 if _is_own(row) else 1.0) for row in rows]
    )


def _is_own(row: Row) -> bool:
    return row.kind in {"written", "typed"}
