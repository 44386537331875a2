"""Folding: what is stored and what is typed become the same words, and each word knows where it came from."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.chat.search import folding, index
from apps.chat.search.folding import places, words

TEXTS = st.text(
    st.one_of(
        st.sampled_from("aäßeéèzZłøİıñ日本語カガｶﾞ가각か゛がไทยที่कि١٢ ё\u0301\u00ad\u200d\n\t-.,'’_「」・"),
        st.characters(exclude_categories=("Cs",)),
    ),
    max_size=60,
)


class TestWords:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Crème BRÛLÉE", ["creme", "brulee"]),
            ("Straße, STRASSE", ["strasse", "strasse"]),
            ("Übergröße", ["ubergrosse"]),
            ("Łódź Ørsted Ærø Þór", ["lodz", "orsted", "aero", "thor"]),
            ("İstanbul ISPARTA ılık", ["istanbul", "isparta", "ilik"]),
            ("Ёлка Йод", ["елка", "иод"]),
            ("Ὀδυσσεύς", ["οδυσσευσ"]),
            ("ﬁle № ①", ["file", "no", "1"]),
            ("co\u00adoperate", ["cooperate"]),
            ("مُحَمَّد", ["محمد"]),
            ("שָׁלוֹם", ["שלום"]),
            ("e-mail snake_case don't", ["e", "mail", "snake", "case", "don", "t"]),
            ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
            ("1.234,56 €", ["1", "234", "56"]),
            ("... !? 🌊", []),
            ("", []),
        ],
    )
    def test_are_folded(self, text: str, expected: list[str]) -> None:
        assert words(text) == [unicodedata.normalize("NFC", word) for word in expected]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("日本語", ["日本", "本語", "語"]),
            ("日", ["日"]),
            ("東京で会う", ["東京", "京で", "で会", "会う", "う"]),
            ("ﾃﾞｰﾀ", ["デー", "ータ", "タ"]),
            ("한국어 공부", ["한국", "국어", "어", "공부", "부"]),
            ("iPhone用ケース", ["iphone", "用ケ", "ケー", "ース", "ス"]),
            ("ไทย", ["ไท", "ทย", "ย"]),
        ],
    )
    def test_of_scripts_without_spaces_are_pairs(self, text: str, expected: list[str]) -> None:
        assert words(text) == expected

    def test_are_the_same_composed_and_decomposed(self) -> None:
        for text in ("Ångström", "がぎぐ", "한글", "Việt Nam"):
            assert words(unicodedata.normalize("NFD", text)) == words(unicodedata.normalize("NFC", text))

    def test_keep_what_makes_another_letter(self) -> None:
        assert words("か") != words("が")

    def test_of_endless_length_are_cut(self) -> None:
        assert words("x" * 1000) == ["x" * folding.MAX_WORD]


class TestPlaces:
    @given(TEXTS)
    def test_hold_the_same_words(self, text: str) -> None:
        assert [place.word for place in places(text)] == words(text)

    @given(TEXTS)
    def test_lie_in_the_text_in_order(self, text: str) -> None:
        found = places(text)
        assert all(0 <= place.start < place.first <= place.end <= len(text) for place in found)
        assert [place.start for place in found] == sorted(place.start for place in found)

    def test_are_those_of_the_original(self) -> None:
        text = "Die Stra\u00dfe nach L\u0301o\u0301dz"
        assert [text[place.start : place.end] for place in places(text)] == text.split(" ")


class TestPieces:
    def test_of_a_short_text_are_one(self) -> None:
        assert index.pieces("Größe zählt") == ("grosse zahlt",)

    def test_of_no_words_are_none(self) -> None:
        assert index.pieces(" … ") == ()

    def test_of_a_long_text_hold_every_word_and_stay_bounded(self) -> None:
        text = " ".join(f"w{number}" for number in range(3 * index.PIECE))
        pieces = index.pieces(text)

        assert " ".join(pieces) == text
        assert all(len(piece.split()) <= index.PIECE for piece in pieces)

    def test_of_huge_words_fit_into_what_a_database_takes(self) -> None:
        pieces = index.pieces(" ".join("𐐷" * 64 for _ in range(6_000)))

        assert len(pieces) > 1
        assert all(len(piece.encode()) < 900_000 for piece in pieces)
