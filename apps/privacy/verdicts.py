"""Verdicts on texts under a tenant's rules: from memory, from the database, or by a scan."""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from apps.domain.ids import TenantId
from apps.domain.policy import SensitivitySettings
from apps.domain.privacy import Verdict
from apps.privacy import cache, scanning
from apps.privacy.detection import dictionary
from apps.privacy.detection.engine import VERSION
from apps.privacy.values import Profile

MAX_MATCHERS: Final = 200

_matchers: OrderedDict[tuple[TenantId, int], tuple[Mapping[str, tuple[str, ...]], dictionary.Terms]] = OrderedDict()


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides about a text: the settings in force and the tenant's own terms. `scope` names them all, so that no
    verdict is taken for one of other rules, another tenant or another version of the detector."""

    tenant: TenantId
    settings: SensitivitySettings
    terms: dictionary.Terms
    scope: str


def rules(profile: Profile) -> Rules:
    """The rules of a profile; terms are compiled once."""
    terms = own_terms(profile)
    engine = scanning.HOLDER.engine
    mode = engine.mode if engine else ""
    version, settings = profile.policy_version, profile.settings
    scope = f"{profile.tenant}:{VERSION}:{mode}:{version}:{cache.digest(settings)}:{terms.digest}"
    return Rules(profile.tenant, settings, terms, scope)


async def of(texts: Collection[str], given: Rules) -> tuple[Mapping[str, Verdict], float]:
    """A verdict per text: from memory, else from the database when it is long, else by a scan. And the CPU ms spent."""
    keys = {text: cache.key(given.scope, text) for text in texts}
    known = {text: verdict for text in texts if (verdict := cache.VERDICTS.get(keys[text])) is not None}
    missing = [text for text in texts if text not in known]
    if not missing:
        return known, 0.0
    long = [text for text in missing if len(text) >= cache.STORED_CHARS]
    if long:
        stored = await cache.VERDICTS.load(given.tenant, [keys[text] for text in long])
        known |= {text: stored[keys[text]] for text in long if keys[text] in stored}
        missing = [text for text in missing if text not in known]
    scans = await scanning.scan(missing, given.settings, given.terms)
    for text, scan in zip(missing, scans, strict=True):
        known[text] = scan.verdict
        cache.VERDICTS.put(keys[text], scan.verdict)
        if len(text) >= cache.STORED_CHARS:
            cache.VERDICTS.store_soon(given.tenant, keys[text], scan.verdict)
    return known, sum(scan.cpu_ms for scan in scans)


def own_terms(profile: Profile) -> dictionary.Terms:
    """The tenant's matcher, compiled once per policy version."""
    dictionaries, place = profile.dictionaries, (profile.tenant, profile.policy_version)
    if not dictionaries:
        return dictionary.NO_TERMS
    known = _matchers.get(place)
    if known is not None and (known[0] is dictionaries or known[0] == dictionaries):
        return known[1]
    made = dictionary.compiled(dictionaries)
    _matchers[place] = ({name: tuple(terms) for name, terms in dictionaries.items()}, made)
    if len(_matchers) > MAX_MATCHERS:
        _matchers.popitem(last=False)
    return made
