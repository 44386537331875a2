"""The trained recogniser as a file and as a function: tokens, features, refusals. How good it is, `make bench` says."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.privacy.detection.ner import model
from apps.privacy.detection.ner.tokens import COLUMNS, features, spots, tokens, word_hash
from apps.privacy.training.learner import arrays, learner
from tests.support.privacy import types

SENTENCE = "Please ask Bartosz Wrzesniak whether the invoice was paid."


class TestTokens:
    @given(st.text(max_size=200))
    def test_lie_in_the_text_one_after_the_other(self, text: str) -> None:
        found = tokens(text)

        assert all(text[token.start : token.end] == token.text for token in found)
        assert all(a.end <= b.start for a, b in pairwise(found))

    def test_know_what_stands_before_them(self) -> None:
        assert [(token.text, token.gap) for token in tokens("Hi, O'Brien\n12b")] == [
            ("Hi", "n"), (",", "g"), ("O'Brien", "s"), ("12", "n"), ("b", "g"),
        ]  # fmt: skip


class TestFeatures:
    def test_are_the_same_for_words_that_are_unknown_and_look_alike(self) -> None:
        one, other = (features(tokens(text), frozenset()) for text in ("Zorabik", "Zorobik"))

        assert (one[0] == other[0]).tolist() == [True, True, True, True, True, True]

    def test_tell_a_known_word_from_an_unknown_one(self) -> None:
        found = tokens("harbour")

        assert features(found, frozenset()).tolist() != features(found, frozenset({word_hash("Harbour")})).tolist()

    def test_hide_the_lists_of_names_where_they_are_told_to(self) -> None:
        found = tokens("Laura Carvalho")
        shown, hidden = features(found, frozenset()), features(found, frozenset(), hidden={0})

        assert (shown != hidden).sum() == 1

    @given(st.text(max_size=100))
    def test_are_one_row_for_each_token(self, text: str) -> None:
        found = tokens(text)

        assert features(found, frozenset()).shape == (len(found), COLUMNS)


class TestSpots:
    KNOWN = frozenset(
        map(word_hash, ("please", "sort", "the", "list", "of", "numbers", "and", "explain", "it", "monday"))
    )

    @pytest.mark.parametrize(
        "text",
        ["sort the list, please, Monday", "Zorabik, sort it", "sort it of laura", "the list of 12 hersnapvej", "Laura"],
    )
    def test_are_where_there_may_be_a_name_or_an_address(self, text: str) -> None:
        assert spots(tokens(text), self.KNOWN)

    @pytest.mark.parametrize(
        "text", ["Sort the list of numbers. Explain it: Please.\nThe list", "sort 12 numbers", "", "?!", "5"]
    )
    def test_are_not_in_ordinary_sentences(self, text: str) -> None:
        assert not spots(tokens(text), self.KNOWN)


class TestModel:
    def test_finds_a_name_that_no_list_has(self) -> None:
        found = [(entity.label, SENTENCE[entity.start : entity.end]) for entity in model.served().find(SENTENCE)]

        assert found == [("PERSON", "Bartosz Wrzesniak")]

    @given(st.text(max_size=300))
    def test_gives_stretches_of_any_text(self, text: str) -> None:
        for entity in model.served().find(text):
            assert 0 <= entity.start < entity.end <= len(text)
            assert 0.0 < entity.probability <= 1.0

    def test_gives_for_parts_of_a_text_what_it_gives_for_the_whole(self) -> None:
        served = model.served()
        text = (
            f"{'please sort the list of numbers and then explain it. ' * 9}{SENTENCE} {'so it goes on and on. ' * 9}"
            * 3
        )
        found = tokens(text)
        (whole,) = served.network.probabilities([features(found, served.known)])
        seen = spots(found, served.known)
        parts = served._probabilities(found, seen)

        near = sorted({place for spot in seen for place in range(spot - 4, spot + 5) if 0 <= place < len(found)})
        assert 0 < len(near) < len(found) / 2
        assert np.allclose(parts[near], whole[near], atol=1e-5)

    def test_gives_the_same_in_every_thread(self) -> None:
        texts = [f"{SENTENCE} {SENTENCE * (n % 7)}" for n in range(200)]
        alone = [list(model.served().find(text)) for text in texts]
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(lambda text: list(model.served().find(text)), texts)) == alone

    def test_gives_what_was_trained_after_it_was_written_and_read(self, tmp_path: Path) -> None:
        fresh = learner(0.0)
        path = tmp_path / "names.npz"
        model.save(path, arrays(fresh), frozenset({word_hash("harbour")}))
        read = model.load(path)

        assert read.known == {word_hash("harbour")}
        for text in (SENTENCE, "Hi", SENTENCE * 30):
            rows = features(tokens(text), read.known)
            assert np.allclose(read.network.probabilities([rows])[0], fresh.predict([rows])[0], atol=1e-5)

    @pytest.mark.parametrize("content", [b"", b"PK", b"not a model"])
    def test_refuses_what_is_none(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "names.npz"
        path.write_bytes(content)

        with pytest.raises(model.UnfitModel, match=r"names\.npz"):
            model.load(path)

    def test_refuses_one_for_other_features(self, tmp_path: Path) -> None:
        path = tmp_path / "names.npz"
        np.savez(path, format=np.array(0), known=np.zeros(1, dtype=np.uint64))

        with pytest.raises(model.UnfitModel, match="other features"):
            model.load(path)

    def test_comes_small_enough_to_ship(self) -> None:
        folder = Path(model.__file__).parent

        assert sum(path.stat().st_size for path in folder.glob("*.npz")) < 10_000_000


class TestAsARecogniser:
    @pytest.mark.parametrize(
        "text",
        [
            "Sort the table: 4111\t1111\nHouston\t500\nDallas\t450",
            "The order numbers are 4711 0815 and 1234 5678.",
            "Who was Marie Curie, and what did Niels Bohr think of her?",
            "Найти координаты точки, в которой прямая пересекает ось.",
            "Does Sherlock Holmes meet James Bond in any novel?",
            "Did Leonardo da Vinci paint the Mona Lisa for Ludwig van Beethoven?",
        ],
    )
    def test_leaves_tables_numbers_the_famous_and_other_scripts_alone(self, text: str) -> None:
        assert types(text) == set()

    def test_takes_somebody_for_private_who_is_introduced_by_a_famous_name(self) -> None:
        assert types("My name is James Cook and I cannot log in.") == {"PERSON"}
