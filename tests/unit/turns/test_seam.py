"""Where a second model goes on: what it repeats is dropped, and nothing else ever is."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.turns.seam import LONGEST, SHORTEST, Seam, overlap

BEFORE = "The tides come from the moon, which pulls the wa"


class TestAnOverlap:
    @pytest.mark.parametrize(
        ("before", "after", "dropped"),
        [
            (BEFORE, "which pulls the water twice a day.", "which pulls the wa"),
            (BEFORE, "ter twice a day.", ""),
            (BEFORE, "pulls the water", "pulls the wa"),
            ("They went on and on", " and on and on.", ""),  # shorter than twelve
            (BEFORE, "Which pulls the water", ""),  # not word for word
            (BEFORE, "The tides come from the moon.", ""),  # not the end of what is there
            ("Grüße aus München, 你好世界 und", "München, 你好世界 und mehr", "München, 你好世界 und"),
            ("", "Everything is new here.", ""),
            (BEFORE, "", ""),
        ],
    )
    def test_is_what_the_beginning_repeats_of_the_end(self, before: str, after: str, dropped: str) -> None:
        assert after[: overlap(before, after)] == dropped

    @pytest.mark.parametrize("unit", ["-", "ha ", "| - ", "0", "\n"])
    def test_is_nothing_where_the_text_repeats_itself(self, unit: str) -> None:
        assert overlap("Look: " + unit * 40, unit * 40 + "end") == 0

    def test_is_looked_for_in_the_last_two_hundred_code_points(self) -> None:
        words = " ".join(map(str, range(200)))

        assert overlap(words, words[-LONGEST:] + " and more") == LONGEST
        assert overlap(words, words[-LONGEST - 1 :] + " and more") == 0


texts = st.text(st.sampled_from("ab \n\U0001f642"), max_size=60)


class TestASeam:
    @given(before=texts, repeated=st.integers(0, 60), rest=texts, cuts=st.lists(st.integers(0, 120), max_size=6))
    def test_drops_a_verbatim_repetition_alone_however_the_text_is_torn(
        self, before: str, repeated: int, rest: str, cuts: list[int]
    ) -> None:
        after = before[max(0, len(before) - repeated) :] + rest
        places = [0, *sorted(min(cut, len(after)) for cut in cuts), len(after)]
        seam = Seam(before)
        fresh = "".join(seam.feed(after[a:b]) for a, b in itertools.pairwise(places)) + seam.flush()

        dropped = after[: len(after) - len(fresh)]
        assert after == dropped + fresh
        assert len(dropped) == overlap(before, after)
        assert not dropped or (len(dropped) >= SHORTEST and before.endswith(dropped))

    def test_holds_nothing_back_that_is_no_repetition(self) -> None:
        seam = Seam(BEFORE)

        assert seam.feed("ter") == "ter"
        assert seam.is_decided

    def test_lets_go_as_soon_as_the_repetition_ends(self) -> None:
        seam = Seam(BEFORE)

        assert [seam.feed(piece) for piece in ("which pulls", " the wa", "ter", " twice")] == ["", "", "ter", " twice"]

    def test_gives_what_it_holds_when_no_more_comes(self) -> None:
        seam = Seam(BEFORE)

        assert (seam.feed("which"), seam.flush(), seam.flush()) == ("", "which", "")
