"""What would happen to a question while it is typed: who would answer, what else would change that, and who would pay.

A counterfactual is the same decision about the same text with placeholders instead of what was found: `<IBAN_CODE>`
keeps the meaning, where leaving words out would not. Work is bounded: `MOST` further decisions, an inspection each.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from apps.budgets import selectors as budgets
from apps.budgets.disclosure import disclosure
from apps.core import clock
from apps.core.threads import in_db
from apps.domain.decision import Ranked
from apps.domain.privacy import Finding, Inspection
from apps.privacy import services as privacy
from apps.turns import services as turns

MOST: Final = 4
"""Counterfactual decisions of one check; `without` is one more, and older."""
LONG: Final = 20_000
"""Code points from which only everything together is tried: a scan takes its time."""
CLEARLY: Final = 0.05
"""Of the expected quality in [0, 1]: a smaller difference between two models is none that people would notice."""


@dataclass(frozen=True, slots=True)
class Change:
    """What replacing these kinds of findings would change. `better` is 1, 0 or -1 against the present route, 1 where
    nobody may answer the text as it stands."""

    remove: tuple[str, ...]
    spans: tuple[privacy.Placeholder, ...]
    chosen: Ranked
    task: str
    domain: str
    better: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """The budget that would be used up first. Micro-dollars; `left` is None where it would tell what few others spend,
    `ends_at` where the budget never does."""

    left: int | None
    limit: int
    period: str
    ends_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would happen. `without`: the same without what was found, None when nothing was or nothing would be left."""

    found: turns.Check
    without: turns.Check | None = None
    changes: tuple[Change, ...] = ()
    allowance: Allowance | None = None


async def foresee(found: turns.Check, text: str) -> Foreseen:
    """Complete a check of `text`, the newest message. Nothing is stored, reserved or sent."""
    rest = without(text, found.inspection)
    return Foreseen(
        found=found,
        without=None if rest is None else await turns.check_instead(found, rest),
        changes=await _changes(found, text),
        allowance=await _allowance(found),
    )


def without(text: str, inspection: Inspection) -> str | None:
    """The text without what was found in it; None when nothing was found there, or nothing is left."""
    found: tuple[Finding, ...] = inspection.newest.findings
    for span in sorted(found, key=lambda span: span.start, reverse=True):
        text = text[: span.start] + text[span.end :]
    return text if found and text.strip() else None


def kinds_to_try(findings: Sequence[Finding], *, is_long: bool) -> list[tuple[str, ...]]:
    """Each kind of finding by itself, in the order of the text, then all of them: at most `MOST` in all."""
    kinds = tuple(dict.fromkeys(finding.type for finding in sorted(findings, key=lambda finding: finding.start)))
    if len(kinds) < 2 or is_long:
        return [kinds] if kinds else []
    return [*((kind,) for kind in kinds[: MOST - 1]), kinds]


def compared(now: Ranked | None, then: Ranked, others: Sequence[Ranked]) -> int:
    """Whether `then` would answer clearly better than `now` (1), worse (-1), or neither (0).

    Args:
        others: the ranking that `then` comes from; where it holds the present model, one yardstick measures both.
    """
    if now is None:
        return 1
    same = next((entry for entry in others if entry.candidate.model == now.candidate.model), now)
    difference = then.expected_quality - same.expected_quality
    return 0 if abs(difference) < CLEARLY else 1 if difference > 0 else -1


async def _changes(found: turns.Check, text: str) -> tuple[Change, ...]:
    findings = found.inspection.newest.findings
    made = []
    for kinds in kinds_to_try(findings, is_long=len(text) > LONG):
        await asyncio.sleep(0)  # a short text is scanned on this loop: others come in between
        spans = privacy.placeholders(text, [finding for finding in findings if finding.type in kinds])
        change = _change(found, await turns.check_instead(found, privacy.replaced(text, spans)), kinds, spans)
        if change is not None:
            made.append(change)
    return tuple(made)


def _change(
    found: turns.Check, then: turns.Check, kinds: tuple[str, ...], spans: tuple[privacy.Placeholder, ...]
) -> Change | None:
    """None where nobody could answer then, or the same model as now."""
    now, chosen = _chosen(found), _chosen(then)
    if chosen is None or (now is not None and _route(now) == _route(chosen)):
        return None
    return Change(
        remove=kinds,
        spans=spans,
        chosen=chosen,
        task=str(then.choice.facts.get("intent.task", "")),
        domain=str(then.choice.facts.get("intent.domain", "")),
        better=compared(now, chosen, then.choice.ranked),
    )


def _chosen(check: turns.Check) -> Ranked | None:
    return check.choice.ranked[0] if check.choice.ranked else None


def _route(entry: Ranked) -> tuple[str, str]:
    return entry.candidate.model, entry.candidate.hosting.value


async def _allowance(found: turns.Check) -> Allowance | None:
    """None where no budget limits the model that would answer, or none would."""
    chosen, asked = _chosen(found), found.asked
    if chosen is None or not chosen.periods:
        return None
    team = asked.team.id if asked.team else None
    standing = await in_db(budgets.meter, asked.request.principal.tenant, team, clock.now())
    names = chosen.candidate.model
    paying = [meter for meter in standing if meter.budget.models is None or names in meter.budget.models]
    if not paying:  # removed since the snapshot
        return None
    tightest = min(paying, key=lambda meter: (meter.left, meter.budget.id))
    is_shown = disclosure(asked.context.people.values()).shows(tightest.budget.team)
    return Allowance(
        left=tightest.left if is_shown else None,
        limit=tightest.budget.limit,
        period=tightest.budget.period,
        ends_at=None if tightest.budget.period == "total" else tightest.ends,
        state=tightest.state,
    )
