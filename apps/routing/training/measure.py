"""How sure a head may be: temperature scaling and the calibration error, after Guo et al. 2017 (arXiv 1706.04599)."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from apps.routing.engine.intent.heads import softmax

Floats = npt.NDArray[np.float64]

BINS: Final = 15
_TEMPERATURES: Final = np.geomspace(1.0, 4.0, 60)
"""Never below 1: real users are less clear than the prompts that the temperature is fitted on."""


def temperature(logits: Floats, truth: npt.NDArray[np.integer]) -> float:
    """The temperature in [1, 4] with the least log loss; `truth` holds the column of each row's class."""
    rows = np.arange(len(truth))
    losses = [-np.log(softmax(logits / t)[rows, truth] + 1e-12).mean() for t in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def calibration_error(confidence: npt.NDArray[np.floating], hits: npt.NDArray[Any]) -> float:
    """Expected calibration error over 15 equal bins: how far confidence lies from the share of hits, on average."""
    places = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [
        abs(confidence[places == place].mean() - hits[places == place].mean()) * (places == place).mean()
        for place in range(BINS)
        if (places == place).any()
    ]
    return float(sum(gaps))
