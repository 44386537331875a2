"""What demo models make of files that come with a question."""

from apps.chat.attachments.prompt import as_messages
from apps.chat.attachments.values import Content
from apps.chat.values import AttachmentRecord
from apps.domain.ids import new_id
from apps.domain.messages import PromptMessage, Role
from apps.domain.prompt import as_one
from apps.operations.demo_models import answers, attached, catalogue
from apps.operations.demo_models.question import understand


def asked(question: str, *texts: str) -> str:
    """The text that a model is really sent."""
    files = [
        Content(AttachmentRecord(new_id(), None, f"file{n}.py", "text", "text/plain", 1, len(text), n > 1), text, b"")
        for n, text in enumerate(texts)
    ]
    (message,) = as_one([*as_messages(files), PromptMessage(Role.USER, question)])
    return message.text


class TestAQuestionWithFiles:
    def test_is_told_from_its_files(self) -> None:
        found = attached.split(asked("What is this?", "def f():\n```\n````", 'Attached file "x":', "c"))

        assert (found.names, found.question) == (("file0.py", "file1.py", "file2.py"), "What is this?")

    def test_without_files_stays_as_it_is(self) -> None:
        assert attached.split("Attached is nothing.\n```\na\n```").question == "Attached is nothing.\n```\na\n```"

    def test_is_answered_as_what_it_is_and_names_them(self) -> None:
        model = catalogue.find("demo-local")
        assert model is not None
        text = asked("Schreib mir ein Gedicht über den Herbst", "print(1)", "b", "c", "d")
        picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
        question = understand([{"role": "user", "content": [{"type": "text", "text": text}, picture]}])

        assert question.kind == "literary"
        assert answers.compose(question, model).startswith(
            "Mitgeschickt: „file0.py“, „file1.py“, „file2.py“ und 1 weitere."
        )
