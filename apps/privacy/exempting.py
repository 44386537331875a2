"""Compliance may declare what was found in a stored question not private.

It counts neither there nor where an answer repeats it; in a new question the same words are looked at anew. Pure.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from apps.domain.messages import PromptMessage, Role
from apps.domain.privacy import Exempt, Finding, Sensitivity, Verdict

NO_TYPES: frozenset[str] = frozenset()


def harmless(
    messages: Sequence[PromptMessage], texts: Sequence[str], verdicts: Mapping[str, Verdict], exempt: Exempt
) -> frozenset[str]:
    """The words, case-folded, that do not count: what was found in the exempted questions and their files."""
    return frozenset(
        words(text, finding)
        for message, text in zip(messages, texts, strict=True)
        if text and (types := _types(message, exempt))
        for finding in verdicts[text].findings
        if finding.type in types
    )


def of_message(
    message: PromptMessage, text: str, verdict: Verdict, exempt: Exempt, harmless: frozenset[str]
) -> Verdict:
    """The verdict on a message without what does not count in it."""
    if verdict.sensitivity is not Sensitivity.SENSITIVE:
        return verdict
    types = _types(message, exempt)
    if types:
        return _without(verdict, lambda finding: finding.type in types)
    return of_answer(text, verdict, harmless) if message.role is Role.ASSISTANT else verdict


def of_answer(text: str, verdict: Verdict, harmless: frozenset[str]) -> Verdict:
    """The verdict on what a model wrote, or on several messages as one text, without words that do not count."""
    if verdict.sensitivity is not Sensitivity.SENSITIVE or not harmless:
        return verdict
    return _without(verdict, lambda finding: words(text, finding) in harmless)


def known(message: PromptMessage, exempt: Exempt) -> Sensitivity:
    """The label that a stored message brings along. What was said of an exempted one is what its findings say now."""
    label = message.known or Sensitivity.CLEAN
    return Sensitivity.CLEAN if label is Sensitivity.SENSITIVE and message.stored in exempt else label


def words(text: str, finding: Finding) -> str:
    """What was found, in the form in which it is compared."""
    return text[finding.start : finding.end].casefold()


def _types(message: PromptMessage, exempt: Exempt) -> frozenset[str]:
    return exempt.get(message.stored, NO_TYPES) if message.stored else NO_TYPES


def _without(verdict: Verdict, counts_not: Callable[[Finding], bool]) -> Verdict:
    left = tuple(finding for finding in verdict.findings if not counts_not(finding))
    return replace(verdict, findings=left) if left else Verdict(Sensitivity.CLEAN)
