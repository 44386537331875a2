"""A tenant's own terms: exact, whole words, and as fast with thousands as with one."""

import time

from hypothesis import given
from hypothesis import strategies as st

from apps.privacy.detection.dictionary import Terms, compiled

WORDS = st.lists(st.text("abcxyz", min_size=1, max_size=4), min_size=1, max_size=4).map(" ".join)


def found(terms: list[str], text: str) -> list[str]:
    return [text[start:end] for start, end in Terms(terms).find(text, 1.0)]


class TestTerms:
    def test_are_found_whatever_their_case(self) -> None:
        assert found(["Bluebird"], "BLUEBIRD and bluebird") == ["BLUEBIRD", "bluebird"]

    def test_are_whole_words(self) -> None:
        assert found(["bird"], "bluebird birds bird_s bird") == ["bird", "bird"]

    def test_may_hold_marks_and_any_script(self) -> None:
        assert found(["C++/CLI", "Straße 7", "机密项目"], "C++/CLI STRASSE 7 这是机密项目吗") == [
            "C++/CLI",
            "STRASSE 7",
            "机密项目",
        ]

    def test_may_be_broken_over_lines(self) -> None:
        assert found(["Project Falcon"], "Project\n  Falcon") == ["Project\n  Falcon"]

    def test_of_which_the_longest_wins(self) -> None:
        assert found(["new", "new york", "york city"], "new york city") == ["new york"]

    def test_that_are_empty_find_nothing(self) -> None:
        assert found(["", "  "], "anything") == []

    @given(st.lists(WORDS, max_size=6), st.lists(st.text("abcxyz", min_size=1, max_size=4), max_size=30))
    def test_are_found_exactly_where_a_slow_search_finds_them(self, terms: list[str], words: list[str]) -> None:
        split = [term.split() for term in terms]
        expected, at = [], 0
        while at < len(words):
            lengths = [len(term) for term in split if words[at : at + len(term)] == term]
            if lengths:
                expected.append(" ".join(words[at : at + max(lengths)]))
            at += max(lengths, default=1)

        assert found(terms, " ".join(words)) == expected

    def test_by_thousands_cost_no_more_than_one(self) -> None:
        text = "the quick brown fox jumps over the lazy dog " * 500

        def cost(terms: Terms) -> float:
            began = time.process_time()
            list(terms.find(text, 5.0))
            return time.process_time() - began

        one = min(cost(Terms(["zebra crossing"])) for _ in range(5))
        many = min(cost(Terms([f"secret term {n}" for n in range(20_000)])) for _ in range(5))

        assert many < 5 * one

    def test_have_the_same_digest_in_any_order(self) -> None:
        assert compiled({"a": ("x", "y")}).digest == compiled({"b": ("y",), "c": ("x",)}).digest
