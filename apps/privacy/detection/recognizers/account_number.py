"""Numbers that identify somebody because a word says so: account, policy, patient, employee, customer numbers."""

from collections.abc import Iterator

import regex

from apps.privacy.detection.artifacts import Artifacts
from apps.privacy.detection.recognizers._base import Hit, Scanner
from apps.privacy.detection.traits import Traits

EXAMPLES = (
    ("my account number is 0012345678", "0012345678"),
    ("Kontonummer: 1234 567 890", "1234 567 890"),
    ("patient id MRN-448812 was moved", "MRN-448812"),
    ("policy no. PX-99-123456", "PX-99-123456"),
    ("numéro de client : 88 123 456", "88 123 456"),
    ("Personalnummer 4711882", "4711882"),
    ("número de cuenta 2100 0418 4502", "2100 0418 4502"),
    ("routing number 021000021", "021000021"),
    ("employee #558123", "558123"),
)
NON_EXAMPLES = (
    "I have 3 accounts with 1000000 users", "account for 12345 of the cases", "the policy was passed in 20191012",
    "an employee number has how many digits?", "customer 5 bought 12", "patient waited 120000 ms",
)  # fmt: skip

_NOUNS = (
    r"bank account|checking account|savings account|account|acct|a/c|sort code|routing|aba|swift|policy|insurance|"
    r"claim|member(?:ship)?|subscriber|"
    r"patient|medical record|mrn|health record|case|file|employee|staff|personnel|payroll|customer|client|student|"
    r"beneficiary|tax|vat|"
    r"konto|kunden|versicherungs?|versicherten|policen?|patienten?|personal|mitarbeiter|mitglieds?|vertrags?|depot|"
    r"steuer|matrikel|bankleitzahl|blz|"
    r"compte|client|police|assuré|salarié|adhérent|dossier|patient|matricule|cuenta|cliente|póliza|empleado|paciente|"
    r"socio|expediente|"
    r"conto|polizza|dipendente|paziente|cartella clinica"
)
_MARK = r"(?:number|num|nummer|nr|no|id|code|identifier|ref(?:erence)?|#|numero|número|numéro|n°|nº)"
_NAME_FIRST = rf"(?:{_NOUNS})(?:['’]s)?[ _-]?(?:holder |holder's )?{_MARK}s?\.?"
_MARK_FIRST = (
    rf"(?:numero|número|numéro|num\.|n°|nº|no\.|nr\.)(?: (?:de |del |di |d['’])?(?:la |le |l['’]|el )?)?(?:{_NOUNS})"
)
_ALONE = (
    r"(?:mrn|kontonummer|kundennummer|personalnummer|versicherungsnummer|versichertennummer|matricule|blz|"
    r"bankleitzahl|routing|employee #|acct|a/c)"
)
_VALUE = r"(?P<value>(?:[A-Z]{1,5}[-/ ]?){0,2}\d(?:[./-]?[A-Z0-9]| \d){3,24})(?![A-Za-z0-9])"
_PATTERN = regex.compile(
    rf"(?<![\p{{L}}\d])(?:{_NAME_FIRST}|{_MARK_FIRST}|{_ALONE})[\"'*`]{{0,2}}(?:\s{{0,2}}\([^)\n]{{1,24}}\))?"
    rf"(?:\s{{0,3}}[:=#]|\s(?:is|was|of|ist|lautet|est|es|è|are)(?=\s))?\s{{0,3}}[\"'#]?(?-i:{_VALUE})", regex.I
)  # fmt: skip
_STEMS = (
    "account", "acct", "a/c", "sort code", "routing", "aba", "swift", "policy", "insurance", "claim", "member",
    "subscriber", "patient", "mrn",
    "record", "case", "file", "employee", "staff", "personnel", "payroll", "customer", "client", "student",
    "beneficiary", "tax", "vat",
    "konto", "kunden", "versicher", "police", "personal", "mitarbeiter", "mitglied", "vertrag", "depot", "steuer",
    "matri", "blz", "bankleit",
    "compte", "assuré", "salarié", "adhérent", "dossier", "cuenta", "póliza", "empleado", "paciente", "socio",
    "expediente", "conto", "polizza",
    "dipendente", "paziente", "cartella",
)  # fmt: skip
_DATE = regex.compile(r"(?:19|20)\d\d[-./ ]?\d\d[-./ ]?\d\d$|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$")


class AccountNumber(Scanner):
    """At least five digits right after the word; dates are none."""

    entities = ("ACCOUNT_NUMBER",)

    def gate(self, traits: Traits) -> bool:
        return traits.digits >= 5 and traits.mentions(*_STEMS)

    def scan(self, text: str, facts: Artifacts) -> Iterator[Hit]:
        for match in facts.matches(_PATTERN):
            value = match["value"]
            if sum(map(str.isdecimal, value)) >= 5 and not _DATE.match(value):
                yield Hit("ACCOUNT_NUMBER", match.start("value"), match.end("value"), 0.7)


PLUGIN = AccountNumber()
