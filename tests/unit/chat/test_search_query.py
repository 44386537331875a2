"""What is typed, and what is shown of what was found."""

import pytest

from apps.chat.search import folding
from apps.chat.search.engines import _ENGINES
from apps.chat.search.query import SNIPPET, Phrase, matches, parse, snippet


def found(typed: str, text: str) -> bool:
    return matches(parse(typed), " ".join(folding.words(text)))


class TestParse:
    @pytest.mark.parametrize(
        ("typed", "expected"),
        [
            ("high tide", (Phrase(("high",)), Phrase(("tide",), is_begun=True))),
            ('"high tide"', (Phrase(("high", "tide")),)),
            ("„hohe Flut“ morgen", (Phrase(("hohe", "flut")), Phrase(("morgen",), is_begun=True))),
            ('"not closed', (Phrase(("not", "closed")),)),
            ("e-mail", (Phrase(("e", "mail"), is_begun=True),)),
            ("plan b", (Phrase(("plan",)), Phrase(("b",)))),
            ("tide Tide tide", (Phrase(("tide",)), Phrase(("tide",), is_begun=True))),
            ("日本語", (Phrase(("日本", "本語"), is_begun=False),)),
            ("語", (Phrase(("語",), is_begun=True),)),
            ('"?!" ... ""', ()),
        ],
    )
    def test_understands(self, typed: str, expected: tuple[Phrase, ...]) -> None:
        assert parse(typed) == expected

    @pytest.mark.parametrize("typed", ["a" * 200, '"' * 200, "' OR 1=1 -- * ( ) : ^ NEAR AND", "x:* & !y | <->", "\\"])
    def test_gives_databases_nothing_to_misunderstand(self, typed: str) -> None:
        for phrase in parse(typed):
            assert all(word.isalnum() for word in phrase.words)


class TestMatches:
    @pytest.mark.parametrize(
        ("typed", "text"),
        [
            ("strasse", "Die Straße"),
            ("STRASSE", "in der straße 5"),
            ("cafe", "Café au lait"),
            ("tid", "The tides turn"),
            ('"the tides"', "When the tides turn"),
            ("本語", "日本語を勉強する"),
            ("語", "日本語を勉強する"),
            ("日本語", "これは日本語"),
            ("勉強する", "日本語を勉強する"),
            ("한국", "저는 한국어를 공부해요"),
            ("turn tides", "The tides turn"),
        ],
    )
    def test_what_was_meant(self, typed: str, text: str) -> None:
        assert found(typed, text)

    @pytest.mark.parametrize(
        ("typed", "text"),
        [
            ('"tides the"', "When the tides turn"),
            ('"tid"', "The tides turn"),
            ("tid turn", "The tides turn"),
            ("日語", "日本語"),
            ("ides", "The tides turn"),
        ],
    )
    def test_nothing_else(self, typed: str, text: str) -> None:
        assert not found(typed, text)


class TestSnippet:
    def marked(self, typed: str, text: str) -> list[str]:
        shown = snippet(parse(typed), text)
        return [shown.text[start:end] for start, end in shown.marks]

    def test_marks_the_original(self) -> None:
        assert self.marked("strasse", "Die Straße") == ["Straße"]
        assert self.marked("cafe", "Cafe\u0301 und Café") == ["Cafe\u0301", "Café"]
        assert self.marked("本語", "😀 日本語") == ["本語"]
        assert self.marked("語", "日本語学") == ["語"]
        assert self.marked('"high tide"', "a high  tide, low tide") == ["high  tide"]

    def test_is_short_and_holds_the_first_hit(self) -> None:
        text = "word " * 5_000 + "the Größe matters " + "word " * 500
        shown = snippet(parse("grosse"), text)

        assert len(shown.text) == SNIPPET
        assert shown.text in text
        assert [shown.text[start:end] for start, end in shown.marks] == ["Größe"]

    def test_begins_between_words(self) -> None:
        assert snippet(parse("needle"), "abcdefg " * 30 + "needle").text.startswith("abcdefg ")

    def test_joins_marks_that_overlap(self) -> None:
        shown = snippet(parse("日本語 本語"), "日本語")
        assert shown.marks == ((0, 3),)

    def test_of_a_text_without_the_words_is_its_beginning(self) -> None:
        shown = snippet(parse("needle"), "x" * 500)
        assert (shown.text, shown.marks) == ("x" * SNIPPET, ())


class TestEngines:
    def test_say_the_same_in_both_languages(self) -> None:
        query = parse('"high tide" wat')

        assert _ENGINES["sqlite"].first(query, 1, 9)[1][0] == '"high tide" AND "wat" *'
        assert _ENGINES["postgresql"].first(query, 1, 9)[1][0] == "('high' <-> 'tide') & ('wat':*)"
