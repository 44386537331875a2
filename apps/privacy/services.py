"""Verbs of privacy: build the detector, say what it covers, and inspect everything that a request would send."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from apps.core import db
from apps.core.tenancy import all_tenants
from apps.domain.messages import PromptMessage
from apps.domain.policy import SensitivitySettings
from apps.domain.privacy import Exempt, Inspection, Sensitivity
from apps.privacy import answers, inspection, masking, scanning, trying, verdicts
from apps.privacy.answers import AnswerRules, inspect_answer, inspect_answer_now, is_quick
from apps.privacy.detection.classify import ALIASES
from apps.privacy.detection.mask import Restorer, in_json
from apps.privacy.detection.normalise import NORMALISATIONS
from apps.privacy.detection.placeholders import Placeholder, placeholders, replaced
from apps.privacy.detection.recognizers._countries import COUNTRIES
from apps.privacy.models import CachedVerdict
from apps.privacy.values import Coverage, Masked, Profile, Sent, Trial

__all__ = [
    "AnswerRules",
    "Placeholder",
    "Restorer",
    "answer_rules",
    "coverage",
    "expire_verdicts",
    "in_json",
    "inspect",
    "inspect_answer",
    "inspect_answer_now",
    "inspect_now",
    "is_quick",
    "mask",
    "nameable",
    "placeholders",
    "replaced",
    "start",
    "try_out",
    "uncovered",
]

log = structlog.get_logger(__name__)

LANGUAGES = (
    "any: patterns",
    "en, de, fr, es, it: context words",
    "Latin script, best en, de, fr, es, it, nl: names and addresses by context",
)
NAMEABLE = SensitivitySettings().force_self_hosted | {
    "LOCATION", "ORGANIZATION", "NRP", "AGE", "TITLE", "GPE", "ZIP_CODE", "DOMAIN_NAME", "DATE_TIME", "URL", "UUID",
    "VEHICLE_REGISTRATION", "MAC_ADDRESS", "DATE_OF_BIRTH", "HEALTH", "RELIGION",
}  # fmt: skip
"""Types that policies name: the default's, Presidio's and those of comparable products."""


def start() -> None:
    """Build the engine of this process; a second call does nothing.

    Raises:
        ModelNotInstalled: `PRIVACY_SPACY_MODEL` names a spaCy package that is not there.
    """
    if scanning.HOLDER.engine is not None:
        return
    scanning.HOLDER.build()
    found = coverage()
    log.info("privacy.started", mode=found.mode, covered=len(found.covered), not_covered=list(found.not_covered))


def coverage() -> Coverage:
    """Entity types, languages and normalisations; before `start`, the mode is `not loaded` and nothing is covered."""
    engine = scanning.HOLDER.engine
    types = engine.types if engine else frozenset()
    return Coverage(
        mode=engine.mode if engine else "not loaded",
        covered=tuple(sorted(types)),
        not_covered=tuple(sorted(uncovered(NAMEABLE))),
        languages=LANGUAGES,
        normalisations=NORMALISATIONS,
        countries=COUNTRIES,
    )


def nameable() -> frozenset[str]:
    """Every name of a type that means something here, whether a recogniser finds it yet or not."""
    return NAMEABLE | ALIASES.keys()


def uncovered(types: Iterable[str]) -> frozenset[str]:
    """Those of the named types that no recogniser finds, aliases considered."""
    engine = scanning.HOLDER.engine
    known = engine.types if engine else frozenset()
    return frozenset(name for name in types if ALIASES.get(name, name) not in known)


async def inspect(sent: Sent, profile: Profile, *, exempt: Exempt = inspection.NOTHING) -> Inspection:
    """The label of everything that would be sent, with one label per message.

    Args:
        exempt: what compliance has declared not private in stored questions; it does not count there and in answers.

    Never raises for what a text contains or the detector does: the label is then `UNCLASSIFIED`, with `why`.
    """
    found = inspection.parts(sent.messages, sent.tools, _others(sent))
    known, cpu_ms = await verdicts.of(dict.fromkeys(found.texts()), verdicts.rules(profile))
    return inspection.combine(sent.messages, found, known, floor=sent.floor, cpu_ms=cpu_ms, exempt=exempt)


def inspect_now(
    messages: Sequence[PromptMessage], profile: Profile, *, exempt: Exempt = inspection.NOTHING
) -> Inspection:
    """As `inspect`, in this thread and without what is known already: seconds for long texts."""
    rules = verdicts.rules(profile)
    found = inspection.parts(messages, (), ())
    scans = {text: scanning.scan_one(text, rules.settings, rules.terms) for text in found.texts()}
    known = {text: scan.verdict for text, scan in scans.items()}
    cpu_ms = sum(scan.cpu_ms for scan in scans.values())
    return inspection.combine(messages, found, known, floor=Sensitivity.CLEAN, cpu_ms=cpu_ms, exempt=exempt)


async def mask(sent: Sent, profile: Profile) -> Masked | None:
    """The same with placeholders; None where that is not certain to be free of findings."""
    return await masking.mask(sent.messages, sent.tools, _others(sent), verdicts.rules(profile), sent.floor)


def _others(sent: Sent) -> tuple[str, ...]:
    return tuple(filter(None, sent.others))


def try_out(text: str, profile: Profile) -> Trial:
    """What would become of a text under this profile; see `Trial`. Sync: seconds for a long text."""
    return trying.try_out(text, verdicts.rules(profile))


def answer_rules(profile: Profile, *, harmless: frozenset[str] = frozenset()) -> AnswerRules | None:
    """What labels an answer under this profile, these words excepted; None when nothing does."""
    settings = profile.settings
    settings = replace(settings, allow=settings.allow | harmless) if harmless else settings
    return answers.rules(settings, verdicts.own_terms(profile))


def expire_verdicts(*, before: datetime) -> int:
    """Delete stored verdicts that were written before this time; returns how many went."""
    with all_tenants(), db.atomic():
        return CachedVerdict.objects.filter(created_at__lt=before).delete()[0]
