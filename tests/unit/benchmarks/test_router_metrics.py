"""The figures of a router: 0 for none, a half for chance, and the published definitions in between."""

import numpy as np
import pytest

from tests.benchmarks.router_metrics import curve, figures

STRONG = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0])
WEAK = np.array([1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])


class TestFigures:
    def test_of_who_knows_everything_before_it_is_asked(self) -> None:
        found = figures((STRONG - WEAK) * 10 + np.arange(10), STRONG, WEAK)

        assert found.apgr == pytest.approx(0.8)
        assert (found.cpt50, found.cpt80) == pytest.approx((20.0, 32.0))

    def test_of_who_errs_always(self) -> None:
        assert figures(WEAK - STRONG + np.arange(10) * 1e-6, STRONG, WEAK).apgr == pytest.approx(0.2)

    def test_of_chance_are_a_half(self) -> None:
        chance = np.random.default_rng(1)
        strong, weak = (chance.random(20_000) < 0.8).astype(float), (chance.random(20_000) < 0.6).astype(float)

        assert figures(chance.random(20_000), strong, weak).apgr == pytest.approx(0.5, abs=0.03)

    def test_of_no_gap_are_none(self) -> None:
        with pytest.raises(ValueError, match="not better"):
            figures(np.arange(10.0), WEAK, STRONG)


def test_the_curve_runs_from_none_to_all() -> None:
    percent, mean = curve(np.arange(10.0), STRONG, WEAK)

    assert (percent[0], percent[-1]) == (0.0, 100.0)
    assert (mean[0], mean[-1]) == pytest.approx((WEAK.mean(), STRONG.mean()))
