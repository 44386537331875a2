"""What is known of the granted model only, in sentences for people: they stand behind the decision's own reasons."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.domain.catalogue import Hosting
from apps.domain.decision import Ranked
from apps.domain.sentences import Sentence, said, say
from apps.turns.operations import Grant


def remarks(grant: Grant, ranked: Sequence[Ranked], masked: Mapping[str, int]) -> tuple[Sentence, ...]:
    """What the budget changed, and what the model is not shown.

    Args:
        masked: types and counts of what a model outside gets placeholders for.
    """
    found = []
    if masked and ranked[grant.choice].candidate.hosting is Hosting.COMMERCIAL:
        template = "It is shown placeholders instead of private details ({kinds}); the answer has the details again."
        found.append(say("shown_masked", template, kinds=", ".join(masked), types=list(masked)))
    if grant.choice > 0:
        first, model = (ranked[place].candidate.model for place in (0, grant.choice))
        template = "{first} came first, but the budget does not cover its longest answer, so {model} was asked."
        found.append(say("passed_over", template, first=first, model=model))
    if grant.missing:
        wanted, models = len(grant.all) + grant.missing, [ranked[given.choice].candidate.model for given in grant.all]
        template = "Of the {wanted} models that were to answer at once, budgets and rules leave {listed}."
        found.append(say("vote_smaller", template, wanted=wanted, listed=", ".join(models), models=models))
    if grant.lowered:
        template = "The budget is nearly used up, so the answer is limited to {tokens} tokens."
        found.append(say("answer_lowered", template, tokens=grant.max_output_tokens))
    return tuple(found)


def recorded(record: Mapping[str, Any], grant: Grant, ranked: Sequence[Ranked]) -> Mapping[str, Any]:
    """The record of the decision with these remarks."""
    found = remarks(grant, ranked, record.get("masked", {}))
    if not found:
        return record
    reasons, sayings = record.get("reasons", ()), record.get("said", ())
    return {**record, "reasons": [*reasons, *found], "said": [*sayings, *map(said, found)]}
