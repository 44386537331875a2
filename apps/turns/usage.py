"""What one person asked in a month: day by day, by model, and what became of private text. Counts, never text."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import BigIntegerField, Count, Q, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, TruncDate

from apps.domain.catalogue import Hosting
from apps.domain.ids import TenantId, UserId
from apps.domain.privacy import Sensitivity
from apps.domain.turn import Channel
from apps.turns.models import Turn

_ASKED: Final = ~Q(channel=Channel.BACKGROUND)
"""Titles and the like cost money, but nobody asked them."""
_PRIVATE: Final = _ASKED & ~Q(sensitivity=Sensitivity.CLEAN.word)


@dataclass(frozen=True, slots=True)
class Sums:
    """Questions by where they went, and their cost in micro-dollars. `nowhere`: nothing was sent to any model."""

    inside: int = 0
    outside: int = 0
    nowhere: int = 0
    cost: int = 0


@dataclass(frozen=True, slots=True)
class ModelSums:
    """Questions that a model answered last, and what these turns cost in micro-dollars."""

    model: str
    hosting: str
    questions: int
    cost: int


@dataclass(frozen=True, slots=True)
class OwnUsage:
    """A month of one person. `largest` is what always asking the largest permitted model would have cost at most."""

    days: tuple[tuple[date, Sums], ...]
    models: tuple[ModelSums, ...]
    private: Sums
    found: tuple[tuple[str, int], ...]
    """Types of private details, and in how many questions each was found; the most frequent first."""
    largest: int


def of_person(tenant: TenantId, user: UserId, starts: datetime, ends: datetime, tz: ZoneInfo) -> OwnUsage:
    """The turns opened in `[starts, ends)`; their days are those of `tz`."""
    rows = Turn.objects.for_tenant(tenant).filter(user_id=user, opened_at__gte=starts, opened_at__lt=ends)
    private = rows.filter(_PRIVATE)
    return OwnUsage(
        days=_days(rows, tz),
        models=_models(rows),
        private=_sums(private.order_by("hosting").values("hosting").annotate(**_FIGURES)),
        found=_found(private),
        largest=_largest(rows),
    )


_FIGURES: Final[dict[str, Any]] = {
    "questions": Count("id", filter=_ASKED),
    "spent": Coalesce(Sum("cost"), 0),
}


def _sums(rows: Any) -> Sums:
    by_hosting: Counter[str] = Counter()
    cost = 0
    for row in rows:
        by_hosting[row["hosting"]] += row["questions"]
        cost += row["spent"]
    inside, outside = by_hosting.pop(Hosting.SELF_HOSTED, 0), by_hosting.pop(Hosting.COMMERCIAL, 0)
    return Sums(inside=inside, outside=outside, nowhere=by_hosting.total(), cost=cost)


def _days(rows: QuerySet[Turn], tz: ZoneInfo) -> tuple[tuple[date, Sums], ...]:
    found: dict[date, list[dict[str, Any]]] = {}
    dated = rows.annotate(day=TruncDate("opened_at", tzinfo=tz)).order_by("day", "hosting").values("day", "hosting")
    rows_of_days: Any = dated.annotate(**_FIGURES)
    for row in rows_of_days:
        found.setdefault(row["day"], []).append(row)
    return tuple((day, _sums(parts)) for day, parts in found.items())


def _models(rows: QuerySet[Turn]) -> tuple[ModelSums, ...]:
    named = rows.exclude(model="").order_by("model", "hosting").values("model", "hosting")
    sent: Any = named.annotate(**_FIGURES)
    found = [ModelSums(row["model"], row["hosting"], row["questions"], row["spent"]) for row in sent]
    return tuple(sorted(found, key=lambda sums: (-sums.questions, -sums.cost, sums.model)))


def _found(private: QuerySet[Turn]) -> tuple[tuple[str, int], ...]:
    counts: Counter[str] = Counter()
    for types in private.order_by("id").values_list("decision__sensitivity__entities", flat=True).iterator(1000):
        counts.update(set(types or ()))
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _largest(rows: QuerySet[Turn]) -> int:
    amount = Cast(KeyTextTransform("largest_micro_usd", "decision"), BigIntegerField())
    return int(rows.filter(_ASKED).exclude(cost=None).aggregate(sum=Coalesce(Sum(amount), 0))["sum"])
