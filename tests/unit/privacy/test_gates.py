"""A gate is a promise that a pattern would find nothing: with every gate open the findings are the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.privacy.detection import _decoding, _speech
from apps.privacy.detection.clock import Clock
from apps.privacy.detection.dictionary import Terms
from apps.privacy.detection.recognizers import iban, national_id, phone, street_address
from apps.privacy.detection.recognizers._base import Scanner
from apps.privacy.detection.traits import Traits
from tests.support.privacy import engine

MODULES = (iban, national_id, phone, street_address)
EXAMPLES = [text for module in MODULES for text, _ in module.EXAMPLES]
PIECES = (
    " ", "\n", "\t", "-", "/", ".", "(A)", "|", "é", "AB 12 34 56 C", "DE89", " 3704 ", "Springfield, IL 62704",
    "SW1A 1AA", "99 101 110 32 66 77 88 99 100 101", "01000001 01000010 01000011 01000100 01000101", " a b c d e f g ",
    "O0l1 ", "de ad be ef de ad be ef 0a", "falcon", "BSN 111222333", "S1234567D", "x9", "9x", "12",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from([*PIECES, *EXAMPLES]) | st.text("abAB019 .-/:", max_size=8), max_size=9).map("".join)
ENOUGH_S = 5.0


class TestAGate:
    @given(TEXTS)
    @settings(max_examples=150, deadline=None)
    def test_of_a_recogniser_closes_only_where_nothing_is_found(self, text: str) -> None:
        gated = engine().find(text, Terms(["falcon"]))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Scanner, "opens", lambda self, facts: True)
            everything = engine().find(text, Terms(["falcon"]))

        assert gated == everything

    @given(TEXTS)
    @settings(max_examples=150, deadline=None)
    def test_of_an_encoding_closes_only_where_nothing_is_encoded(self, text: str) -> None:
        traits = Traits(text)
        for encoding in _decoding._ENCODINGS:
            if not encoding.gate(traits):
                decoded = [(found[0], encoding.decode(found[0])) for found in encoding.pattern.finditer(text)]
                assert all(plain in ("", shown) for shown, plain in decoded)

    @given(TEXTS)
    @settings(max_examples=150, deadline=None)
    def test_of_spoken_text_closes_only_where_nothing_is_spelled(self, text: str) -> None:
        traits = Traits(text)
        found = _speech.edits(traits, Clock(ENOUGH_S))
        strung = [match.span() for match in _speech._STRUNG_OUT.finditer(text)]
        lettered = [*_speech._lettered(text, Clock(ENOUGH_S))] if traits.digits >= 4 else []

        assert not strung or traits.singles >= 6
        assert not lettered or found


class TestAnOutline:
    @given(st.text())
    def test_has_a_byte_for_each_code_point(self, text: str) -> None:
        traits = Traits(text)

        assert len(traits.outline) == len(text)
        assert traits.digits == sum(character in "0123456789" for character in text)
