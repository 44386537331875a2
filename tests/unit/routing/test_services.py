"""What the pipeline asks of the router besides a decision."""

import pytest

from apps.domain.messages import PromptMessage, Role
from apps.routing import services


def recognised(text: str) -> tuple[str, str]:
    intent = services.recognise([PromptMessage(Role.USER, text)])
    return intent.task, intent.domain


class TestPlaceholders:
    """A detail that was hidden must not change what a question is about: "IBAN_CODE" is no program."""

    def test_are_no_words_of_the_question(self) -> None:
        plain = recognised("Please write a short reminder to …, …, about the invoice ….")

        for stand_in in ("<IBAN_CODE>", "<IBAN_CODE_2>", "[PERSON_1A]", "<SECRET>"):
            text = f"Please write a short reminder to {stand_in}, {stand_in}, about the invoice {stand_in}."
            assert recognised(text) == plain

    @pytest.mark.parametrize("words", ["[INDEX]", "<TABLE>", "[note_1]", "<T>", "[1]", "PERSON", "[PERSON"])
    def test_other_words_in_brackets_stay(self, words: str) -> None:
        assert services._PLACEHOLDER.search(f"x {words} y") is None
