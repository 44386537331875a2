"""What was masked comes back, whatever the borders of the chunks."""

import re
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.domain.privacy import Finding, Sensitivity
from apps.privacy.detection.mask import Masker, Restorer
from apps.privacy.detection.placeholders import placeholders, replaced
from tests.support import identifiers as ids
from tests.support.privacy import DEFAULT, engine

TRICKY = st.text(st.sampled_from("[]_1ab EMAIL_SECRET"), max_size=60)


@st.composite
def findings_in(draw: st.DrawFn) -> tuple[str, list[Finding]]:
    text = draw(TRICKY | st.text(max_size=60))
    spans = draw(st.lists(st.tuples(st.integers(0, len(text)), st.integers(0, len(text))), max_size=5))
    kinds = st.sampled_from(("EMAIL_ADDRESS", "SECRET"))
    return text, [Finding(draw(kinds), min(span), max(span), 1.0) for span in spans if span[0] != span[1]]


def restored(restorer: Restorer, text: str, cuts: list[int]) -> str:
    """The text as it comes out when it goes in by chunks that end at the cuts."""
    edges = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    chunks = [text[a:b] for a, b in pairwise(edges)]
    return "".join(map(restorer.feed, chunks)) + restorer.flush()


class TestMasking:
    @given(findings_in(), st.lists(st.integers(0, 200), max_size=12))
    def test_is_undone_under_any_chunking(self, case: tuple[str, list[Finding]], cuts: list[int]) -> None:
        text, found = case
        masker = Masker([text])

        masked = masker.mask(text, found)

        assert restored(masker.restorer(), masked, cuts) == text

    @given(st.lists(findings_in(), min_size=2, max_size=4))
    def test_keeps_the_messages_of_a_request_apart(self, cases: list[tuple[str, list[Finding]]]) -> None:
        masker = Masker([text for text, _ in cases])

        masked = [masker.mask(text, found) for text, found in cases]

        restorer = masker.restorer()
        assert [restorer.feed(text) + restorer.flush() for text in masked] == [text for text, _ in cases]

    def test_gives_a_value_the_same_placeholder_everywhere(self) -> None:
        masker = Masker(["a@b.de a@b.de"])
        found = [Finding("EMAIL_ADDRESS", 0, 6, 1.0), Finding("EMAIL_ADDRESS", 7, 13, 1.0)]

        assert masker.mask("a@b.de a@b.de", found) == "[EMAIL_ADDRESS_1] [EMAIL_ADDRESS_1]"

    def test_never_uses_a_placeholder_that_stands_in_the_text(self) -> None:
        text = "[SECRET_1] is what? hunter2"

        assert Masker([text]).mask(text, [Finding("SECRET", 20, 27, 1.0)]) == "[SECRET_1] is what? [SECRET_2]"

    def test_holds_back_no_more_than_a_placeholder(self) -> None:
        restorer = Restorer({"[SECRET_1]": "hunter2"})

        assert restorer.feed("a[1] [SECRET_") == "a[1] "
        assert restorer.feed("1] b [no placeholder at all") == "hunter2 b [no placeholder at all"
        assert restorer.flush() == ""

    @given(st.lists(st.integers(0, 200), max_size=12))
    def test_knows_placeholders_whose_brackets_a_model_left_out(self, cuts: list[int]) -> None:
        restorer = Restorer({"[PERSON_1]": "Maria Keller", "[IBAN_CODE_1]": "DE89"})
        answer = "Dear **PERSON_1**, PERSON\\_1's IBAN_CODE_1, XIBAN_CODE_1, PERSON_12, person_1: IBAN_CODE_1"

        whole = "Dear **Maria Keller**, Maria Keller's DE89, XIBAN_CODE_1, PERSON_12, person_1: DE89"
        assert restored(restorer, answer, cuts) == whole

    def test_never_uses_a_name_that_stands_in_the_text_without_brackets(self) -> None:
        text = "SECRET_1 = os.environ; hunter2"

        assert Masker([text]).mask(text, [Finding("SECRET", 23, 30, 1.0)]) == "SECRET_1 = os.environ; [SECRET_2]"

    def test_hides_its_values_from_logs(self) -> None:
        masker = Masker(["a@b.de"])
        masker.mask("a@b.de", [Finding("EMAIL_ADDRESS", 0, 6, 1.0)])

        assert "a@b.de" not in f"{masker!r} {masker.restorer()!r}"

    @given(ids.CARDS, ids.MAILS, ids.IBANS, ids.SSNS)
    @settings(max_examples=25, deadline=None)
    def test_leaves_nothing_that_a_second_inspection_finds(self, card: str, mail: str, iban: str, ssn: str) -> None:
        person = f"Maria Keller ({mail}, SSN {ssn})"
        text = f"CONFIDENTIAL: {person} pays by {card} from {iban}; her password is Xq7-{ssn[:3]}zz!"
        found = engine().analyse(text, DEFAULT).findings

        masked = Masker([text]).mask(text, found)

        assert engine().analyse(masked, DEFAULT).sensitivity is Sensitivity.CLEAN, masked


IBAN, OTHER = "DE89370400440532013000", "GB29NWBK60161331926819"


def found(text: str, *values: tuple[str, str]) -> list[Finding]:
    """Every occurrence of these values, each with its type."""
    return [
        Finding(type_, at.start(), at.end(), 1.0)
        for type_, value in values
        for at in re.finditer(re.escape(value), text)
    ]


class TestPlaceholdersForPeople:
    """What somebody may write instead of what was found, and still be understood."""

    def test_name_what_is_missing_where_it_stood(self) -> None:
        text = f"\U0001f642 Is {IBAN} valid?"
        (made,) = placeholders(text, found(text, ("IBAN_CODE", IBAN)))

        assert (made.type, text[made.start : made.end], made.text) == ("IBAN_CODE", IBAN, "<IBAN_CODE>")
        assert replaced(text, [made]) == "\U0001f642 Is <IBAN_CODE> valid?"

    def test_tell_several_values_apart_and_know_the_same_one_again(self) -> None:
        text = f"From {IBAN} to {OTHER}, not to {IBAN}."
        made = placeholders(text, found(text, ("IBAN_CODE", IBAN), ("IBAN_CODE", OTHER)))

        assert replaced(text, made) == "From <IBAN_CODE_1> to <IBAN_CODE_2>, not to <IBAN_CODE_1>."

    def test_are_none_that_stand_in_the_text_already(self) -> None:
        text = f"From <IBAN_CODE> and <IBAN_CODE_1> to {IBAN}."
        made = placeholders(text, found(text, ("IBAN_CODE", IBAN)))

        assert replaced(text, made) == "From <IBAN_CODE> and <IBAN_CODE_1> to <IBAN_CODE_2>."

    def test_cover_findings_that_overlap_once(self) -> None:
        text = "Anna Maria Berg"
        made = placeholders(text, [Finding("PERSON", 0, 10, 1.0), Finding("DICTIONARY", 5, 15, 1.0)])

        assert replaced(text, made) == "<PERSON>"
