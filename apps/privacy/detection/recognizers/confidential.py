"""Markers that say a text is confidential, in five languages; the topic of confidentiality is not a marker."""

from collections.abc import Iterator

import regex

from apps.privacy.detection.artifacts import Artifacts
from apps.privacy.detection.recognizers._base import Hit, Scanner
from apps.privacy.detection.traits import Traits

EXAMPLES = (
    ("CONFIDENTIAL - internal only. Summarise: we buy Nordwind.", "CONFIDENTIAL"),
    ("VERTRAULICH: Gehaltsliste Abteilung 4", "VERTRAULICH"),
    ("This document is strictly confidential.", "strictly confidential"),
    ("[Confidential] Board minutes", "Confidential"),
    ("TLP:RED do not forward", "TLP:RED"),
    ("Nur für den internen Gebrauch", "Nur für den internen Gebrauch"),
    ("Classification: Confidential", "Confidential"),
    ("Diffusion restreinte", "Diffusion restreinte"),
    ("Attorney-Client Privileged", "Attorney-Client Privileged"),
)
NON_EXAMPLES = (
    "How confidential is data encrypted with AES-256? Explain confidentiality in the CIA triad.",
    "What does an internal server error mean?", "Confidential computing explained", "a top secret recipe for pancakes",
    "write a confidentiality agreement",
)  # fmt: skip

_UPPER = (
    "(?:STRICTLY |HIGHLY |COMPANY |STRENG )?(?:CONFIDENTIAL|VERTRAULICH|CONFIDENTIEL|CONFIDENCIAL|RISERVATO|"
    "CONFIDENZIALE|VERTROUWELIJK)"
    "|TOP SECRET|STRENG GEHEIM|INTERNAL (?:USE )?ONLY|NUR INTERN|NUR FÜR INTERNEN GEBRAUCH|USO INTERNO|USAGE INTERNE|"
    "NOT FOR DISTRIBUTION"
    "|DO NOT DISTRIBUTE|GESCHÄFTSGEHEIMNIS|BETRIEBSGEHEIMNIS|TRADE SECRET|PROPRIETARY AND CONFIDENTIAL|"
    "SECRET//[A-Z]+|RESTRICTED//[A-Z]+"
    "|SENSITIVE BUT UNCLASSIFIED|EMBARGOED|机密|秘密文件|社外秘|極秘|대외비"
)  # fmt: skip
_PHRASES = (
    "(?:strictly|highly|company|commercially|streng|strikt) (?:confidential|private and confidential|vertraulich)|"
    "private (?:and|&) confidential"
    "|strictement confidentiel|estrictamente confidencial|strettamente (?:riservato|confidenziale)|"
    "confidential(?: and|,)? proprietary"
    "|for internal (?:use|eyes|distribution)(?: only)?|internal use only|internal only|nur für den internen gebrauch|"
    "nur für den dienstgebrauch"
    "|usage (?:strictement )?interne(?: uniquement)?|diffusion (?:restreinte|limitée)|uso interno exclusivo|"
    "solo (?:per )?uso intern[oa]"
    "|not for (?:public |external )?(?:distribution|disclosure|release)|do not (?:distribute|share|"
    "forward) (?:outside|externally|beyond)"
    "|attorney[- ]client privileged?|anwaltsgeheimnis|subject to (?:an? )?nda|under (?:an? )?nda|"
    "covered by (?:an? )?nda|tlp: ?(?:red|amber)(?:\\+strict)?"
    "|eyes only|unterliegt der (?:geheimhaltung|verschwiegenheit)|this (?:information|document|message|email|"
    "e-mail) is confidential|contains confidential"
    "|dieses dokument ist vertraulich|ce document est confidentiel|este documento es confidencial|"
    "please keep (?:this|it) confidential"
)  # fmt: skip
_LABELS = (
    r"(?:classification|klassifizierung|einstufung|sensitivity|vertraulichkeit|clasificación|classificazione|"
    r"handling)\s*[:=]\s*"
    r"\K(?:confidential|vertraulich|confidentiel|confidencial|riservato|restricted|secret|internal|intern)\b"
    r"|[\[(*<]{1,2}\K(?:confidential|vertraulich|confidentiel|confidencial|riservato|internal|internal only|"
    r"intern)(?=[\])*>])"
    r"|(?:^|\n)\s{0,8}\K(?:confidential|vertraulich|confidentiel|confidencial|riservato)(?=\s{0,3}(?:[:–—|\n]|-\s|$))"
)  # fmt: skip
_MARKER = regex.compile(rf"(?<!\w)(?:{_UPPER})(?![\w])")
_PHRASE = regex.compile(rf"(?<!\w)(?:{_PHRASES})(?!\w)", regex.I)
_LABEL = regex.compile(_LABELS, regex.I)
_STEMS = (
    "confiden", "vertraulich", "riservato", "geheim", "secret", "intern", "distribut", "privileged", "nda", "tlp",
    "eyes only", "embargo",
    "vertrouwelijk", "usage int", "diffusion", "disclos", "proprietary", "unclassified", "forward",
    "dienstgebrauch", "verschwiegen", "restricted",
    "机密", "秘密", "社外秘", "極秘", "대외비",
)  # fmt: skip


class Confidential(Scanner):
    """Capitals, brackets, a label, a line of its own, or a set phrase make a marker; the bare adjective does not."""

    entities = ("CONFIDENTIAL",)

    def gate(self, traits: Traits) -> bool:
        return traits.mentions(*_STEMS)

    def scan(self, text: str, facts: Artifacts) -> Iterator[Hit]:
        for pattern, score in ((_MARKER, 0.8), (_PHRASE, 0.7), (_LABEL, 0.7)):
            for match in facts.matches(pattern):
                yield Hit("CONFIDENTIAL", match.start(), match.end(), score)


PLUGIN = Confidential()
