"""What would become of a text under some settings: for whoever writes the policy. Nothing is stored, sent or logged."""

from apps.domain.policy import SensitivitySettings
from apps.domain.privacy import Finding, PrivacyAction, Sensitivity, Verdict
from apps.privacy import scanning
from apps.privacy.detection.classify import ALIASES, wanted
from apps.privacy.detection.mask import Masker
from apps.privacy.masking import ROUNDS
from apps.privacy.values import Explained, Trial
from apps.privacy.verdicts import Rules


def try_out(text: str, rules: Rules) -> Trial:
    """The verdict with every finding, those that do not count included, and what would follow from it. In this thread;
    a text that is masked is looked at again in up to `ROUNDS` rounds."""
    scan = scanning.scan_one(text, rules.settings, rules.terms)
    masked = _masked(text, scan.verdict, rules)
    return Trial(
        verdict=scan.verdict,
        outcome=_outcome(scan.verdict, rules.settings, masked),
        explained=_explained(text, scan.verdict, rules),
        masked=masked,
        cpu_ms=scan.cpu_ms,
    )


def _outcome(verdict: Verdict, settings: SensitivitySettings, masked: str | None) -> str:
    if not verdict.sensitivity.must_stay_inside:
        return "free"
    if settings.action is PrivacyAction.REFUSE:
        return "refused"
    return "inside" if masked is None else "masked"


def _masked(text: str, verdict: Verdict, rules: Rules) -> str | None:
    settings = rules.settings
    may = frozenset(ALIASES.get(name, name) for name in settings.mask_types)
    is_maskable = settings.action is PrivacyAction.MASK and verdict.sensitivity is Sensitivity.SENSITIVE
    if not is_maskable or any(finding.type not in may for finding in verdict.findings):
        return None
    masker, masked = Masker([text]), text
    masker.note([(text, verdict.findings)])
    for _ in range(ROUNDS):
        masked = masker.mask(masked, verdict.findings)
        verdict = scanning.scan_one(masked, settings, rules.terms).verdict
        if verdict.sensitivity is Sensitivity.CLEAN:
            return masked
        if any(finding.type not in may for finding in verdict.findings):
            return None
    return None


def _explained(text: str, verdict: Verdict, rules: Rules) -> tuple[Explained, ...]:
    engine = scanning.HOLDER.engine
    if engine is None or verdict.sensitivity is Sensitivity.UNCLASSIFIED:
        return ()
    found = engine.explain(text, rules.terms)
    counting = set(verdict.findings)
    return tuple(
        Explained(finding, tuple(makers), "" if finding in counting else _why_not(text, finding, rules.settings))
        for finding, makers in found.items()
    )


def _why_not(text: str, finding: Finding, settings: SensitivitySettings) -> str:
    if finding.type not in wanted(settings):
        return "not_named"
    if text[finding.start : finding.end].casefold() in settings.allow:
        return "allowed"
    return "uncertain"
