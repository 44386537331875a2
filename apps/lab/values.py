"""What others read of the lab: values, never rows. Amounts are micro-dollars, qualities lie in [0, 1]."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from apps.domain.ids import TenantId, UserId
from apps.domain.sentences import said

GENERAL: Final = "general"
"""The short name of the suite that comes with the project."""

DEFAULT_BUDGET: Final = 5_000_000
DEFAULT_RATE: Final = 60
DEFAULT_OUTPUT_TOKENS: Final = 2_000
MAX_RATE: Final = 6_000
MAX_ANSWERS: Final = 20_000
"""Questions times models of one run."""
MAX_MODELS: Final = 50

Reason = dict[str, Any]


def reason(detail: str) -> Reason:
    """A sentence as it is stored: its words, and what a page in another language builds its own from."""
    return {"detail": str(detail)[:1_000], "said": said(detail)}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a run may cost at most, and how many calls of models it makes a minute, judges included."""

    budget: int = DEFAULT_BUDGET
    rate: int = DEFAULT_RATE


@dataclass(frozen=True, slots=True)
class Wanted:
    """A run that somebody asks for. No models: all that the company has. `sample`: so many questions, by the seed.

    `judge` is empty for the best permitted model other than the judged one.
    """

    suite: str
    models: tuple[str, ...] = ()
    judge: str = ""
    bounds: Bounds = Bounds()
    seed: int = 0
    sample: int | None = None
    max_output_tokens: int = DEFAULT_OUTPUT_TOKENS


@dataclass(frozen=True, slots=True)
class SuiteRecord:
    """A suite in its newest version. A shipped one that nobody has used yet has no `created_at`."""

    slug: str
    name: str
    shipped: bool
    version: int
    questions: int
    digest: str
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run and how far it is: `done` of `total` answers, of which some are checked, failed or skipped."""

    id: UUID
    tenant: TenantId
    suite: str
    version: int
    models: tuple[str, ...]
    judge: str
    state: str
    reason: Reason | None
    bounds: Bounds
    seed: int
    max_output_tokens: int
    total: int
    checked: int
    failed: int
    skipped: int
    cost: int
    user: UserId | None
    scheduled: bool
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def done(self) -> int:
        return self.checked + self.failed + self.skipped

    @property
    def is_over(self) -> bool:
        """Whether it will not go on by itself."""
        return self.state not in {"queued", "running"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one call of the judge said."""

    role: str
    judge: str
    text: str = field(repr=False)
    state: str = ""
    cost: int = 0


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """One answer with its question. `value` None: it is not checked; `code` then says why, once that is known."""

    id: UUID
    question: str
    prompt: str = field(repr=False)
    task: str
    domain: str
    check: str
    expected: Mapping[str, Any] = field(repr=False)
    model: str
    state: str
    code: str
    reason: Reason | None
    text: str = field(repr=False)
    value: float | None
    label: int
    finish: str
    cost: int
    first_token_ms: int | None
    duration_ms: int | None
    tries: int
    turn: UUID | None
    asked_at: datetime | None
    verdicts: tuple[Verdict, ...] = ()


@dataclass(frozen=True, slots=True)
class ScheduleRecord:
    """The canaries of a company. `phase` is, per model, `learning` or `watching`."""

    suite: str
    enabled: bool
    models: tuple[str, ...]
    every_days: int
    learn_from: int
    bounds: Bounds
    next_at: datetime | None
    phase: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AlarmRecord:
    """A model that has silently changed. `chance`: how often an unchanged one would do as badly."""

    id: UUID
    run: UUID
    model: str
    asked: int
    failed: int
    expected: float
    chance: float
    raised_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: UserId | None
