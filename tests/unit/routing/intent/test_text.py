"""What is read without a model."""

import pytest

from apps.routing.engine.intent import features
from apps.routing.engine.intent.lexicon import concepts
from apps.routing.engine.intent.text import HEAD_CHARS, TAIL_CHARS, read


class TestLanguage:
    @pytest.mark.parametrize(
        ("text", "language"),
        [
            ("What should we do about the delivery?", "en"),
            ("Was sollen wir mit der Lieferung machen?", "de"),
            ("Que devons-nous faire avec la livraison ?", "fr"),
            ("¿Qué debemos hacer con la entrega?", "es"),
            ("Che cosa dobbiamo fare con la consegna?", "it"),
            ("配送怎么办？", "zh"),
            ("配達はどうしますか", "ja"),
            ("Что делать с доставкой?", "ru"),
            ("42", "und"),
            ("", "und"),
        ],
    )
    def test_is_told_by_script_and_function_words(self, text: str, language: str) -> None:
        assert read(text).language == language


class TestCodeAndJson:
    @pytest.mark.parametrize(
        "text",
        ["```\nx = 1\n```", "def f(x):\n    return x", "SELECT a FROM b;", "if (a > b) { swap(a, b) }", "$ git push"],
    )
    def test_code_is_seen(self, text: str) -> None:
        assert read(text).has_code

    @pytest.mark.parametrize(
        "text", ["Please class this as urgent.", "From Monday on we are closed; see you.", "5 > 3"]
    )
    def test_prose_is_no_code(self, text: str) -> None:
        assert not read(text).has_code

    @pytest.mark.parametrize(
        "text", ["Return the result as JSON", "Gib das als JSON zurück", "Réponds en JSON", "as a JSON object, please"]
    )
    def test_the_wish_for_json_is_seen(self, text: str) -> None:
        assert read(text).wants_json

    def test_talking_about_json_is_no_wish(self) -> None:
        assert not read("Who invented JSON and when?").wants_json


class TestLongTexts:
    def test_only_start_and_end_are_read(self) -> None:
        text = "start " + "middle " * 10_000 + "end"
        reading = read(text)

        assert len(reading.text) <= HEAD_CHARS + TAIL_CHARS + 1
        assert (reading.words[0], reading.words[-1]) == ("start", "end")


FINGERPRINT = (2, [9, 20, 6, 18], 966819)
"""Format, number of features per block, and their sum for one sentence."""


class TestFeatures:
    def test_stay_within_the_weights(self) -> None:
        for text in ("", "hello", "x" * 4000, "Wörter ÄÖÜ 東京 😀 1234 " * 200):
            for block in features.blocks(read(text)):
                assert all(0 <= index < features.SIZE for index in block)

    def test_do_not_change_unnoticed(self) -> None:
        """The artefact was trained on exactly these. Whoever changes them raises FORMAT and trains again."""
        found = features.blocks(read("Write a poem about rain"))

        assert (features.FORMAT, [len(block) for block in found], sum(map(sum, found))) == FINGERPRINT


class TestConcepts:
    def test_are_the_same_in_every_language(self) -> None:
        for text in ("draft a contract", "entwirf einen vertrag", "redacta un contrato", "redigi un contratto"):
            found = {concept for _, concept in concepts(text.split())}

            assert {"@make", "@document", "%legal"} <= found
