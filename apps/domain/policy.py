"""A tenant's rules as values. They can only narrow the set of permitted models, so their order never matters.

The grammar is the one of the configuration file: `when` (all must hold) and exactly one of `require`, `deny`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from apps.domain.catalogue import Candidate
from apps.domain.privacy import PrivacyAction, Sensitivity
from apps.domain.sentences import say

TARGETS = ("models", "providers", "hosting", "region", "capabilities")
FACTS = (
    "intent.task",
    "intent.domain",
    "intent.complexity",
    "intent.creativity",
    "intent.length",
    "team",
    "role",
    "channel",
    "tag",
    "language",
    "context_tokens",
    "sensitivity",
)

STRATEGIES = ("rules", "cheapest", "best", "balanced", "learned", "adaptive", "cascade", "vote", "budget")
"""The strategies of this version, beside `fixed:NAME`; `vote:N` says how many models vote."""
DEFAULT_VOTERS = 3
VOTERS = range(2, 6)


def is_strategy(name: str) -> bool:
    """Whether this names a strategy that needs no model: one of `STRATEGIES`, or `vote:2` to `vote:5`."""
    return name in STRATEGIES or name in {f"vote:{number}" for number in VOTERS}


FactValue = str | int | float | frozenset[str]
Facts = Mapping[str, FactValue]
"""What is known about a request, by the names in `FACTS`; `tag` is a set, the rest single values."""


class PersonLevel(StrEnum):
    """How eagerly a name counts as sensitive: never, as a full name or in context, or any name."""

    OFF = "off"
    CONTEXT = "context"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Condition:
    """One fact that must hold: one of `values`, or a number within [minimum, maximum]."""

    fact: str
    values: frozenset[str] = frozenset()
    minimum: float | None = None
    maximum: float | None = None

    def holds(self, facts: Facts) -> bool:
        """True when the fact is known and fits. An unknown fact never fits."""
        known = facts.get(self.fact)
        if known is None:
            return False
        if isinstance(known, frozenset):
            return bool(known & self.values)
        if self.minimum is None and self.maximum is None:
            return str(known) in self.values
        if isinstance(known, str):
            return False
        return (self.minimum is None or known >= self.minimum) and (self.maximum is None or known <= self.maximum)


@dataclass(frozen=True, slots=True)
class Constraint:
    """What a model must be, or must not be. `origin` names the rule in words that an employee understands."""

    kind: str  # "require" | "deny"
    target: str  # one of TARGETS
    values: frozenset[str]
    origin: str

    def permits(self, candidate: Candidate) -> bool:
        match self.target:
            case "models":
                has = candidate.model in self.values
            case "providers":
                has = candidate.provider_name in self.values
            case "hosting":
                has = candidate.hosting.value in self.values
            case "region":
                has = candidate.region in self.values
            case _:
                held = candidate.capabilities & self.values
                has = held == self.values if self.kind == "require" else bool(held)
        return has if self.kind == "require" else not has


@dataclass(frozen=True, slots=True)
class Rule:
    """`when` all conditions hold, the constraint applies. No condition: it always applies."""

    when: tuple[Condition, ...]
    constraint: Constraint

    def applies(self, facts: Facts) -> bool:
        return all(condition.holds(facts) for condition in self.when)


@dataclass(frozen=True, slots=True)
class Route:
    """The strategy `rules`: when the conditions hold, prefer these models in this order. Never permits more."""

    when: tuple[Condition, ...]
    use: tuple[str, ...]

    def applies(self, facts: Facts) -> bool:
        return all(condition.holds(facts) for condition in self.when)


@dataclass(frozen=True, slots=True)
class SensitivitySettings:
    """Which findings force what. `force_self_hosted` holds entity types; dictionary terms count as `DICTIONARY`."""

    force_self_hosted: frozenset[str] = frozenset(
        {
            "PERSON",
            "CREDIT_CARD",
            "IBAN_CODE",
            "US_SSN",
            "EMAIL_ADDRESS",
            "PHONE_NUMBER",
            "SECRET",
            "CONFIDENTIAL",
            "STREET_ADDRESS",
            "IP_ADDRESS",
            "CRYPTO",
            "MEDICAL_LICENSE",
            "NATIONAL_ID",
            "ACCOUNT_NUMBER",
            "DICTIONARY",
        }
    )
    person: PersonLevel = PersonLevel.CONTEXT
    action: PrivacyAction = PrivacyAction.SELF_HOSTED
    mask_types: frozenset[str] = frozenset()
    threshold: float = 0.4
    allow: frozenset[str] = frozenset()
    """Exact texts, case-folded, that never count (the company's own switchboard number)."""


BALANCED = SensitivitySettings()
TECHNICAL = frozenset({"IP_ADDRESS", "CRYPTO"})
"""Identifiers of machines and wallets: noise in letters, and what source code is full of."""
PERSONAL = frozenset({"PERSON", "STREET_ADDRESS", "PHONE_NUMBER", "ACCOUNT_NUMBER", "MEDICAL_LICENSE"})
"""What code does not hold, but often seems to: identifiers in camel case, long numbers, paths."""

PRESETS: Mapping[str, SensitivitySettings] = {
    "balanced": BALANCED,
    "documents": replace(
        BALANCED, force_self_hosted=BALANCED.force_self_hosted - TECHNICAL, person=PersonLevel.ANY, threshold=0.4
    ),
    "source_code": replace(
        BALANCED, force_self_hosted=BALANCED.force_self_hosted - PERSONAL - TECHNICAL, person=PersonLevel.OFF
    ),
    "strict": replace(
        BALANCED,
        force_self_hosted=BALANCED.force_self_hosted | {"LOCATION", "ORGANIZATION"},
        person=PersonLevel.ANY,
        threshold=0.2,
    ),
}
"""Where a profile may begin: `balanced` is the default, `documents` for letters and contracts, `source_code` for
programs, `strict` where an alarm too many is better than one too few."""


@dataclass(frozen=True, slots=True)
class TextException:
    """What compliance has declared not private in one stored question: findings of these types, until then."""

    types: frozenset[str]
    until: datetime

    def holds(self, at: datetime) -> bool:
        return at < self.until


@dataclass(frozen=True, slots=True)
class TeamRouting:
    """How the questions of one team are routed, where that differs from the company; None: as the company's."""

    strategy: str | None = None
    dial: float | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy in force for one tenant, at one version.

    `sensitivity` is the tenant's; `channels` overrides it per channel (`api`, `chat`, `lab`) or per `team:SLUG`.
    `exceptions` are by the id of the question; they belong to no version: each has an end of its own.
    """

    version: int
    sensitivity: SensitivitySettings = SensitivitySettings()
    channels: Mapping[str, SensitivitySettings] = field(default_factory=dict)
    dictionaries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    routes: tuple[Route, ...] = ()
    max_output_tokens: int = 4000
    strategy: str = "balanced"
    dial: float = 0.5
    """In [0, 1]. `balanced` and `budget`: 0 is cheapest, 1 is best; `learned`: the share of questions that may go to
    the dearest model."""
    teams: Mapping[str, TeamRouting] = field(default_factory=dict)
    retention_days: int = 365
    mirror: str = "full"
    titles: bool = True
    learning: bool = True
    """Whether what happens in the chat changes what is expected of models. Speed and rates are measured anyway."""
    api_content: str = "none"
    exceptions: Mapping[UUID, TextException] = field(default_factory=dict)

    def sensitivity_for(self, *, channel: str, team: str | None) -> SensitivitySettings:
        """The profile of the team, else of the channel, else of the tenant."""
        return self.channels.get(f"team:{team}") or self.channels.get(channel) or self.sensitivity

    def strategy_for(self, team: str | None) -> str:
        """The strategy of the team, else of the company."""
        own = self.teams.get(team) if team else None
        return self.strategy if own is None or own.strategy is None else own.strategy

    def dial_for(self, team: str | None) -> float:
        """The dial of the team, else of the company, in [0, 1]."""
        own = self.teams.get(team) if team else None
        return self.dial if own is None or own.dial is None else own.dial

    def constraints(self, facts: Facts) -> tuple[Constraint, ...]:
        """All constraints whose rule matches. A set: order is irrelevant, more rules never permit more."""
        return tuple(rule.constraint for rule in self.rules if rule.applies(facts))


def stays_inside(label: Sensitivity, *, masked: bool = False) -> Constraint | None:
    """The constraint that a label forces, whatever the rules say.

    Args:
        masked: what would leave has placeholders for everything that was found, and was inspected again. What could not
            be classified stays inside all the same.
    """
    if not label.must_stay_inside or (masked and label is Sensitivity.SENSITIVE):
        return None
    why = "it contains private data" if label is Sensitivity.SENSITIVE else "its content could not be classified"
    origin = say("stays_inside", f"the text stays inside because {why}", label=label.word)
    return Constraint("require", "hosting", frozenset({"self_hosted"}), origin)
