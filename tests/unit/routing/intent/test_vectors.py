"""The table of word vectors: pieces found greedily, means of a length, and refused when it cannot be read."""

from pathlib import Path

import numpy as np
import pytest

from apps.routing.engine.intent import vectors
from apps.routing.engine.intent.heads import UnfitArtefact
from apps.routing.engine.intent.recogniser import VECTORS, meanings

LIMIT_BYTES = 9_000_000
PIECES = ("pay", "##roll", "##s", "report", "the")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "words-toy.npz"
    table = np.random.default_rng(3).normal(size=(len(PIECES), 8))
    vectors.save(path, PIECES, table, np.array([1, 1, 1, 1, 0.01], dtype=np.float32), version="toy")
    return path


class TestPieces:
    def test_are_the_longest_that_fit(self, path: Path) -> None:
        assert vectors.load(path).pieces(("payrolls", "report")) == [0, 1, 2, 3]

    def test_leave_out_words_with_unknown_parts(self, path: Path) -> None:
        assert vectors.load(path).pieces(("payday", "東京", "report", "")) == [3]

    def test_are_found_without_accents(self, path: Path) -> None:
        assert vectors.load(path).pieces(("réport",)) == [3]

    def test_of_a_long_text_are_its_start_and_end(self, path: Path) -> None:
        found = vectors.load(path).pieces(("pay",) * 1_000 + ("report",))

        assert len(found) == 256
        assert (found[0], found[-1]) == (0, 3)


class TestRead:
    def test_gives_three_means_of_one_length(self, path: Path) -> None:
        table = vectors.load(path)
        found = table.read(("payroll", "the", "report")).reshape(vectors.PARTS, -1)

        assert found.shape == (3, 8)
        assert np.linalg.norm(found, axis=1) == pytest.approx([vectors.NORM] * 3, rel=1e-4)

    def test_gives_nothing_for_a_text_without_pieces(self, path: Path) -> None:
        assert not vectors.load(path).read(("東京",)).any()

    def test_hears_rare_words_more_than_common_ones(self, path: Path) -> None:
        table = vectors.load(path)
        report, both = table.read(("report",)), table.read(("the", "report"))

        assert report @ both / (np.linalg.norm(report) * np.linalg.norm(both)) > 0.99


class TestArtefact:
    @pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04broken"])
    def test_is_refused_when_it_cannot_be_read(self, tmp_path: Path, content: bytes) -> None:
        broken = tmp_path / "broken.npz"
        broken.write_bytes(content)

        with pytest.raises(UnfitArtefact, match="broken"):
            vectors.load(broken)

    def test_is_refused_when_its_parts_do_not_belong_together(self, path: Path) -> None:
        with np.load(path) as stored:
            arrays = dict(stored)
        np.savez(path, **arrays | {"weight": arrays["weight"][:2]})

        with pytest.raises(UnfitArtefact, match="another form"):
            vectors.load(path)

    def test_as_delivered_is_small_and_knows_what_words_mean(self) -> None:
        table = meanings()

        def alike(left: str, right: str) -> float:
            both = [table.read((word,))[: table.size // vectors.PARTS] for word in (left, right)]
            return float(both[0] @ both[1] / vectors.NORM**2)

        assert VECTORS.stat().st_size < LIMIT_BYTES
        assert alike("lawyer", "attorney") > 0.5 > alike("lawyer", "banana")
