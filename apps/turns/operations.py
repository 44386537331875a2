"""The durable steps of a turn, as values that the writer commits in batches."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from apps.domain.decision import Decision, Ranked
from apps.domain.errors import OpenRouteError
from apps.domain.ids import PeriodId, TenantId, TurnId
from apps.domain.money import Usage
from apps.domain.privacy import Inspection
from apps.domain.turn import Finish, JsonObject, ToolCall, TurnRequest

MIN_GRANTED_TOKENS = 32
"""An answer is lowered to what the budget covers, but not below this: a cut sentence helps nobody."""


@dataclass(frozen=True, slots=True)
class Idempotency:
    """The caller's own id of the question, hashed; a second open with the same digest is the same question."""

    digest: str
    body_hash: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OpenTurn:
    """Record the question, reserve the worst case, and say in the audit trail that it is about to be sent.

    `ranked` carries each candidate's worst case and budget periods: under the locks the planner takes the first that
    fits in full, else the first that fits with a lowered length. `refusal` is set when privacy or policy said no:
    the question is stored as refused, and nothing is reserved.
    """

    request: TurnRequest
    inspection: Inspection
    ranked: tuple[Ranked, ...]
    decision: Decision | None
    record: JsonObject
    policy_version: int
    config_version: int
    input_tokens: int
    images: int
    owner: UUID
    refusal: OpenRouteError | None = None
    idempotency: Idempotency | None = None
    voters: tuple[int, ...] = ()
    """Positions in `ranked` of those that are asked at once and vote; each of them that is covered in full."""

    @property
    def turn(self) -> TurnId:
        return self.request.turn

    @property
    def tenant(self) -> TenantId:
        return self.request.principal.tenant


@dataclass(frozen=True, slots=True)
class ExtendTurn:
    """Record and reserve one further attempt before it is sent. `failed` says why the one before did not answer.

    `sensitivity` is the label now: a policy that changed meanwhile may have raised it, or the answer so far, of which
    `keeps` code points are sent along. `is_from_outside`: a commercial model wrote some of them. `masked`: types and
    counts of what a model outside gets placeholders for.
    """

    turn: TurnId
    tenant: TenantId
    actor: str
    number: int
    ranked: tuple[Ranked, ...]
    input_tokens: int
    images: int
    failed: str
    sensitivity: str
    keeps: int = 0
    is_from_outside: bool = False
    masked: tuple[tuple[str, int], ...] = ()
    fault: str = ""
    """What the checker found wrong with the answer before, where that was `not_good_enough`."""
    gave_way: tuple[tuple[int, str], ...] = ()
    """Numbers and codes of the attempts that did not answer since the last record; empty: the one before, `failed`."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What an open or an extension permits: this model, so many output tokens, so much money set aside.

    `others`: what an open permits beside it, attempts 2, 3, ... in order. `missing`: so many more were to be asked at
    once, and are not.
    `used`: of an open, the share of each of its budget periods that others had spent or reserved. It is told for what
    comes later and is no part of the grant: one that is found again after a lost commit does not know it.
    """

    choice: int  # position in `ranked`
    max_output_tokens: int
    reserved_micro_usd: int
    lowered: bool
    others: tuple["Grant", ...] = ()
    missing: int = 0
    used: tuple[tuple[PeriodId, float], ...] = field(default=(), compare=False)

    @property
    def all(self) -> tuple["Grant", ...]:
        """Everything that is permitted at once, in the order of attempts."""
        return (self, *self.others)


@dataclass(frozen=True, slots=True)
class Refused:
    """The turn is on record as refused; nothing may be sent."""

    error: OpenRouteError


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The caller's id was used before, for this turn. `same_body` False: with another request."""

    turn: TurnId
    same_body: bool


@dataclass(frozen=True, slots=True)
class StaleSnapshot:
    """Rights or policy changed since the snapshot that the decision rests on: decide again."""


@dataclass(frozen=True, slots=True)
class AttemptOutcome:
    """How one attempt ended. `cost_micro_usd` is 0 when the provider refused before it did any work."""

    number: int
    model: str
    provider: str
    usage: Usage
    cost_micro_usd: int
    answered: bool
    code: str = ""
    keeps: int = 0
    """Length of the answer, in code points, when it was asked."""
    hosting: str = ""
    aside: bool = False
    """It was asked, and nothing of what it wrote stands in the answer, which is another one's: that one took over from
    nobody."""


@dataclass(frozen=True, slots=True)
class CloseTurn:
    """Settle a turn: answer, ledger, audit outcome, outbox. Takes effect once, however often it is asked for.

    `attempts` None means that the owner died: the whole reservation is charged as an estimate, to be reconciled.
    """

    turn: TurnId
    tenant: TenantId
    recorder: str
    state: str
    text: str = field(repr=False)
    attempts: tuple[AttemptOutcome, ...] | None
    model: str
    hosting: str
    finish: Finish | None = None
    code: str = ""
    detail: str = ""
    partial: bool = False
    first_token_ms: int | None = None
    answer_label: str = ""
    answer_entities: tuple[tuple[str, int], ...] = ()
    """Types and counts of what was found in the answer itself."""
    periods: tuple[PeriodId, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    vote: JsonObject | None = None
    """Who answered what, where several models were asked at once: attempts and numbers of clusters, never text."""
    idempotency: str = ""
    """Digest of the caller's own id: an answer is kept with it, encrypted, for a retry; a failure frees it."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The outcome of a close: `cost_micro_usd` is what the ledger holds. `first` False: somebody had closed it.

    `whole` False: the database refused what was answered, so the turn has failed, without its text.
    """

    cost_micro_usd: int
    first: bool = True
    whole: bool = True


@dataclass(frozen=True, slots=True)
class TextPiece:
    """A piece of a running answer. `at` is its place in code points, `seq` the newest number that readers saw."""

    turn: TurnId
    tenant: TenantId
    at: int
    seq: int
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AppendTexts:
    """The journal (`TurnChunk`) of all running answers of a process since the last one."""

    pieces: tuple[TextPiece, ...]


@dataclass(frozen=True, slots=True)
class NoteRefusals:
    """Refusals that never became turns (rate limits): one audit entry per person, code and minute, with a count."""

    tenant: TenantId
    actor: str
    code: str
    count: int


Operation = OpenTurn | ExtendTurn | CloseTurn | AppendTexts | NoteRefusals
