"""Titles: from the question at once, from a model later; plain text in any case."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.chat.followups import MAX_TITLE, first_words, title_from


class TestFirstWords:
    def test_are_the_first_line_that_says_something(self) -> None:
        assert first_words("\n  \n How do  tides work?\nAnd why twice a day?") == "How do tides work?"

    def test_are_cut_between_words(self) -> None:
        title = first_words("word " * 100)

        assert title.endswith("word…")
        assert len(title) <= MAX_TITLE

    def test_of_one_endless_word_are_cut_all_the_same(self) -> None:
        assert len(first_words("x" * 500)) == MAX_TITLE

    def test_hold_no_character_that_turns_the_text_around(self) -> None:
        assert first_words("safe\u202egnp.exe\x1b[2J") == "safe gnp.exe [2J"

    @given(st.text())
    def test_are_never_empty_nor_too_long(self, text: str) -> None:
        title = first_words(text)

        assert 0 < len(title) <= MAX_TITLE
        assert not any(unicodedata.category(char) in {"Cc", "Cf"} for char in title)


class TestTitleFromAModel:
    @pytest.mark.parametrize(
        ("answer", "title"),
        [
            ("Tides and the Moon", "Tides and the Moon"),
            ('"Tides and the Moon."', "Tides and the Moon"),
            ("**Title: Tides and the Moon**\n\nThis title ...", "Tides and the Moon"),
            ("# Titel: „Ebbe und Flut“", "Ebbe und Flut"),
            ("", None),
            ("   \n `` ", None),
        ],
    )
    def test_is_its_first_line_without_wrapping(self, answer: str, title: str | None) -> None:
        assert title_from(answer) == title

    @given(st.text())
    def test_is_short_and_on_one_line_whatever_the_model_wrote(self, answer: str) -> None:
        title = title_from(answer)

        assert title is None or (0 < len(title) <= MAX_TITLE and "\n" not in title)
