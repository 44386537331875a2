"""Every published kind of audit event has a writer: what documents promise to record is recorded (promise P24)."""

import ast
import re
from collections.abc import Iterable, Iterator

from apps.audit.kinds import KINDS
from tests.architecture.sources import Source, sources

LIST = "apps/audit/kinds.py"
COMPOSED = re.compile(r"[a-z_]*\{\}[a-z_.{}]*|[a-z_.]+\{\}")


def unwritten(kinds: Iterable[str], modules: Iterable[Source]) -> set[str]:
    """The kinds that no module names.

    A kind stands in a module as it is, or is composed there: `f"turn.{state}"` names `turn.failed` when `"failed"` is
    a word of the same app.
    """
    found = [module for module in modules if module.path != LIST]
    words: dict[str, set[str]] = {}
    for module in found:
        words.setdefault(_app(module), set()).update(_constants(module))
    named = set[str]().union(*words.values())
    forms = [(_app(module), form) for module in found for form in _composed(module)]
    return {
        kind for kind in kinds if kind not in named and not any(_fits(kind, form, words[app]) for app, form in forms)
    }


def _app(module: Source) -> str:
    return "/".join(module.path.split("/")[:2])


def _constants(module: Source) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _composed(module: Source) -> Iterator[str]:
    """The f-strings that look like kinds, each hole as `{}`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.JoinedStr):
            form = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
            if "." in form and COMPOSED.fullmatch(form):
                yield form


def _fits(kind: str, form: str, words: set[str]) -> bool:
    found = re.fullmatch(re.escape(form).replace(r"\{\}", "([a-z_]+)"), kind)
    return found is not None and words.issuperset(found.groups())


class TestTheListOfAuditedEvents:
    def test_holds_nothing_that_is_never_written(self) -> None:
        assert unwritten(KINDS, sources()) == set()


class TestTheSearchForWriters:
    """The test above must not pass because it finds everything everywhere."""

    @staticmethod
    def module(path: str, text: str) -> Source:
        return Source(path, ast.parse(text), 1)

    def test_finds_a_kind_without_a_writer(self) -> None:
        assert unwritten(["hold.set"], sources()) == {"hold.set"}

    def test_does_not_take_the_list_for_a_writer(self) -> None:
        assert unwritten(["hold.set"], [self.module(LIST, '"hold.set"')]) == {"hold.set"}

    def test_fills_holes_with_words_of_the_same_app_only(self) -> None:
        writer = self.module("apps/shelf/services.py", 'noun = "book"\nkind = f"{noun}.created"')
        stranger = self.module("apps/desk/services.py", 'noun = "pen"')

        assert unwritten(["book.created", "pen.created"], [writer, stranger]) == {"pen.created"}
