"""The model card says of every bar whether it was met."""

import numpy as np
import pytest

for module in ("scipy", "sklearn"):
    pytest.importorskip(module)

from apps.routing.training import card, fit  # noqa: E402
from apps.routing.training.rows import HEADS, Row  # noqa: E402


def measured(head: str, share_right: float) -> fit.Measured:
    """A hundred natural rows, each answered with confidence 0.8."""
    classes = ("1", "2") if head == "complexity" else ("a", "b")
    truth = np.arange(100) % 2
    answers = np.where(np.arange(100) < share_right * 100, truth, 1 - truth)
    return fit.Measured(
        classes=classes,
        rows=tuple(Row(str(n), "public", "vicuna", str(n), {}, may_train=False) for n in range(100)),
        probabilities=np.eye(2)[answers] * 0.6 + 0.2,
        truth=truth,
        steady=np.arange(100) < 96,
        temperature=1.0,
    )


class TestFigures:
    def test_are_those_of_a_share(self) -> None:
        found = fit.figures(measured("task", 0.7), "natural")

        assert found == pytest.approx({"rows": 100, "accuracy": 0.7, "calibration_error": 0.1, "steady": 0.96})

    def test_of_levels_have_a_rank_correlation(self) -> None:
        assert fit.figures(measured("complexity", 1.0), "natural")["spearman"] == pytest.approx(1.0)

    def test_of_a_share_without_rows_are_empty(self) -> None:
        assert fit.figures(measured("task", 0.7), "typed") == {}


class TestRender:
    def test_says_what_was_met_and_what_was_not(self) -> None:
        rows = [Row("p", "public", "mt_bench", "g", {"task": "math"})]

        text = card.render("toy", rows, {head: measured(head, 0.8) for head in HEADS})

        assert "| task, overall | >= 0.82 | 0.800 | no |" in text
        assert "| task, natural prompts | >= 0.62 | 0.800 | yes |" in text
        assert "| calibration error of task, natural | <= 0.05 | 0.000 | yes |" in text
        assert "| `mt_bench` | 1 | MT-Bench | Apache-2.0 |" in text
        assert "| task | 100 | 0.80 | 0.80 |" in text
