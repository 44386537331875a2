"""What models write is inspected too, by patterns alone: a name in an answer does not label it (promise P19)."""

from dataclasses import dataclass, replace

from apps.core import faults
from apps.domain.policy import SensitivitySettings
from apps.domain.privacy import Verdict
from apps.privacy import scanning
from apps.privacy.detection.classify import ALIASES
from apps.privacy.detection.dictionary import Terms
from apps.privacy.inspection import NO_LABEL_IN_ANSWERS


@dataclass(frozen=True, slots=True)
class AnswerRules:
    """What labels an answer: a tenant's settings without the types that never do, and the tenant's own terms."""

    settings: SensitivitySettings
    terms: Terms


def rules(settings: SensitivitySettings, terms: Terms) -> AnswerRules | None:
    """The rules for answers; None when nothing that an answer may hold is to be kept inside."""
    named = settings.force_self_hosted
    labelling = frozenset(name for name in named if ALIASES.get(name, name) not in NO_LABEL_IN_ANSWERS)
    return AnswerRules(replace(settings, force_self_hosted=labelling), terms) if labelling else None


def is_quick(text: str) -> bool:
    """Whether a scan of this takes less time than the way to another thread."""
    return len(text) <= scanning.INLINE_CHARS and not faults.active("detector")


def inspect_answer_now(text: str, given: AnswerRules) -> Verdict:
    """The verdict on a text of a model, in this thread. Never raises for anything that the detector does."""
    return scanning.scan_one(text, given.settings, given.terms, patterns=True).verdict


async def inspect_answer(text: str, given: AnswerRules) -> Verdict:
    """The same, in the processor pool when the text is long."""
    (scan,) = await scanning.scan([text], given.settings, given.terms, patterns=True)
    return scan.verdict
