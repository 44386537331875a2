"""The reliability diagram of the model card as SVG: confidence to the right, share of right answers upwards."""

from collections.abc import Mapping, Sequence
from typing import Final

_SIDE: Final = 200
_EDGE: Final = 40
_RADIUS: Final = 14
"""Pixels of the dot that stands for half of a head's rows; the area says how many rows a bin has."""


def diagram(bins: Mapping[str, Sequence[tuple[int, float, float]]]) -> str:
    """One square per head. A dot on the diagonal says that its confidence is the share of right answers.

    Args:
        bins: per head (rows, mean confidence, share right) of each bin, both shares in [0, 1].
    """
    width = _EDGE + len(bins) * (_SIDE + _EDGE)
    squares = [_square(place, head, found) for place, (head, found) in enumerate(bins.items())]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{_SIDE + 2 * _EDGE}" '
        f'font-family="sans-serif" font-size="12">\n{"".join(squares)}</svg>\n'
    )


def _square(place: int, head: str, bins: Sequence[tuple[int, float, float]]) -> str:
    left, total = _EDGE + place * (_SIDE + _EDGE), sum(count for count, _, _ in bins)
    dots = "".join(
        f'<circle cx="{left + sure * _SIDE:.1f}" cy="{_EDGE + (1 - right) * _SIDE:.1f}" '
        f'r="{_RADIUS * (2 * count / total) ** 0.5:.1f}" fill="#2563eb" fill-opacity="0.6"/>'
        for count, sure, right in bins
    )
    return (
        f'<text x="{left}" y="{_EDGE - 8}">{head}</text>'
        f'<rect x="{left}" y="{_EDGE}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#888"/>'
        f'<path d="M{left} {_EDGE + _SIDE} L{left + _SIDE} {_EDGE}" stroke="#888" stroke-dasharray="4"/>{dots}'
        f'<text x="{left}" y="{_EDGE + _SIDE + 16}">confidence 0 to 1</text>\n'
    )
