"""What can be wrong with a configuration file: one error type that carries every problem by its path in the file."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import NamedTuple

from apps.domain.errors import InvalidRequest


class Problem(NamedTuple):
    """`tenants[0].teams[1].budgets[0].limit` and a sentence."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class InvalidConfiguration(InvalidRequest):
    """The file is not valid; nothing was changed. `problems` holds all of them, not the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = "one problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        super().__init__(
            f"The configuration has {count}; nothing was changed.",
            fields={problem.path: problem.message for problem in self.problems},
        )


def unknown(what: str, name: str, known: Sequence[str]) -> str:
    """`there is no model "gpt-mni"; did you mean "gpt-mini"?`"""
    close = get_close_matches(name, known, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else "."
    return f"there is no {what} {name[:60]!r}{hint}"
