"""The artefact: small, plain, and refused when it does not fit the code."""

import json
from pathlib import Path

import numpy as np
import pytest

from apps.domain.intent import CREATIVITY, DOMAINS, LENGTHS, TASKS
from apps.routing.engine.intent import heads
from apps.routing.engine.intent.features import SIZE
from apps.routing.engine.intent.heads import Head, UnfitArtefact, softmax
from apps.routing.engine.intent.recogniser import ARTEFACT

LIMIT_BYTES = 2_000_000


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    chance = np.random.default_rng(1)
    path = tmp_path / "toy.npz"
    toys = (
        Head("task", ("a", "b"), chance.normal(size=(SIZE, 2)), np.array([0.5, -0.5]), 1.5),
        Head("length", ("x", "y", "z"), chance.normal(size=(SIZE, 3)), np.zeros(3), 1.0),
    )
    heads.save(path, toys, version="toy")
    return path


class TestArtefact:
    def test_answers_as_the_heads_that_were_saved(self, saved: Path) -> None:
        chance = np.random.default_rng(1)
        weights, loaded = chance.normal(size=(SIZE, 2)), heads.load(saved)
        exact = weights[[3, 7]].sum(axis=0) / np.sqrt(2) + [0.5, -0.5]

        found = loaded.probabilities(loaded.logits([[3, 7], []]), "task")

        assert found == pytest.approx(dict(zip("ab", softmax(exact / 1.5), strict=True)), abs=0.02)
        assert loaded.version == "toy"

    def test_is_refused_when_it_was_trained_for_other_features(self, saved: Path) -> None:
        with np.load(saved) as stored:
            arrays = dict(stored)
        meta = json.loads(arrays["meta"].tobytes()) | {"format": -1}
        arrays["meta"] = np.frombuffer(json.dumps(meta).encode(), dtype=np.uint8)
        np.savez(saved, **arrays)

        with pytest.raises(UnfitArtefact, match="other features"):
            heads.load(saved)

    @pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04broken"])
    def test_is_refused_when_it_cannot_be_read(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "broken.npz"
        path.write_bytes(content)

        with pytest.raises(UnfitArtefact):
            heads.load(path)

    def test_as_delivered_is_small_and_speaks_the_vocabulary(self) -> None:
        delivered = heads.load(ARTEFACT)

        assert ARTEFACT.stat().st_size <= LIMIT_BYTES
        assert set(delivered.classes["task"]) == set(TASKS)
        assert set(delivered.classes["domain"]) == set(DOMAINS)
        assert set(delivered.classes["creativity"]) == set(CREATIVITY)
        assert set(delivered.classes["length"]) == set(LENGTHS)
        assert sorted(delivered.classes["complexity"]) == ["1", "2", "3", "4", "5"]
        assert all(temperature >= 1.0 for temperature in delivered.temperatures.values())

    def test_has_a_card_that_names_sources_and_licences(self) -> None:
        card = ARTEFACT.with_name("MODEL_CARD.md").read_text(encoding="utf-8")

        for word in (ARTEFACT.stem, "licence", "Apache-2.0", "MIT", "natural"):
            assert word in card
