"""What a verification finds: violations with ids and a sentence, never content."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

LISTED: Final = 100
"""Further violations of a check are counted, not listed."""


class Violation(NamedTuple):
    """One thing that is not as promised. `subject` names the row: `turn 0190...`, `period 7`, `entry 12`."""

    subject: str
    sentence: str


@dataclass(slots=True)
class Finding:
    """The verdict of one check on one company. `looked` is how many of `what` it looked at."""

    company: str
    check: str
    what: str
    looked: int = 0
    violations: list[Violation] = field(default_factory=list)
    count: int = 0
    """Of violations, those that are not listed included."""

    @property
    def passed(self) -> bool:
        return not self.count

    def add(self, violations: Iterable[Violation]) -> None:
        for violation in violations:
            self.count += 1
            if len(self.violations) < LISTED:
                self.violations.append(violation)
