"""What inspection of a text yields: findings, a label, and never the text itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from uuid import UUID

Exempt = Mapping[UUID, frozenset[str]]
"""Stored question -> the types of findings in it that compliance has declared not private."""


class Sensitivity(IntEnum):
    """The label of a text, ordered: a combination of texts carries the highest label among them.

    `UNCLASSIFIED` (the detector failed, timed out, or the text is too long) is treated like `SENSITIVE` by every
    boundary, and stays distinguishable because it may never be masked.
    """

    CLEAN = 0
    SENSITIVE = 1
    UNCLASSIFIED = 2

    @property
    def word(self) -> str:
        """The name used on the wire: `clean`, `sensitive`, `unclassified`."""
        return self.name.lower()

    @classmethod
    def parse(cls, word: str) -> "Sensitivity":
        return cls[word.upper()]

    @property
    def must_stay_inside(self) -> bool:
        return self is not Sensitivity.CLEAN


class PrivacyAction(StrEnum):
    """What a policy does with sensitive text."""

    SELF_HOSTED = "self_hosted"
    MASK = "mask"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Finding:
    """One detected entity. `start` and `end` are code-point offsets in the original text; `score` is in [0, 1]."""

    type: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result for one text. `why` says why it could not be classified: `detector_error`, `timeout`, `too_long`."""

    sensitivity: Sensitivity
    findings: tuple[Finding, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Inspection:
    """The result for everything that one request would send.

    `entities` counts the triggering types; `labels` holds one label per message of the request, in order; `newest` is
    the verdict of the last user message, whose offsets the chat can underline. `exempt` are the exceptions that were
    in force for messages of the request, and `harmless` the texts, case-folded, that do not count because of them.
    """

    sensitivity: Sensitivity
    entities: tuple[tuple[str, int], ...]
    labels: tuple[Sensitivity, ...] = ()
    newest: Verdict = Verdict(Sensitivity.CLEAN)
    why: str = ""
    cpu_ms: float = 0.0
    exempt: Exempt = field(default_factory=dict)
    harmless: frozenset[str] = field(default=frozenset(), repr=False)


def highest(labels: Iterable[Sensitivity]) -> Sensitivity:
    """The label of a combination; nothing at all is clean."""
    return max(labels, default=Sensitivity.CLEAN)
