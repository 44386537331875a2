"""Generated identifiers in generated sentences, hidden in generated ways, are found where they stand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import identifiers as ids
from tests.support.privacy import engine, types

GENEROUS = settings(max_examples=25, deadline=None)


def spans(text: str, entity: str) -> list[tuple[int, int]]:
    return [(found.start, found.end) for found in engine().find(text).findings if found.type == entity]


def assert_found_inside(sentence: str, hidden: str, entity: str) -> None:
    """At least one finding, and it lies within what was hidden: offsets are those of the original text."""
    text = sentence.format(hidden)
    start = len(sentence.partition("{}")[0].replace("{{", "{"))

    found = spans(text, entity)

    assert found, text
    assert any(start <= begin < end <= start + len(hidden) for begin, end in found), (text, found)


class TestTheDetector:
    @pytest.mark.parametrize("evasion", ids.NUMBER_EVASIONS)
    @given(number=ids.CARDS, sentence=ids.SENTENCES)
    @GENEROUS
    def test_finds_a_card(self, evasion: str, number: str, sentence: str) -> None:
        assert_found_inside(sentence, ids.NUMBER_EVASIONS[evasion](number), "CREDIT_CARD")

    @pytest.mark.parametrize("evasion", ids.NUMBER_EVASIONS)
    @given(number=ids.IBANS, sentence=ids.SENTENCES)
    @GENEROUS
    def test_finds_an_iban(self, evasion: str, number: str, sentence: str) -> None:
        assert_found_inside(sentence, ids.NUMBER_EVASIONS[evasion](number), "IBAN_CODE")

    @pytest.mark.parametrize("evasion", ids.MAIL_EVASIONS)
    @given(mail=ids.MAILS, sentence=ids.SENTENCES)
    @GENEROUS
    def test_finds_a_mail_address(self, evasion: str, mail: str, sentence: str) -> None:
        assert_found_inside(sentence, ids.MAIL_EVASIONS[evasion](mail), "EMAIL_ADDRESS")

    @given(number=ids.SSNS, sentence=ids.SENTENCES)
    @GENEROUS
    def test_finds_a_social_security_number(self, number: str, sentence: str) -> None:
        assert_found_inside(sentence, number, "US_SSN")

    @given(number=ids.CARDS)
    @GENEROUS
    def test_finds_a_card_that_is_split_over_a_text(self, number: str) -> None:
        one, two, three, four = (number[at : at + 4] for at in range(0, 16, 4))
        text = f"my card starts with {one} {two}\nok\nand ends with {three} {four}, is it valid?"

        assert "CREDIT_CARD" in types(text)

    @given(number=ids.CARDS)
    @GENEROUS
    def test_finds_a_card_that_is_spelled_out(self, number: str) -> None:
        names = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
        spoken = " ".join(names[int(digit)] for digit in number)

        assert "CREDIT_CARD" in types(f"my card is {spoken}, thanks")

    @given(number=ids.CARDS, changed=st.integers(0, 15))
    @GENEROUS
    def test_knows_a_wrong_check_digit(self, number: str, changed: int) -> None:
        wrong = number[:changed] + str((int(number[changed]) + 1) % 10) + number[changed + 1 :]

        assert spans(f"pay with {wrong} now", "CREDIT_CARD") == []

    def test_finds_what_stands_deep_in_a_long_text(self) -> None:
        filler = "The quarterly report was late, and nobody could say why. " * 1_000
        text = f"{filler}write to jonas.weber@nordwind.de {filler}"

        assert spans(text, "EMAIL_ADDRESS") == [(len(filler) + 9, len(filler) + 9 + len("jonas.weber@nordwind.de"))]

    @given(place=st.integers(0, 12_000))
    @settings(max_examples=40, deadline=None)
    def test_has_no_blind_spot_between_chunks(self, place: int) -> None:
        text = "lorem ipsum dolor " * 700
        hidden = "4111 1111 1111 1111"

        assert "CREDIT_CARD" in types(f"{text[:place]} {hidden} {text[place:]}")
