"""Quantiles of a Beta distribution, without scipy: nothing of the serving path needs it.

The regularised incomplete beta function by its continued fraction (NIST Digital Library of Mathematical Functions,
8.17.22, evaluated by Lentz's method), and its inverse by Newton's method kept inside a bracket that shrinks.
"""

import math
from functools import lru_cache
from typing import Final

ROUNDS: Final = 200
CLOSE: Final = 1e-12
FLOOR: Final = 1e-300
HALF: Final = 0.5
"""Each side holds half an observation at least (as in Jeffreys' prior), or else ten perfect answers would leave no
doubt about the next."""
MASS: Final = 0.9
"""Intervals hold this much and leave out as much on one side as on the other."""


@lru_cache(maxsize=4096)
def interval(mean: float, worth: float, mass: float = MASS) -> tuple[float, float]:
    """The equal-tailed interval of Beta(mean x worth, (1 - mean) x worth), stretched to hold the mean at the ends.

    For the ends: Brown, Cai and DasGupta, "Interval estimation for a binomial proportion", Statistical Science 16(2),
    2001.

    Args:
        mean: in [0, 1].
        worth: how many observations the mean rests on; above 0.
        mass: probability inside, in (0, 1).
    """
    good, bad = max(HALF, mean * worth), max(HALF, (1.0 - mean) * worth)
    tail = (1.0 - mass) / 2
    return min(mean, quantile(tail, good, bad)), max(mean, quantile(1.0 - tail, good, bad))


def quantile(share: float, a: float, b: float) -> float:
    """The x with `cumulative(x, a, b)` equal to `share`, in [0, 1]; `a` and `b` are above 0."""
    low, high = 0.0, 1.0
    x = a / (a + b)
    for _ in range(ROUNDS):
        over = cumulative(x, a, b) - share
        low, high = (low, x) if over > 0 else (x, high)
        slope = _density(x, a, b)
        step = x - over / slope if slope > FLOOR else -1.0
        following = step if low < step < high else (low + high) / 2
        if abs(following - x) < CLOSE:
            return following
        x = following
    return x


def cumulative(x: float, a: float, b: float) -> float:
    """The probability of at most `x` under Beta(a, b)."""
    if x <= 0.0 or x >= 1.0:
        return float(x >= 1.0)
    front = math.exp(_log_density(x, a, b) + math.log(x) + math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1.0 - front * _fraction(1.0 - x, b, a) / b


def _density(x: float, a: float, b: float) -> float:
    return math.exp(min(700.0, _log_density(x, a, b))) if 0.0 < x < 1.0 else 0.0


def _log_density(x: float, a: float, b: float) -> float:
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    return scale + (a - 1) * math.log(x) + (b - 1) * math.log1p(-x)


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction, from the front; it converges quickly for x < (a + 1) / (a + b + 2)."""
    c, d = 1.0, _not_zero(1.0 - (a + b) * x / (a + 1))
    value = d = 1.0 / d
    for m in range(1, ROUNDS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 / _not_zero(1.0 + term * d)
            c = _not_zero(1.0 + term / c)
            value *= d * c
        if abs(d * c - 1.0) < CLOSE:
            break
    return value


def _not_zero(value: float) -> float:
    return value if abs(value) > FLOOR else FLOOR
