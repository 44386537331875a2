"""What the steps of one run share: who acts, when, and the changes so far."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from apps.domain.errors import OpenRouteError
from apps.operations.config.changes import Action, Change
from apps.operations.config.errors import InvalidConfiguration, Problem
from apps.operations.config.shape import Mark

ValueT = TypeVar("ValueT")


@dataclass(slots=True)
class Work:
    """One run. `issued` holds API keys that were made here: label -> value, shown once by the command."""

    actor: str
    at: datetime
    changes: list[Change] = field(default_factory=list)
    issued: dict[str, str] = field(default_factory=dict, repr=False)

    def note(self, change: Change) -> bool:
        """Remember what was done; True when something changed."""
        self.changes.append(change)
        return change.action is not Action.UNCHANGED

    @property
    def has_changes(self) -> bool:
        return any(change.action is not Action.UNCHANGED for change in self.changes)


def given(value: ValueT | Mark, otherwise: ValueT) -> ValueT:
    """What the file says, or what holds without it."""
    return otherwise if isinstance(value, Mark) else value


@contextmanager
def located(path: str) -> Iterator[None]:
    """Turn a service's refusal into a problem at this path of the file."""
    try:
        yield
    except InvalidConfiguration:
        raise
    except OpenRouteError as error:
        told = error.fields or {"": error.detail}
        raise InvalidConfiguration(
            [Problem(f"{path}.{name}" if name else path, sentence) for name, sentence in told.items()]
        ) from error
