"""A growing text is the text, however it came and wherever it is read from."""

from hypothesis import given
from hypothesis import strategies as st

from apps.turns.growing import FOLD_AT, GrowingText

PIECES = st.lists(st.text(max_size=4), max_size=3 * FOLD_AT)


@given(PIECES, st.integers(min_value=0, max_value=400))
def test_reads_the_same_as_one_string(pieces: list[str], at: int) -> None:
    text, whole = GrowingText(), "".join(pieces)
    for piece in pieces:
        text.append(piece)

    assert (str(text), text.length, text.since(at)) == (whole, len(whole), whole[at:])


@given(PIECES)
def test_a_reader_in_step_gets_each_piece(pieces: list[str]) -> None:
    text, seen = GrowingText(), []
    for piece in pieces:
        at = text.length
        text.append(piece)
        seen.append(text.since(at))

    assert seen == pieces


def test_keeps_few_pieces_apart() -> None:
    text = GrowingText()
    for number in range(100 * FOLD_AT):
        text.append(str(number % 10))

    assert len(text._pieces) < FOLD_AT
    assert len(text._blocks) == 100


def test_forgets_everything_on_demand() -> None:
    text = GrowingText()
    text.append("secret")
    text.clear()

    assert (str(text), text.length, text.since(0)) == ("", 0, "")
