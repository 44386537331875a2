"""Text that may leave with placeholders in it: masked, inspected again and free of findings, or not at all.

Every doubt ends in "not at all", which keeps the request inside (promise P15, adr 0010): a type that the policy does
not let be masked, text that could not be classified, a finding outside of what is masked (tools, names, a number that
is spread over several messages), and a label that nothing found now explains.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from apps.domain.messages import PromptMessage, Role, Tool
from apps.domain.privacy import Finding, Sensitivity, Verdict
from apps.privacy import inspection, verdicts
from apps.privacy.detection.classify import ALIASES
from apps.privacy.detection.mask import Masker
from apps.privacy.values import Masked
from apps.privacy.verdicts import Rules

ROUNDS: Final = 3
"""So often is masked text masked again: what a placeholder stands beside may be found only then."""
MOST_VALUES: Final = 500
"""More values in one request are no question about people, but a list of them: it stays inside."""
HINT: Final = (
    "Words in square brackets such as {example} stand for private details. Where you would write such a detail, write "
    "its placeholder, exactly as it is."
)
_NOTHING: Final = Verdict(Sensitivity.CLEAN)


class _NotMaskable(Exception):
    """Something that must not leave, and that masking would not remove."""


async def mask(
    messages: Sequence[PromptMessage], tools: Sequence[Tool], others: Sequence[str], rules: Rules, floor: Sensitivity
) -> Masked | None:
    """The messages with placeholders; None where masking is not permitted, or would not be enough."""
    if floor.must_stay_inside or any(message.images for message in messages):
        return None
    masker = Masker(inspection.parts(messages, tools, others).texts())
    shown = tuple(messages)
    try:
        for is_first in (True, *[False] * (ROUNDS - 1)):
            found = await _found(shown, rules)
            if is_first and not _explained(shown, found):
                return None
            if not any(found):
                break
            if is_first:
                _note(shown, found, masker)
            shown = tuple(_shown(message, findings, masker) for message, findings in zip(shown, found, strict=True))
    except _NotMaskable:
        return None
    if not masker.values or not await _is_clean(shown, tools, others, rules):
        return None
    return Masked(_told(shown, next(iter(masker.values))), dict(masker.values), masker.counts())


async def _found(messages: Sequence[PromptMessage], rules: Rules) -> list[tuple[Finding, ...]]:
    """What has to be masked, by message.

    Raises:
        _NotMaskable: a type that the policy does not name, or a text that could not be classified.
    """
    texts = inspection.parts(messages, (), ()).messages
    known, _ = await verdicts.of(dict.fromkeys(filter(None, texts)), rules)
    may = frozenset(ALIASES.get(name, name) for name in rules.settings.mask_types)
    return [_of_message(message, known.get(text, _NOTHING), may) for message, text in zip(messages, texts, strict=True)]


def _of_message(message: PromptMessage, verdict: Verdict, may: frozenset[str]) -> tuple[Finding, ...]:
    if verdict.sensitivity is Sensitivity.UNCLASSIFIED:
        raise _NotMaskable
    is_answer = message.role is Role.ASSISTANT
    labelling = [f for f in verdict.findings if not (is_answer and f.type in inspection.NO_LABEL_IN_ANSWERS)]
    if any(finding.type not in may for finding in labelling):
        raise _NotMaskable
    return tuple(finding for finding in verdict.findings if finding.type in may)


def _explained(messages: Sequence[PromptMessage], found: Sequence[tuple[Finding, ...]]) -> bool:
    """Whether every label that a message brings comes from what is found now, or from what is masked before it.

    A file stands before the question that it came with and has its label. An answer of a model inside may hold in its
    own words what nothing finds.
    """
    labels: list[Sensitivity] = []
    is_found = False
    for message, findings in zip(messages, found, strict=True):
        labels.append(message.known or Sensitivity.CLEAN)
        is_found = is_found or bool(findings) or message.outside
        if message.attached:
            continue
        label = max(labels)
        if label is Sensitivity.UNCLASSIFIED or (label is Sensitivity.SENSITIVE and not is_found):
            return False
        labels, is_found = [], False
    return max(labels, default=Sensitivity.CLEAN) is Sensitivity.CLEAN


def _note(messages: Sequence[PromptMessage], found: Sequence[tuple[Finding, ...]], masker: Masker) -> None:
    """Placeholders for all values of all messages before the first text is masked: a value may stand in any of them."""
    texts = inspection.parts(messages, (), ()).messages
    masker.note(zip(texts, found, strict=True))
    if len(masker.values) > MOST_VALUES:
        raise _NotMaskable


def _shown(message: PromptMessage, findings: Iterable[Finding], masker: Masker) -> PromptMessage:
    within = [finding for finding in findings if finding.end <= len(message.text)]
    calls = tuple(replace(call, arguments=_json(call.arguments, masker)) for call in message.tool_calls)
    parts = tuple(map(masker.mask, message.parts))
    return replace(message, text=masker.mask(message.text, within), parts=parts, tool_calls=calls)


def _json(text: str, masker: Masker) -> str:
    """The arguments of a call; a number that became a placeholder makes them something that is no JSON."""
    masked = masker.mask(text)
    if masked != text and _is_json(text) and not _is_json(masked):
        raise _NotMaskable
    return masked


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


async def _is_clean(
    messages: Sequence[PromptMessage], tools: Sequence[Tool], others: Sequence[str], rules: Rules
) -> bool:
    """The second inspection, of everything that would be sent, as if it had come like this."""
    plain = tuple(replace(message, known=None) for message in messages)
    parts = inspection.parts(plain, tools, others)
    known, _ = await verdicts.of(dict.fromkeys(parts.texts()), rules)
    found = inspection.combine(plain, parts, known, floor=Sensitivity.CLEAN, cpu_ms=0.0)
    return found.sensitivity is Sensitivity.CLEAN


def _told(messages: tuple[PromptMessage, ...], example: str) -> tuple[PromptMessage, ...]:
    """The messages with a word to the model about what it is shown: it shall write placeholders as they are."""
    words = HINT.format(example=example)
    place = next((place for place, message in enumerate(messages) if message.role is Role.SYSTEM), None)
    if place is None:
        return (PromptMessage(Role.SYSTEM, words), *messages)
    told = replace(messages[place], text=f"{messages[place].text}\n\n{words}")
    return (*messages[:place], told, *messages[place + 1 :])
