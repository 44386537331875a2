"""What a model writes may be private itself: from the first finding on the answer is labelled (promises P17, P19).

The text is inspected in steps while it grows, beside the stream, and the rest of it before it is closed. A hard
identifier or a secret makes it sensitive, a detector that fails unclassified; a name alone does neither. The label is
the turn's from then on: no model outside goes on with it, and the stored answer carries it.
"""

from collections import Counter
from dataclasses import replace
from typing import Final

import structlog

from apps.domain.ids import TenantId
from apps.domain.privacy import Sensitivity, Verdict, highest
from apps.domain.turn import Channel, Labelled
from apps.privacy import services as privacy
from apps.privacy.values import Profile
from apps.turns import context
from apps.turns.context import TenantContext
from apps.turns.flow import Flow
from apps.turns.models import Turn

log = structlog.get_logger(__name__)

SWEPT_CHARS: Final = 50_000
"""A longer answer of a dead process is not inspected: the sweep must not keep its own process from its heartbeat."""
Counts = tuple[tuple[str, int], ...]


def look(flow: Flow) -> Labelled | None:
    """Between two pieces of the answer, once `flow.watch.due_at` is reached: what the step that has ended found.

    Takes microseconds. An answer that is labelled already is not inspected.
    """
    watch = flow.watch
    if watch.is_running:
        verdict = watch.verdict()
        return None if verdict is None else _note(flow, verdict)
    rules = _rules_of(flow)
    if rules is None:
        watch.end()
    else:
        watch.begin(flow.text, rules)
    return None


def finish_now(flow: Flow) -> bool:
    """Inspect what no step has seen, and tool calls. False: that takes longer, and is `finish`'s."""
    rules = _rules_of(flow)
    rest = _rest(flow) if rules else ""
    if rules is not None and rest:
        if not privacy.is_quick(rest):
            return False
        _note(flow, privacy.inspect_answer_now(rest, rules))
    flow.watch.end()
    return True


async def finish(flow: Flow) -> None:
    """As `finish_now`, in the processor pool."""
    rules = _rules_of(flow)
    rest = _rest(flow) if rules else ""
    flow.watch.end()
    if rules is not None and rest:
        _note(flow, await privacy.inspect_answer(rest, rules))


def of_stored(turn: Turn, text: str) -> tuple[Sensitivity, Counts]:
    """The label of an answer whose process died, and what gave it. Sync; reads the tenant's policy.

    Nobody knows how much of it was inspected, or what was found.
    """
    label = Sensitivity.parse(turn.sensitivity)
    if label.must_stay_inside or not text:
        return label, ()
    if len(text) > SWEPT_CHARS:
        return Sensitivity.UNCLASSIFIED, ()
    known = context.load(TenantId(turn.tenant_id))
    team = next((record.slug for record in known.teams.values() if record.id == turn.team_id), None)
    rules = _rules(known, Channel(turn.channel), team)
    if rules is None:
        return label, ()
    verdict = privacy.inspect_answer_now(text, rules)
    return highest((label, verdict.sensitivity)), _counts(verdict)


def _rest(flow: Flow) -> str:
    calls = (part for call in flow.tool_calls for part in (call.name, call.arguments))
    return "\n\n".join(filter(None, (flow.watch.rest(flow.text), *calls)))


def _rules_of(flow: Flow) -> privacy.AnswerRules | None:
    """What may label the answer; None when it is labelled, or nothing can."""
    if flow.inspection.sensitivity.must_stay_inside:
        return None
    return _rules(flow.asked.context, flow.request.channel, flow.asked.team_slug, flow.inspection.harmless)


def _rules(
    known: TenantContext, channel: Channel, team: str | None, harmless: frozenset[str] = frozenset()
) -> privacy.AnswerRules | None:
    profile = Profile.of(known.tenant.id, known.policy, channel=channel.value, team=team)
    return privacy.answer_rules(profile, harmless=harmless)


def _note(flow: Flow, verdict: Verdict) -> Labelled | None:
    """The label is that of everything that goes on from here: a switch, the close, the next question."""
    if not verdict.sensitivity.must_stay_inside:
        return None
    flow.watch.end()
    flow.found_in_answer = _counts(verdict)
    label = highest((flow.inspection.sensitivity, verdict.sensitivity))
    flow.inspection = replace(flow.inspection, sensitivity=label, why=flow.inspection.why or verdict.why)
    log.info(
        "turn.answer_labelled", turn=str(flow.request.turn), sensitivity=label.word, types=len(flow.found_in_answer)
    )
    return Labelled(flow.request.turn, label)


def _counts(verdict: Verdict) -> Counts:
    return tuple(sorted(Counter(finding.type for finding in verdict.findings).items()))
