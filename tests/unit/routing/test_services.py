"""What the pipeline asks of the router besides a decision."""

from apps.domain.turn import PromptMessage, Role
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

    def test_other_words_in_brackets_stay(self) -> None:
        assert recognised("def f(): return x[INDEX] # List<STRING>")[0] == "coding"
