"""What another strategy or dial would have chosen, from stored decisions: features and figures, never text. Pure.

A record names each permitted candidate with the quality and the cost that were expected of it then. The strategy is
asked again with these; the limits are not, since what they rejected then stays rejected.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from apps.domain.catalogue import Candidate, Hosting, Profile
from apps.domain.decision import RoutingRequest
from apps.domain.ids import ProviderId
from apps.domain.intent import Intent
from apps.domain.privacy import Sensitivity
from apps.routing.engine.decide import STRATEGIES
from apps.routing.engine.ranking import Option

_BY_HAND: Final = "you_chose"
"""The code of the reason that a person named the model: no dial changes that."""

_CERTAINTY: Final = 20.0
"""Of records that do not say how many observations a quality was worth: as without measurements."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One decision as its record tells it: what was known, who was permitted, and who came first."""

    request: RoutingRequest
    options: tuple[Option, ...]
    chosen: Option


@dataclass(slots=True)
class Total:
    """What some choices amount to. `quality` is a sum of expected qualities in [0, 1], `cost` of micro-dollars."""

    cost_micro_usd: int = 0
    quality: float = 0.0
    models: Counter[str] = field(default_factory=Counter)
    hosting: dict[str, Hosting] = field(default_factory=dict)
    """Where each of these models ran, as the newest decision says: some may be gone from the catalogue."""

    def add(self, option: Option) -> None:
        self.cost_micro_usd += option.estimate
        self.quality += option.quality
        self.models[option.name] += 1
        self.hosting.setdefault(option.name, option.candidate.hosting)


@dataclass(slots=True)
class Replayed:
    """The same questions before and after. `changed` of `decisions` would have gone to another model."""

    records: int = 0
    """All that were looked at, refusals and what could not be read included."""
    decisions: int = 0
    by_hand: int = 0
    """Decisions where a person had named the model; they count nowhere else."""
    changed: int = 0
    before: Total = field(default_factory=Total)
    after: Total = field(default_factory=Total)


def replay(records: Iterable[Mapping[str, Any]], *, strategy: str, dial: float) -> Replayed:
    """Ask a strategy again about decisions on record; refusals, and records that cannot be read, are left out.

    Args:
        strategy: one of the registry, or `fixed:NAME`.
        dial: of `balanced`, in [0, 1].
    """
    found = Replayed()
    name, _, model = strategy.partition(":")
    for record in records:
        found.records += 1
        if _is_by_hand(record):
            found.by_hand += 1
            continue
        stored = read(record)
        if stored is None:
            continue
        wanted = replace(stored.request, strategy=strategy, dial=dial, preferred=(model,) if model else ())
        first = STRATEGIES[name].rank(wanted, stored.options).order[0].option
        found.decisions += 1
        found.changed += first.name != stored.chosen.name
        found.before.add(stored.chosen)
        found.after.add(first)
    return found


def read(record: Mapping[str, Any]) -> Stored | None:
    """A record as the engine takes it; None where it holds no choice."""
    intent, entries = record.get("intent"), record.get("candidates")
    if not intent or not entries:
        return None
    options = tuple(_option(entry) for entry in entries)
    request = RoutingRequest(
        intent=_intent(intent),
        sensitivity=Sensitivity.parse(record.get("sensitivity", {}).get("label", "clean")),
        input_tokens=record.get("input_tokens", 0),
        output_tokens=0,
        images=0,
        needs=frozenset(),
        constraints=(),
        strategy=record.get("strategy", "balanced"),
        sticky=record.get("sticky"),
        seed=record.get("seed", 0),
        predictions=tuple(sorted(record.get("predictions", {}).items())),
        least_gain=record.get("least_gain", 0.0),
        explores=record.get("explores", False),
        budget_used=record.get("budget_used"),
    )
    return Stored(request, options, chosen=options[0])


def _is_by_hand(record: Mapping[str, Any]) -> bool:
    return any(said and said.get("code") == _BY_HAND for said in record.get("said", ()))


def _option(entry: Mapping[str, Any]) -> Option:
    candidate = Candidate(
        model=entry["model"],
        upstream="",
        provider=ProviderId(0),
        provider_name="",
        hosting=Hosting(entry["hosting"]),
        region="",
        context_tokens=0,
        max_output_tokens=0,
        price=None,
        profile=Profile(first_token_ms=entry.get("first_token_ms")),
    )
    return Option(
        candidate=candidate,
        quality=entry["quality"],
        estimate=entry["estimate_micro_usd"],
        worst_case=entry["worst_case_micro_usd"],
        max_output_tokens=0,
        certainty=entry.get("certainty", _CERTAINTY),
    )


def _intent(stored: Mapping[str, Any]) -> Intent:
    return Intent(
        task=stored["task"],
        domain=stored["domain"],
        complexity=stored["complexity"],
        creativity=stored["creativity"],
        length=stored["length"],
        words=stored["words"],
        confidence=tuple(sorted(stored.get("confidence", {}).items())),
        language=stored.get("language", "und"),
    )
