"""What the delivered artefact makes of questions. None of these sentences stands in the training prompts."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.domain.intent import CREATIVITY, DOMAINS, LENGTHS, TASKS
from apps.routing.engine.intent.recogniser import recognise
from apps.routing.training.rows import WRITTEN

CODING = [
    "Write a Python function that merges two sorted lists",
    "Why does this loop never end? while x < 5: print(x)",
    "Rewrite this SQL query without the subselect",
    "Schreibe ein Bash-Skript, das alle Logdateien komprimiert",
    "Mein Java-Programm wirft eine ClassCastException, woran liegt das?",
    "Wie implementiere ich in TypeScript eine Warteschlange?",
]
LITERARY = [
    "Write a short poem about the first snow",
    "Compose a sonnet for my grandmother's garden",
    "Write the opening of a gothic novel set in a lighthouse",
    "Schreibe eine Kurzgeschichte über einen vergesslichen Zauberer",
    "Dichte ein Lied über unser altes Büro",
    "Erzähl mir ein Märchen von einem faulen Hasen",
]
LEGAL = [
    "Can my landlord end the lease without notice?",
    "What does the GDPR say about storing employee data?",
    "Is the liability clause in this contract enforceable?",
    "Wann haftet der Geschäftsführer einer GmbH persönlich?",
    "Darf mein Arbeitgeber meine privaten E-Mails lesen?",
    "Welche Frist gilt für den Widerspruch gegen einen Bescheid?",
]
TRIVIAL = [
    "What is the capital of Spain?",
    "thanks a lot, bye",
    "How many legs has a spider?",
    "Wie heißt die Hauptstadt von Polen?",
    "Guten Morgen!",
    "Was ist 3 plus 4?",
]


def known() -> set[str]:
    return {json.loads(line)["prompt"].casefold() for line in WRITTEN.read_text(encoding="utf-8").splitlines()}


class TestRecognise:
    def test_is_tried_on_sentences_it_was_not_trained_on(self) -> None:
        assert not known() & {text.casefold() for text in (*CODING, *LITERARY, *LEGAL, *TRIVIAL)}

    @pytest.mark.parametrize("text", CODING)
    def test_knows_programming(self, text: str) -> None:
        found = recognise(text)

        assert found.task == "coding"
        assert found.domain == "computing"

    @pytest.mark.parametrize("text", LITERARY)
    def test_knows_literature(self, text: str) -> None:
        found = recognise(text)

        assert found.task == "creative_writing"
        assert found.creativity == "high"

    @pytest.mark.parametrize("text", LEGAL)
    def test_knows_questions_of_law(self, text: str) -> None:
        found = recognise(text)

        assert found.domain == "legal"
        assert found.creativity != "high"

    @pytest.mark.parametrize("text", TRIVIAL)
    def test_knows_what_is_trivial(self, text: str) -> None:
        assert recognise(text).complexity <= 2

    def test_tells_trivial_from_hard(self) -> None:
        hard = "Prove that every bounded sequence of real numbers has a convergent subsequence."

        assert recognise(hard).complexity >= 4

    @pytest.mark.parametrize(
        ("text", "task"),
        [
            ("Translate into Italian: The parcel is at the post office.", "translation"),
            ("Fasse diesen Text in zwei Sätzen zusammen: Die Firma hat gestern mitgeteilt, dass ...", "summarization"),
            ("Please correct the spelling: Wee are hapy too help.", "rewriting"),
            ("Solve 4x - 7 = 21", "math"),
            ("Draft a friendly email that moves our appointment to Tuesday", "functional_writing"),
            ("Gib mir fünf Ideen für ein Sommerfest mit Kindern", "brainstorm_plan"),
            ("Extract all dates from this text: We met on 2 May and 7 June.", "extraction_classification"),
            ("Que se passerait-il si le soleil s'éteignait demain ?", "reasoning"),
        ],
    )  # fmt: skip
    def test_knows_the_other_tasks(self, text: str, task: str) -> None:
        assert recognise(text).task == task


class TestFollowUps:
    LAW = "Is a verbal agreement with my landlord binding?"

    @pytest.mark.parametrize("text", ["and in short?", "why?", "und auf Deutsch?"])
    def test_inherit_the_subject(self, text: str) -> None:
        assert recognise(text).domain != "legal"
        assert recognise(text, self.LAW).domain == "legal"

    def test_keep_their_own_wish(self) -> None:
        assert recognise("and in French?", self.LAW).task == "translation"
        assert recognise("kürzer bitte", self.LAW).task == "rewriting"

    def test_inherit_the_language_when_they_show_none(self) -> None:
        assert recognise("ok", "Wie lange dauert eine Lieferung nach Wien?").language == "de"

    def test_a_new_question_inherits_nothing(self) -> None:
        new = "Write a Java method that reverses a string"

        assert recognise(new, self.LAW) == recognise(new)


class TestTypingErrors:
    @pytest.mark.parametrize(
        ("text", "task"),
        [
            ("trnaslate into italian: the parcel is late", "translation"),
            ("sumarize this txet: the owners met on friday and agreed to renew the lift", "summarization"),
            ("wriet a pyhton fucntion that sorts a list", "coding"),
            ("Schriebe ein Gedcht über den Herbst", "creative_writing"),
        ],
    )
    def test_do_not_hide_what_is_wanted(self, text: str, task: str) -> None:
        assert recognise(text).task == task


class TestHonesty:
    def test_a_subject_it_is_unsure_of_is_general(self) -> None:
        found = recognise("zyx wvu tsr qpo nml")

        assert found.domain == "general"

    def test_a_task_that_it_guesses_is_unsure(self) -> None:
        assert recognise("about the thing from before, you know").unsure
        assert not recognise("Translate into Italian: The parcel is at the post office.").unsure

    @pytest.mark.parametrize(
        ("text", "length", "words"),
        [
            ("Describe our product in 40 words", "short", 40),
            ("Schreibe einen Aufsatz mit 600 Wörtern über Bienen", "long", 600),
            ("Explique le droit du travail en deux phrases", "short", 40),
        ],
    )
    def test_a_length_that_is_asked_for_is_believed(self, text: str, length: str, words: int) -> None:
        found = recognise(text)

        assert (found.length, found.words) == (length, words)

    def test_a_number_of_words_inside_a_pasted_text_is_no_wish(self) -> None:
        pasted = f"Translate to German: {'We walked on. ' * 60} He wrote 5000 words a day. {'It rained. ' * 60}"

        assert recognise(pasted).words != 5000

    @settings(max_examples=200, deadline=None)
    @given(text=st.text(max_size=400), previous=st.text(max_size=80))
    def test_whatever_it_reads_it_answers_in_its_vocabulary(self, text: str, previous: str) -> None:
        found = recognise(text, previous)

        assert found.task in TASKS
        assert found.domain in DOMAINS
        assert found.creativity in CREATIVITY
        assert found.length in LENGTHS
        assert found.complexity in range(1, 6)
        assert found.words >= 1
        assert all(0.0 <= value <= 1.0 for _, value in found.confidence)
        assert found == recognise(text, previous)

    @pytest.mark.parametrize("text", ["", " \n\t", "😀😀😀", "a" * 500_000, "\n" * 100_000, "; " * 50_000, "\ud800"])
    def test_odd_texts_do_not_stop_it(self, text: str) -> None:
        assert recognise(text).task in TASKS
