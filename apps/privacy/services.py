"""Verbs of privacy: build the detector, say what it covers, and inspect everything that a request would send."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import structlog

from apps.core import db
from apps.core.tenancy import all_tenants
from apps.domain.ids import TenantId
from apps.domain.policy import SensitivitySettings
from apps.domain.privacy import Inspection, Sensitivity, Verdict
from apps.domain.turn import PromptMessage, Tool
from apps.privacy import answers, cache, inspection, scanning
from apps.privacy.answers import AnswerRules, inspect_answer, inspect_answer_now, is_quick
from apps.privacy.detection import dictionary
from apps.privacy.detection.classify import ALIASES
from apps.privacy.detection.engine import VERSION
from apps.privacy.detection.mask import Placeholder, placeholders, replaced
from apps.privacy.detection.normalise import NORMALISATIONS
from apps.privacy.detection.recognizers._countries import COUNTRIES
from apps.privacy.models import CachedVerdict
from apps.privacy.values import Coverage

__all__ = [
    "AnswerRules",
    "Placeholder",
    "answer_rules",
    "coverage",
    "expire_verdicts",
    "inspect",
    "inspect_answer",
    "inspect_answer_now",
    "is_quick",
    "nameable",
    "placeholders",
    "replaced",
    "start",
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
MAX_MATCHERS = 200

_matchers: OrderedDict[tuple[TenantId, int], tuple[Mapping[str, tuple[str, ...]], dictionary.Terms]] = OrderedDict()


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


async def inspect(
    *,
    tenant: TenantId,
    messages: Sequence[PromptMessage],
    tools: Sequence[Tool] = (),
    response_format: str = "",
    others: Sequence[str] = (),
    settings: SensitivitySettings,
    dictionaries: Mapping[str, tuple[str, ...]],
    policy_version: int,
    floor: Sensitivity = Sensitivity.CLEAN,
) -> Inspection:
    """The label of everything that would be sent, with one label per message.

    Args:
        response_format, others: further texts that travel with the request (JSON schema, stop sequences).
        settings: the profile in force for the channel and team.
        floor: a label that the request carries whatever is found in it.

    Never raises for what a text contains or the detector does: the label is then `UNCLASSIFIED`, with `why`.
    """
    terms = _terms(tenant, policy_version, dictionaries)
    scope = _scope(tenant, policy_version, settings, terms)
    found = inspection.parts(messages, tools, tuple(filter(None, (response_format, *others))))
    verdicts, cpu_ms = await _verdicts(tenant, scope, list(dict.fromkeys(found.texts())), settings, terms)
    return inspection.combine(messages, found, verdicts, floor=floor, cpu_ms=cpu_ms)


def answer_rules(
    *,
    tenant: TenantId,
    settings: SensitivitySettings,
    dictionaries: Mapping[str, tuple[str, ...]],
    policy_version: int,
) -> AnswerRules | None:
    """What labels an answer under these settings; None when nothing does."""
    return answers.rules(settings, _terms(tenant, policy_version, dictionaries))


def expire_verdicts(*, before: datetime) -> int:
    """Delete stored verdicts that were written before this time; returns how many went."""
    with all_tenants(), db.atomic():
        return CachedVerdict.objects.filter(created_at__lt=before).delete()[0]


async def _verdicts(
    tenant: TenantId, scope: str, texts: list[str], settings: SensitivitySettings, terms: dictionary.Terms
) -> tuple[Mapping[str, Verdict], float]:
    """A verdict per text: from memory, else from the database when it is long, else by a scan. And the CPU ms spent."""
    keys = {text: cache.key(scope, text) for text in texts}
    known = {text: verdict for text in texts if (verdict := cache.VERDICTS.get(keys[text])) is not None}
    missing = [text for text in texts if text not in known]
    if not missing:
        return known, 0.0
    long = [text for text in missing if len(text) >= cache.STORED_CHARS]
    if long:
        stored = await cache.VERDICTS.load(tenant, [keys[text] for text in long])
        known |= {text: stored[keys[text]] for text in long if keys[text] in stored}
        missing = [text for text in missing if text not in known]
    scans = await scanning.scan(missing, settings, terms)
    for text, scan in zip(missing, scans, strict=True):
        known[text] = scan.verdict
        cache.VERDICTS.put(keys[text], scan.verdict)
        if len(text) >= cache.STORED_CHARS:
            cache.VERDICTS.store_soon(tenant, keys[text], scan.verdict)
    return known, sum(scan.cpu_ms for scan in scans)


def _scope(tenant: TenantId, policy_version: int, settings: SensitivitySettings, terms: dictionary.Terms) -> str:
    engine = scanning.HOLDER.engine
    mode = engine.mode if engine else ""
    return f"{tenant}:{VERSION}:{mode}:{policy_version}:{cache.digest(settings)}:{terms.digest}"


def _terms(tenant: TenantId, version: int, dictionaries: Mapping[str, Collection[str]]) -> dictionary.Terms:
    """The tenant's matcher, compiled once per policy version."""
    if not dictionaries:
        return dictionary.NO_TERMS
    known = _matchers.get((tenant, version))
    if known is not None and (known[0] is dictionaries or known[0] == dictionaries):
        return known[1]
    made = dictionary.compiled(dictionaries)
    _matchers[tenant, version] = ({name: tuple(terms) for name, terms in dictionaries.items()}, made)
    if len(_matchers) > MAX_MATCHERS:
        _matchers.popitem(last=False)
    return made
