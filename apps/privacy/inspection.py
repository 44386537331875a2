"""What a request consists of, and how the verdicts on its parts become one. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from apps.domain.messages import PromptMessage, Role, Tool
from apps.domain.privacy import Exempt, Finding, Inspection, Sensitivity, Verdict, highest
from apps.privacy import exempting

NOTHING: Final[Exempt] = MappingProxyType({})

IMAGE = "image"
"""Why a message with a picture is unclassified: nothing here can read it."""
NO_LABEL_IN_ANSWERS = frozenset({"PERSON", "LOCATION", "ORGANIZATION"})
"""A name in an answer does not label it; a hard identifier or a secret does (promise P19)."""
SPLIT = frozenset(
    {"CREDIT_CARD", "US_SSN", "IBAN_CODE", "NATIONAL_ID", "ACCOUNT_NUMBER", "PHONE_NUMBER", "EMAIL_ADDRESS"}
)
"""What may be spread over several messages."""
JOINED_TURNS = 6
JOINED_CHARS = 400
"""Of each end of a message in the joined view."""
GLUED_CHARS = 128
"""Of each side of a border between two pieces of a message: longer than anything that is looked for."""
GLUED_PIECES = 5
"""Pieces in a row that are looked at without their borders."""


@dataclass(frozen=True, slots=True)
class Parts:
    """All texts of a request: one per message, those of tools and parameters, the user's last turns joined, and what
    the pieces of a message would give without their borders."""

    messages: tuple[str, ...]
    others: tuple[str, ...]
    joined: str
    glued: tuple[str, ...] = ()

    def texts(self) -> Iterator[str]:
        """Every text that needs a verdict. Empty ones are clean without being looked at."""
        yield from filter(None, self.messages)
        yield from filter(None, self.others)
        if self.joined:
            yield self.joined
        yield from filter(None, self.glued)


def parts(messages: Sequence[PromptMessage], tools: Sequence[Tool], others: Sequence[str]) -> Parts:
    """Everything that would be sent, as texts."""
    described = ("\n".join((tool.name, tool.description, tool.parameters)) for tool in tools)
    glued = tuple(_glued(message.parts) for message in messages if message.parts)
    return Parts(tuple(map(_whole, messages)), (*described, *others), _joined(messages), glued)


def _whole(message: PromptMessage) -> str:
    """The message's text first, so that offsets in it hold; then its name, calls and their arguments."""
    if not (message.name or message.tool_calls or message.tool_call_id):
        return message.text
    calls = (part for call in message.tool_calls for part in (call.id, call.name, call.arguments))
    return "\n\n".join(filter(None, (message.text, message.name, message.tool_call_id, *calls)))


def _glued(parts: Sequence[str]) -> str:
    """What a model might put together again: neighbouring pieces without a border, each run of them on its own line.

    In the text itself every piece stands on lines of its own, which a number that was cut in its middle does not
    survive. Only what is near a border can cross it.
    """
    runs = []
    for first in range(len(parts) - 1):
        run = parts[first][-GLUED_CHARS:]
        for piece in parts[first + 1 : first + GLUED_PIECES]:
            run += piece[:GLUED_CHARS]
            runs.append(run)
            if len(piece) > GLUED_CHARS:
                break
    return "\n".join(runs)


def _joined(messages: Sequence[PromptMessage]) -> str:
    """The user's last turns as one text, when something may be spread over them: digits or an address sign."""
    turns = [m.text for m in messages[-4 * JOINED_TURNS :] if m.role is Role.USER and m.text][-JOINED_TURNS:]
    if len(turns) < 2 or not _may_continue(turns[-1]) or not any(map(_may_continue, turns[:-1])):
        return ""
    return "\n".join(t if len(t) <= 2 * JOINED_CHARS else f"{t[:JOINED_CHARS]}\n{t[-JOINED_CHARS:]}" for t in turns)


def _may_continue(text: str) -> bool:
    ends = text if len(text) <= 2 * JOINED_CHARS else text[:JOINED_CHARS] + text[-JOINED_CHARS:]
    return "@" in ends or any(map(str.isdigit, ends))


