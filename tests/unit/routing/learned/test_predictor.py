"""A trained router as it is served: what it predicts, where its threshold lies, and what it refuses to read."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from apps.routing.engine.learned import predictor
from apps.routing.engine.learned.features import SHAPE, SIZE, words
from apps.routing.engine.learned.predictor import UnfitPredictor
from tests.support.learned import predictor as made


class TestAPrediction:
    def test_is_typical_for_a_prompt_of_unknown_words(self) -> None:
        found = made().predict("zebra")

        assert dict(found.scores) == {"large": 0.6, "small": 0.6}
        assert found.need_strong == 0.0

    def test_tells_where_the_strong_model_makes_the_difference(self) -> None:
        found = made(gain=0.4).predict("hard")

        assert dict(found.scores) == pytest.approx({"large": 0.8, "small": 0.4})
        assert found.need_strong == pytest.approx(0.4)

    def test_is_a_chance_however_far_the_sum_goes(self) -> None:
        found = made(gain=4.0).predict("hard")

        assert dict(found.scores) == {"large": 1.0, "small": 0.0}
        assert found.need_strong == pytest.approx(4.0)

    def test_takes_the_profile_of_the_cell_that_a_prompt_falls_into(self) -> None:
        router = made()
        subjects = np.zeros((SIZE, 2))
        (law,), _ = words("law")
        (code,), _ = words("code")
        subjects[law], subjects[code] = (1.0, 0.0), (0.0, 1.0)
        router = replace(
            router,
            space=replace(router.space, subjects=subjects, cells=np.eye(2)),
            profiles=np.array([[0.9, 0.2], [0.1, 0.8]]),
        )

        assert dict(router.predict("law").scores) == {"large": 0.9, "small": 0.2}
        assert dict(router.predict("code").scores) == {"large": 0.1, "small": 0.8}

    @pytest.mark.parametrize("text", ["", "  ", "?!", "\ud800", "x" * 100_000])
    def test_is_made_of_any_text(self, text: str) -> None:
        assert all(0.0 <= score <= 1.0 for _, score in made().predict(text).scores)


class TestTheThreshold:
    def test_falls_as_more_may_go_to_the_strong_model(self) -> None:
        gains = [made(gain=0.4).least_gain(share) for share in (0.0, 0.25, 0.5, 1.0)]

        assert gains == pytest.approx([1.0, 0.275, 0.15, 0.0])

    def test_never_asks_for_less_than_nothing(self) -> None:
        assert made().least_gain(0.99) == 0.0


class TestTheFile:
    def test_comes_back_as_it_was_saved(self, tmp_path: Path) -> None:
        path = tmp_path / "router"  # the name stays as it is
        predictor.save(path, made())
        found = predictor.load(path)

        assert (found.models, found.strong, found.weak, found.prompts) == (("large", "small"), "large", "small", 100)
        assert dict(found.predict("hard").scores) == pytest.approx(dict(made().predict("hard").scores), abs=1e-3)
        assert found.least_gain(0.3) == pytest.approx(made().least_gain(0.3))

    @pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 broken"])
    def test_is_refused_where_it_is_none(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "router.npz"
        path.write_bytes(content)
        with pytest.raises(UnfitPredictor, match="train it again"):
            predictor.load(path)

    def test_is_refused_where_it_is_a_bare_array_or_missing(self, tmp_path: Path) -> None:
        np.save(tmp_path / "array.npy", np.zeros(3))
        for name in ("array.npy", "nothing.npz"):
            with pytest.raises(UnfitPredictor, match="train it again"):
                predictor.load(tmp_path / name)

    def test_is_refused_where_it_was_made_for_other_features(self, tmp_path: Path) -> None:
        old = made()
        old = replace(old, space=replace(old.space, shape_mean=np.zeros(SHAPE - 1)))
        predictor.save(tmp_path / "old.npz", old)
        with pytest.raises(UnfitPredictor, match="other features"):
            predictor.load(tmp_path / "old.npz")

    def test_holds_no_pickle(self, tmp_path: Path) -> None:
        predictor.save(tmp_path / "router.npz", made())
        with np.load(tmp_path / "router.npz", allow_pickle=False) as stored:
            assert all(stored[name].dtype != object for name in stored.files)
