"""Rewritten texts know where every code point came from."""

from hypothesis import given
from hypothesis import strategies as st

from apps.privacy.detection.clock import Clock
from apps.privacy.detection.normalise import folded, views
from apps.privacy.detection.view import Edit, View, rewrite

TEXTS = st.text(max_size=200)


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    text = draw(st.text(min_size=1, max_size=80))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    spans = list(zip(cuts[::2], cuts[1::2], strict=False))
    return text, [(start, end, draw(st.text(max_size=5))) for start, end in spans]


class TestRewrite:
    @given(edited(), st.none() | st.integers(0, 20))
    def test_maps_every_kept_character_to_itself(self, case: tuple[str, list[Edit]], margin: int | None) -> None:
        text, edits = case
        view = rewrite(View(text), edits, margin=margin)
        replaced = {at for start, end, _ in edits for at in range(start, end)}

        for at, character in enumerate(view.text):
            start, end = view.origin(at, at + 1)
            if end - start == 1 and start not in replaced and view.text.count("\n\n") == 0:
                assert text[start:end] == character

    @given(edited(), st.none() | st.integers(0, 20))
    def test_never_points_outside_the_original(self, case: tuple[str, list[Edit]], margin: int | None) -> None:
        text, edits = case
        view = rewrite(View(text), edits, margin=margin)

        for start in range(len(view.text)):
            for end in range(start + 1, len(view.text) + 1):
                begin, stop = view.origin(start, end)
                assert 0 <= begin <= stop <= len(text)

    def test_maps_a_replacement_to_all_that_it_replaced(self) -> None:
        view = rewrite(View("say %41%42 now"), [(4, 10, "AB")])

        assert view.text == "say AB now"
        assert view.origin(5, 6) == (4, 10)
        assert view.origin(7, 10) == (11, 14)

    def test_composes(self) -> None:
        inner = rewrite(View("x%2541y"), [(1, 4, "%")])
        outer = rewrite(inner, [(1, 4, "A")])

        assert outer.text == "xAy"
        assert outer.origin(1, 2) == (1, 6)

    def test_keeps_only_the_neighbourhood_when_asked(self) -> None:
        text = "a" * 500 + "X" + "b" * 500 + "Y" + "c" * 500

        view = rewrite(View(text), [(500, 501, "1"), (1001, 1002, "2")], margin=10)

        assert view.text == f"{'a' * 10}1{'b' * 10}\n\n{'b' * 10}2{'c' * 10}"
        assert view.origin(view.text.index("2"), view.text.index("2") + 1) == (1001, 1002)


class TestFolding:
    def test_leaves_plain_text_as_the_same_object(self) -> None:
        view = View("nothing to do here")

        assert folded(view, Clock(1)) is view

    def test_knows_the_forms_of_digits(self) -> None:
        assert folded(View("４١२³④ 5️⃣"), Clock(1)).text == "41234 5"

    def test_drops_what_cannot_be_seen(self) -> None:
        assert folded(View("a\u200bb\u00adc\u2060d\u202ee\x00f"), Clock(1)).text == "abcdef"

    def test_replaces_look_alikes_in_mixed_words_only(self) -> None:
        assert folded(View("pаypal и мама"), Clock(1)).text == "paypal и мама"

    @given(TEXTS)
    def test_never_fails_and_keeps_offsets_inside(self, text: str) -> None:
        for view, _ in views(text, Clock(5)):
            start, end = view.origin(0, len(view.text))
            assert 0 <= start <= end <= len(text)
