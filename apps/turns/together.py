"""Which of the ranked models are asked at once, to vote on the answer. Pure."""

from collections.abc import Sequence

from apps.domain.decision import Decision, Ranked


def voters(decision: Decision | None, ranked: Sequence[Ranked], *, masked: bool, limit: int | None) -> tuple[int, ...]:
    """Positions in `ranked`, the first one among them; empty where there is no vote.

    Args:
        masked: models outside would be shown placeholders. Then all voters run where the first one does: what a model
            inside was shown goes to no model outside, masked or not (promise P18).
        limit: what the caller permits the whole answer to cost, in micro-dollars.
    """
    if decision is None or decision.together < 2 or not ranked:
        return ()
    first, places, amount = ranked[0], [0], ranked[0].worst_case_micro_usd
    for place, entry in enumerate(ranked[1 : decision.together], start=1):
        is_elsewhere = entry.candidate.hosting is not first.candidate.hosting
        is_too_dear = limit is not None and amount + entry.worst_case_micro_usd > limit
        if not entry.candidate.healthy or (masked and is_elsewhere) or is_too_dear:
            continue
        places.append(place)
        amount += entry.worst_case_micro_usd
    return tuple(places) if len(places) > 1 else ()