def combine(
    messages: Sequence[PromptMessage],
    found: Parts,
    verdicts: Mapping[str, Verdict],
    *,
    floor: Sensitivity,
    cpu_ms: float,
    exempt: Exempt = NOTHING,
) -> Inspection:
    """The highest label of all parts, and what led to it.

    Args:
        verdicts: one for each text of `found`.
        floor: a label that the request carries whatever is found.
        exempt: what compliance has declared not private in stored questions of the request.
    """
    harmless = exempting.harmless(messages, found.messages, verdicts, exempt) if exempt else frozenset()
    own = [
        _of_message(m, exempting.of_message(m, text, _verdict(verdicts, text), exempt, harmless))
        for m, text in zip(messages, found.messages, strict=True)
    ]
    glued = [_news(_verdict(verdicts, text), own) for text in found.glued]
    joined = verdicts.get(found.joined)
    split = _split(joined and exempting.of_answer(found.joined, joined, harmless), own)
    newest = max((i for i, m in enumerate(messages) if m.role is Role.USER), default=-1)
    if split.sensitivity and newest >= 0:
        own[newest] = _higher(own[newest], split.sensitivity, split.why)
    others = [_verdict(verdicts, text) for text in found.others]
    labels = tuple(
        highest((verdict.sensitivity, exempting.known(m, exempt))) for verdict, m in zip(own, messages, strict=True)
    )
    everything = [*own, *others, *glued, split]
    return Inspection(
        sensitivity=highest((*labels, *(v.sensitivity for v in (*others, *glued)), split.sensitivity, floor)),
        entities=_counts(everything),
        labels=labels,
        newest=_visible(own[newest], messages[newest].text) if newest >= 0 else Verdict(Sensitivity.CLEAN),
        why=next((verdict.why for verdict in everything if verdict.why), ""),
        cpu_ms=cpu_ms,
        exempt=exempt,
        harmless=harmless,
    )


def _verdict(verdicts: Mapping[str, Verdict], text: str) -> Verdict:
    return verdicts[text] if text else Verdict(Sensitivity.CLEAN)


def _of_message(message: PromptMessage, verdict: Verdict) -> Verdict:
    if message.images:
        return replace(verdict, sensitivity=Sensitivity.UNCLASSIFIED, why=verdict.why or IMAGE)
    if message.role is Role.ASSISTANT and verdict.sensitivity is Sensitivity.SENSITIVE:
        labelling = tuple(f for f in verdict.findings if f.type not in NO_LABEL_IN_ANSWERS)
        return verdict if labelling else Verdict(Sensitivity.CLEAN)
    return verdict


def _split(joined: Verdict | None, own: Sequence[Verdict]) -> Verdict:
    """What only the joined view shows. A type that a single message shows already is not news."""
    if joined is None or joined.sensitivity is Sensitivity.CLEAN:
        return Verdict(Sensitivity.CLEAN)
    if joined.sensitivity is Sensitivity.UNCLASSIFIED:
        return joined
    known = {finding.type for verdict in own for finding in verdict.findings}
    news = tuple(f for f in joined.findings if f.type in SPLIT and f.type not in known)
    return Verdict(Sensitivity.SENSITIVE, news) if news else Verdict(Sensitivity.CLEAN)


def _news(glued: Verdict, own: Sequence[Verdict]) -> Verdict:
    """What only the glued view shows, once a type: its runs overlap."""
    if glued.sensitivity is not Sensitivity.SENSITIVE:
        return glued
    known = {finding.type for verdict in own for finding in verdict.findings}
    news = {finding.type: finding for finding in glued.findings if finding.type not in known}
    return Verdict(Sensitivity.SENSITIVE, tuple(news.values())) if news else Verdict(Sensitivity.CLEAN)


def _higher(verdict: Verdict, label: Sensitivity, why: str) -> Verdict:
    return replace(verdict, sensitivity=max(verdict.sensitivity, label), why=verdict.why or why)


def _counts(verdicts: Sequence[Verdict]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(finding.type for verdict in verdicts for finding in verdict.findings).items()))


def _visible(verdict: Verdict, text: str) -> Verdict:
    """Only findings inside the message's text can be underlined there."""
    shown: tuple[Finding, ...] = tuple(f for f in verdict.findings if f.end <= len(text))
    return verdict if len(shown) == len(verdict.findings) else replace(verdict, findings=shown)
