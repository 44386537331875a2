"""Misspelt words are read as what was meant."""

from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.routing.engine.intent.recogniser import heads
from apps.routing.engine.intent.spelling import MOST, Speller

KNOWN = ("write", "translate", "summarize", "rechnung", "their", "there")


@pytest.fixture
def speller() -> Speller:
    return Speller({word: rank for rank, word in enumerate(KNOWN)})


class TestCorrect:
    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("wriet", "write"),
            ("translte", "translate"),
            ("summmarize", "summarize"),
            ("rechnubg", "rechnung"),
            ("translate", "translate"),
        ],
    )
    def test_one_letter_swapped_lost_doubled_or_replaced(self, speller: Speller, typed: str, meant: str) -> None:
        assert speller.correct((typed,)) == (meant,)

    @pytest.mark.parametrize("word", ["wri", "xylophone", "1234", "{", "translatetranslate"])
    def test_what_has_no_neighbour_stays(self, speller: Speller, word: str) -> None:
        assert speller.correct((word,)) == (word,)

    def test_the_more_frequent_neighbour_wins(self, speller: Speller) -> None:
        assert speller.correct(("theire",)) == ("their",)

    def test_looks_at_no_more_words_than_it_may(self) -> None:
        """A pasted list of names must not cost more than a text."""
        speller = Speller({"write": 0})
        strange = tuple(f"{chr(97 + n // 26)}{chr(97 + n % 26)}zzz" for n in range(MOST))

        assert speller.correct((*strange, "wriet"))[-1] == "wriet"
        assert speller.correct(("wriet",)) == ("write",)

    @given(words=st.lists(st.text(max_size=20), max_size=40))
    def test_keeps_the_number_of_words_and_is_repeatable(self, words: list[str]) -> None:
        speller = Speller({word: rank for rank, word in enumerate(KNOWN)})

        found = speller.correct(tuple(words[:MOST]))

        assert len(found) == len(words[:MOST])
        assert found == speller.correct(tuple(words[:MOST]))

    def test_serves_several_threads(self, speller: Speller) -> None:
        found: list[tuple[str, ...]] = []
        threads = [Thread(target=lambda: found.append(speller.correct(("wriet", "translte")))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert found == [("write", "translate")] * 8


class TestIsStrange:
    @pytest.mark.parametrize("words", [("zyx", "wvu"), ("東京都",)])
    def test_without_a_known_word(self, speller: Speller, words: tuple[str, ...]) -> None:
        assert speller.is_strange(words)

    @pytest.mark.parametrize("words", [("zyx", "wriet"), ("42", "+", "x"), ()])
    def test_not_with_one_nor_without_words(self, speller: Speller, words: tuple[str, ...]) -> None:
        assert not speller.is_strange(words)


class TestDelivered:
    def test_knows_everyday_words_of_five_languages(self) -> None:
        known = set(heads().known)

        assert {"summarize", "translate", "rechnung", "vertrag", "traduis", "escribe", "scrivi"} <= known
