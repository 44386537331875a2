"""The words of a Markdown export, in the languages of the interface. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Words:
    """What stands between the messages of a file."""

    question: str
    answer: str
    begun: str
    exported: str
    label: str
    labels: Mapping[str, str]
    """By the word of the label."""
    hosting: Mapping[str, str]
    states: Mapping[str, str]
    attachments: str
    cost: str
    untitled: str


WORDS: Final[Mapping[str, Words]] = MappingProxyType(
    {
        "en": Words(
            question="Question",
            answer="Answer",
            begun="Begun",
            exported="Exported",
            label="Sensitivity",
            labels={
                "clean": "nothing sensitive found",
                "sensitive": "private: holds sensitive content",
                "unclassified": "private: could not be checked",
            },
            hosting={"self_hosted": "hosted by the company", "commercial": "hosted by an outside provider"},
            states={
                "streaming": "still being written",
                "partial": "broken off",
                "failed": "failed",
                "refused": "refused",
                "stopped": "stopped",
            },
            attachments="Attachments",
            cost="cost",
            untitled="Conversation",
        ),
        "de": Words(
            question="Frage",
            answer="Antwort",
            begun="Begonnen",
            exported="Exportiert",
            label="Vertraulichkeit",
            labels={
                "clean": "nichts Vertrauliches gefunden",
                "sensitive": "privat: enthält vertrauliche Inhalte",
                "unclassified": "privat: konnte nicht geprüft werden",
            },
            hosting={"self_hosted": "im Unternehmen betrieben", "commercial": "bei einem externen Anbieter betrieben"},
            states={
                "streaming": "wird noch geschrieben",
                "partial": "abgebrochen",
                "failed": "fehlgeschlagen",
                "refused": "abgelehnt",
                "stopped": "angehalten",
            },
            attachments="Anhänge",
            cost="Kosten",
            untitled="Unterhaltung",
        ),
    }
)
