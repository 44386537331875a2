"""What the recogniser of names learns from: every sentence can be filled, and its labels lie where the values are."""

import random
from collections.abc import Sequence

import numpy as np
import pytest

from apps.privacy.detection.ner.network import ADDRESS, PERSON
from apps.privacy.training import fit, prompts, templates
from apps.privacy.training.corpus import Corpus, Span, Text, familiar
from apps.privacy.training.templates import LABELS, SLOT, Template
from apps.privacy.training.values import Values

WRITTEN = templates.read()
ORDINARY = ("How do I sort a list in Python?", "Explain inflation in two sentences.", "Write a haiku about the sea.")


def corpus(*texts: str, seed: int = 3) -> Corpus:
    return Corpus([Template("en", text) for text in texts], ORDINARY, seed=seed)


class TestSentences:
    def test_are_many_in_several_languages_and_none_twice(self) -> None:
        assert len(WRITTEN) > 1_400
        assert {template.language for template in WRITTEN} >= {"en", "de", "fr", "es", "it", "nl"}
        assert len(set(WRITTEN)) == len(WRITTEN)

    def test_have_only_slots_that_can_be_filled(self) -> None:
        values = Values(1)
        kinds = {slot["kind"] for template in WRITTEN for slot in SLOT.finditer(template.text)}

        assert kinds >= LABELS.keys() - {"region"}
        for kind in kinds:
            assert all(values.of(kind, language) for language in ("en", "de", "fr", "es", "it", "nl", "pl", "other"))

    def test_are_private_or_not(self) -> None:
        assert Template("en", "ask {first} now").is_private
        assert not Template("en", "{child} has five apples in {city}, says {figure}").is_private


class TestCorpus:
    def test_labels_what_stands_in_the_slots(self) -> None:
        made = corpus("{name} lives at {street} in {city}, near {place}.").filled(
            Template("en", "{name} lives at {street} in {city}, near {place}.")
        )

        assert [span.label for span in made.spans] == ["PERSON", "STREET_ADDRESS", "LOCATION"]
        first, street, _ = (made.text[span.start : span.end] for span in made.spans)
        assert made.text.startswith(f"{first} lives at {street} in ")

    def test_gives_the_same_texts_for_the_same_seed(self) -> None:
        def fifty() -> list[Text]:
            made = corpus("{name} is ill", "no slot here")
            return [made.text() for _ in range(50)]

        assert fifty() == fifty()

    def test_joins_texts_with_their_labels(self) -> None:
        joined = Text("Hi Ann", (Span(3, 6, "PERSON"),)).and_then("\n", Text("Bob!", (Span(0, 3, "PERSON"),)))

        assert [joined.text[span.start : span.end] for span in joined.spans] == ["Ann", "Bob"]

    def test_marks_the_tokens_of_a_label(self) -> None:
        row = corpus("{name} x", "y").row(Text("ask Ann Lee now", (Span(4, 11, "PERSON"),)), frozenset())

        assert row is not None
        assert row.labels.tolist() == [0, PERSON, PERSON, 0]

    def test_knows_only_words_that_are_met_often(self) -> None:
        known = familiar([Template("en", "the harbour of {city}")], ["the sea", "the lake"])

        assert known == familiar([], ["the"] * 4)

    def test_never_trains_on_a_line_that_may_name_an_author(self) -> None:
        pieces = prompts.code(200, random.Random(1))
        assert not [piece for piece in pieces if "Copyright" in piece or "@" in piece]


class TestTraining:
    @pytest.fixture(scope="class")
    @staticmethod
    def trained() -> fit.Trained:
        names = [f"{start} {{name}} {end}" for start in ("ask", "call", "thank") for end in ("today", "now", "please")]
        return fit.train(
            [*(Template("en", text) for text in names), *(Template("en", f"sort list {n}") for n in range(9))],
            ORDINARY * 5,
            ORDINARY,
            plan=fit.Plan(rounds=2, texts=400, seed=1),
            tell=lambda line: None,
        )

    def test_learns_to_tell_names_from_other_words(self, trained: fit.Trained) -> None:
        made = corpus("{name} x", "y")
        private, calm = (
            made.row(Text(text), trained.known) for text in ("ask Bartosz Wrzesniak today", "sort the list now")
        )
        assert private is not None
        assert calm is not None
        surest: Sequence[float] = [
            float(np.max(given[:, PERSON : ADDRESS + 1]))
            for given in trained.learner.predict([private.features, calm.features])
        ]
        assert surest[0] > 0.5 > surest[1]

    def test_tells_how_good_it_is(self, trained: fit.Trained) -> None:
        assert set(trained.figures) == set(fit.ALARMS)
        assert all(0.0 <= recall <= 1.0 for _, recall in trained.figures.values())
