"""Features of a prompt: bounded, the same every time, for any text."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from apps.routing.engine.learned.features import MAX_CHARS, SHAPE, SIZE, cut, shape, words


class TestWords:
    def test_are_words_and_pairs_however_written(self) -> None:
        places, counts = words("Tell me. TELL me!")

        assert len(places) == 4  # tell, me, "tell me", "me tell"
        assert sorted(counts) == sorted(np.log1p([2, 2, 2, 1]))

    @given(text=st.text(max_size=300))
    def test_have_places_within_the_table(self, text: str) -> None:
        places, counts = words(text)

        assert len(places) == len(set(places.tolist())) == len(counts)
        assert all(0 <= place < SIZE for place in places)


class TestShape:
    @given(text=st.text(max_size=300))
    def test_is_finite_for_any_text(self, text: str) -> None:
        assert len(shape(text)) == SHAPE
        assert np.isfinite(shape(text)).all()

    def test_tells_a_sum_from_a_story(self) -> None:
        assert shape("What is 12 + 30 * 4?") != shape("What is the sum of all fears?")

    def test_of_a_long_text_looks_at_both_ends(self) -> None:
        text = f"begin {'x ' * MAX_CHARS} end"

        assert len(cut(text)) <= MAX_CHARS + 1
        assert cut(text).startswith("begin")
        assert cut(text).endswith("end")
