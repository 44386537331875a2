"""From findings and a tenant's settings to a label. Pure."""

from collections.abc import Iterable

from apps.domain.policy import PersonLevel, SensitivitySettings
from apps.domain.privacy import Finding, Sensitivity, Verdict

ANY_NAME = 0.2
"""The score from which a name counts at the level `any`: one that is possible, such as a first name alone."""

ALIASES = {
    "PHONE": "PHONE_NUMBER", "EMAIL": "EMAIL_ADDRESS", "IBAN": "IBAN_CODE", "ADDRESS": "STREET_ADDRESS",
    "NAME": "PERSON", "IP": "IP_ADDRESS",
    "API_KEY": "SECRET", "PASSWORD": "SECRET", "US_BANK_NUMBER": "ACCOUNT_NUMBER", "US_PASSPORT": "NATIONAL_ID",
    "US_ITIN": "NATIONAL_ID",
    "US_DRIVER_LICENSE": "NATIONAL_ID", "DRIVER_LICENSE": "NATIONAL_ID", "PASSPORT": "NATIONAL_ID",
    "UK_NHS": "NATIONAL_ID", "UK_NINO": "NATIONAL_ID",
    "ES_NIF": "NATIONAL_ID", "ES_NIE": "NATIONAL_ID", "IT_FISCAL_CODE": "NATIONAL_ID", "PL_PESEL": "NATIONAL_ID",
    "DE_TAX_ID": "NATIONAL_ID",
    "FI_PERSONAL_IDENTITY_CODE": "NATIONAL_ID", "SG_NRIC_FIN": "NATIONAL_ID", "AU_TFN": "NATIONAL_ID",
    "AU_MEDICARE": "NATIONAL_ID",
    "IN_PAN": "NATIONAL_ID", "IN_AADHAAR": "NATIONAL_ID", "CN_ID": "NATIONAL_ID", "KR_RRN": "NATIONAL_ID",
    "TH_TNIN": "NATIONAL_ID",
}  # fmt: skip
"""Other names, Presidio's among them, under which a policy may mean a type that is found here."""


def wanted(settings: SensitivitySettings) -> frozenset[str]:
    """The entity types that force, by the names that recognisers use."""
    return frozenset(ALIASES.get(name, name) for name in settings.force_self_hosted)


def classify(text: str, findings: Iterable[Finding], settings: SensitivitySettings) -> Verdict:
    """The label of a text, with the findings that gave it, in the order of the text."""
    types = wanted(settings)
    kept = tuple(f for f in findings if f.type in types and _counts(f, settings) and not _allowed(text, f, settings))
    return Verdict(Sensitivity.SENSITIVE if kept else Sensitivity.CLEAN, kept)


def _counts(finding: Finding, settings: SensitivitySettings) -> bool:
    if finding.type != "PERSON":
        return finding.score >= settings.threshold
    match settings.person:
        case PersonLevel.OFF:
            return False
        case PersonLevel.ANY:
            return finding.score >= ANY_NAME
        case _:
            return finding.score >= settings.threshold


def _allowed(text: str, finding: Finding, settings: SensitivitySettings) -> bool:
    return bool(settings.allow) and text[finding.start : finding.end].casefold() in settings.allow
