"""Quantiles of latencies and speeds from counts in logarithmic buckets.

DDSketch (Masson, Rim and Lee, "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees",
PVLDB 12(12), 2019): every quantile is within `ERROR` of the true one, relatively; two sketches are merged by adding
their counts. Counts may be fractions, so that old values fade. From a millisecond to an hour there are 152 buckets.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

ERROR: Final = 0.05
GAMMA: Final = (1 + ERROR) / (1 - ERROR)
SMALLEST: Final = 1e-3
"""Smaller values, and zero, are counted as this."""
LARGEST: Final = 1e9
FADED: Final = 1e-3
"""A bucket with less than this is left out."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """Counts by bucket; bucket i holds the values in (GAMMA^(i-1), GAMMA^i]."""

    counts: Mapping[int, float] = field(default_factory=dict)

    @property
    def total(self) -> float:
        return sum(self.counts.values())


EMPTY: Final = Sketch()


def added(sketch: Sketch, value: float, times: float = 1.0) -> Sketch:
    """The sketch with one more value. Raises `ValueError` for a negative one, or one that is no number."""
    if not value >= 0.0:
        raise ValueError("A sketch holds numbers from zero up.")
    bucket = math.ceil(math.log(min(LARGEST, max(SMALLEST, value)), GAMMA))
    return Sketch({**sketch.counts, bucket: sketch.counts.get(bucket, 0.0) + times})


def merged(one: Sketch, other: Sketch) -> Sketch:
    """The sketch of all values of both."""
    counts = dict(one.counts)
    for bucket, count in other.counts.items():
        counts[bucket] = counts.get(bucket, 0.0) + count
    return Sketch(counts)


def faded(sketch: Sketch, left: float) -> Sketch:
    """The sketch with this share, in [0, 1], of every count."""
    return Sketch({bucket: rest for bucket, count in sketch.counts.items() if (rest := count * left) >= FADED})


def quantile(sketch: Sketch, share: float) -> float | None:
    """The value below which this share, in [0, 1], of the values lies; None without values."""
    rank, before = share * max(0.0, sketch.total - 1.0), 0.0
    for bucket in sorted(sketch.counts):
        before += sketch.counts[bucket]
        if before > rank:
            return float(2 * GAMMA**bucket / (GAMMA + 1))
    return None


def as_json(sketch: Sketch) -> dict[str, float]:
    """`{"83": 4.0}`, by bucket."""
    return {str(bucket): round(count, 4) for bucket, count in sorted(sketch.counts.items())}


def from_json(stored: Mapping[str, float]) -> Sketch:
    """What `as_json` gave."""
    return Sketch({int(bucket): float(count) for bucket, count in stored.items()})
