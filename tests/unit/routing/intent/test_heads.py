"""The artefact: small, plain, and refused when it does not fit the code."""

import json
from pathlib import Path

import numpy as np
import pytest

from apps.domain.intent import CREATIVITY, DOMAINS, LENGTHS, TASKS
from apps.routing.engine.intent import heads
from apps.routing.engine.intent.features import SIZE
from apps.routing.engine.intent.heads import Head, Network, UnfitArtefact, softmax
from apps.routing.engine.intent.recogniser import ARTEFACT

LIMIT_BYTES = 4_000_000
NUMBERS, UNITS, COLUMNS = 6, 4, 5


@pytest.fixture
def network() -> Network:
    chance = np.random.default_rng(1)
    return Network(
        words=chance.normal(size=(SIZE, COLUMNS)).astype(np.float32),
        hidden=chance.normal(size=(NUMBERS, UNITS)).astype(np.float32),
        hidden_bias=chance.normal(size=UNITS).astype(np.float32),
        out=chance.normal(size=(UNITS, COLUMNS)).astype(np.float32),
        linear=chance.normal(size=(NUMBERS, COLUMNS)).astype(np.float32),
        bias=np.array([0.5, -0.5, 0, 0, 0], dtype=np.float32),
    )


@pytest.fixture
def saved(tmp_path: Path, network: Network) -> Path:
    path = tmp_path / "toy.npz"
    heads.save(
        path,
        (Head("task", ("a", "b"), 1.5), Head("length", ("x", "x", "y"), 1.0)),
        network,
        ("wörd", "two"),
        version="toy",
    )
    return path


class TestArtefact:
    def test_answers_as_the_network_that_was_saved(self, saved: Path, network: Network) -> None:
        loaded, meaning = heads.load(saved), np.linspace(-1, 1, NUMBERS, dtype=np.float32)
        units = np.maximum(meaning @ network.hidden + network.hidden_bias, 0)
        exact = network.words[[3, 7]].sum(axis=0) / np.sqrt(2) + network.bias
        exact = exact + meaning @ network.linear + units @ network.out

        logits = loaded.logits([[3, 7], []], meaning)

        shares = softmax(exact[2:])
        assert logits == pytest.approx(exact, abs=0.1)
        assert loaded.probabilities(logits, "task") == pytest.approx(
            dict(zip("ab", softmax(exact[:2] / 1.5), strict=True)), abs=0.03
        )
        assert loaded.probabilities(logits, "length") == pytest.approx(
            {"x": shares[0] + shares[1], "y": shares[2]}, abs=0.03
        )
        assert (loaded.version, loaded.known) == ("toy", ("wörd", "two"))

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
        assert set(delivered.classes("task")) == set(TASKS)
        assert set(delivered.classes("domain")) == set(DOMAINS)
        assert set(delivered.classes("creativity")) == set(CREATIVITY)
        assert set(delivered.classes("length")) == set(LENGTHS)
        assert sorted(delivered.classes("complexity")) == ["1", "2", "3", "4", "5"]
        assert all(temperature >= 1.0 for temperature in delivered.temperatures.values())

    def test_has_a_card_that_names_sources_and_licences(self) -> None:
        card = ARTEFACT.with_name("MODEL_CARD.md").read_text(encoding="utf-8")

        for word in (
            ARTEFACT.stem,
            "licence",
            "Apache-2.0",
            "MIT",
            "natural",
            "MiniLM",
            "| bar | wanted | reached | met |",
        ):
            assert word in card
