"""What a demo model understands of a conversation: the kind of question, its language, its topic."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from apps.operations.demo_models import attached, prose
from apps.operations.demo_models.faults import MARK, NO_FAULT, Fault, ordered

Messages = Sequence[Mapping[str, Any]]

_GERMAN: Final = re.compile(
    r"\b(der|die|das|und|ist|nicht|ein|eine|mir|mich|bitte|wie|was|schreib\w*|erkl\w+|warum|wieviel|f[üu]r|hallo|danke)\b",
    re.IGNORECASE,
)
_ENGLISH: Final = re.compile(
    r"\b(the|and|is|not|an?|me|please|how|what|write|explain|why|for|hello|thanks|of|to|in|with)\b", re.IGNORECASE
)

_KINDS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (kind, re.compile(rf"\b(?:{words})", re.IGNORECASE))
    for kind, words in (
        ("literary", "poem|gedicht|haiku|sonnet|story|geschichte|novel|tale|märchen|rhyme|reim|lyric|verse|limerick"),
        ("table", "(?:in|as|make|create) an? (?:markdown )?table|tabelle|compare .* (?:and|with|vs)|vergleich"),
        (
            "code",
            "code|coding|python|javascript|typescript|sql|function|funktion|program|script|regex|regular expression|"
            "class |algorithm|bug|refactor|unit test|compile|stack trace|def |api endpoint|bash|java\\b|rust",
        ),
        (
            "legal",
            "legal|law|lawyer|contract|clause|liabilit|gdpr|compliance|terminat|lawsuit|recht|vertrag|haftung|kündig|"
            "dsgvo|klausel|anwalt|nda\\b|indemnif|statut|court|gericht|urheber|copyright|licen[cs]e",
        ),
        ("summary", "summar|zusammenfass|tl;?dr|key points|kernpunkte"),
        (
            "math",
            r"calculate|compute|berechne|solve|equation|gleichung|derivative|ableitung|integral|square root|wurzel|"
            r"\d+(?:[.,]\d+)?\s*(?:%|percent|prozent)\s*(?:of|von)|how much is|wie ?viel ist",
        ),
    )
)
_ARITHMETIC: Final = re.compile(r"\d[\d\s.,()]*(?:[-+*/×·÷^]|\*\*)[\d\s.,()+*/×·÷^-]*\d")
_LONG: Final = re.compile(r"\b(long|detail\w*|ausführlich\w*|lang\w*|essay|aufsatz|in depth|thorough\w*)\b", re.I)
_WORD_COUNT: Final = re.compile(r"\b(\d{2,5})[- ](?:words?|wörter\w*|worten?)\b", re.IGNORECASE)
_TITLE: Final = re.compile(
    r"\b(write|give|find|suggest|schreib\w*|gib)\b.{0,40}\b(title|titel|überschrift)\b", re.I | re.S
)
_GREETING: Final = re.compile(r"^\W*(hi|hello|hey|hallo|moin|servus|good (morning|evening)|guten (tag|morgen))\b", re.I)
_ABOUT: Final = re.compile(r"\b(?:about|regarding|über|zum thema|on)\s+([^.,;:!?\n]{3,60})", re.IGNORECASE)
_STOP_WORDS: Final = frozenset(prose.STOP_WORDS.split())

_GO_ON: Final = re.compile(r"\bgo on from exactly where it ends\b", re.IGNORECASE)

MAX_TITLE_WORDS: Final = 6
MAX_TOPIC_WORDS: Final = 4
MAX_WORDS: Final = 6_000
TRIVIAL_CHARACTERS: Final = 60


@dataclass(frozen=True, slots=True)
class Question:
    """The last question of a conversation. `words` is the length that was asked for, 0 when none was."""

    text: str = field(repr=False)
    kind: str
    language: str
    topic: str = field(repr=False)
    words: int
    earlier: str = field(repr=False)
    tool_results: tuple[str, ...] = field(repr=False, default=())
    fault: Fault = NO_FAULT
    so_far: str = field(repr=False, default="")
    """The answer that somebody began, when only its rest is wanted."""
    files: tuple[str, ...] = field(repr=False, default=())
    """Names of the files that came with it."""

    @property
    def is_german(self) -> bool:
        return self.language == "de"


def understand(messages: Messages) -> Question:
    """Read the conversation. An empty one is a greeting."""
    messages, so_far = _begun(messages)
    asked = [text_of(message) for message in messages if message.get("role") == "user"]
    came = attached.split(asked[-1] if asked else "")
    marked = came.question
    text = MARK.sub("", marked)
    instructions = " ".join(text_of(m) for m in messages if m.get("role") in {"system", "developer"})
    return Question(
        text=text,
        kind=_kind(text, instructions),
        language=language_of(text),
        topic=topic_of(text),
        words=_words(text),
        earlier=attached.split(asked[-2]).question if len(asked) > 1 else "",
        tool_results=_results(messages),
        fault=NO_FAULT if so_far else ordered(marked),
        so_far=so_far,
        files=came.names,
    )


def _begun(messages: Messages) -> tuple[Messages, str]:
    """The conversation up to its last question, and the answer so far, when somebody is to go on with it: it comes
    last, or is followed by an instruction."""
    is_told = bool(messages) and messages[-1].get("role") == "user" and _GO_ON.search(text_of(messages[-1])) is not None
    rest = messages[:-1] if is_told else messages
    if not rest or rest[-1].get("role") != "assistant" or rest[-1].get("tool_calls"):
        return messages, ""
    return rest[:-1], text_of(rest[-1])


def text_of(message: Mapping[str, Any]) -> str:
    """The text of a message, also when it comes in parts."""
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, Mapping))


def language_of(text: str) -> str:
    """`de` or `en`, by the small words that a text contains."""
    return "de" if len(_GERMAN.findall(text)) > len(_ENGLISH.findall(text)) else "en"


def topic_of(text: str) -> str:
    """What the question is about: the words after "about" or the like, else its first words that carry meaning."""
    head = text[:2000]
    named = _ABOUT.search(head)
    words = _meaningful(named[1]) if named else []
    return " ".join((words or _meaningful(head))[:MAX_TOPIC_WORDS])


def _meaningful(text: str) -> list[str]:
    words = re.findall(r"[^\W\d_][\w'-]+", text)
    return list(dict.fromkeys(word for word in words if word.lower() not in _STOP_WORDS and len(word) > 2))


def title_of(text: str) -> str:
    """The beginning of a text without the words that only ask, at most six words."""
    words = re.findall(r"[\w'-]+", text)
    while words and words[0].lower() in _STOP_WORDS:
        words.pop(0)
    words = words[:MAX_TITLE_WORDS]
    while words and words[-1].lower() in _STOP_WORDS:
        words.pop()
    title = " ".join(words)
    return title[:1].upper() + title[1:]


def _kind(text: str, instructions: str) -> str:
    if _TITLE.search(instructions) or (len(text) < 4000 and _TITLE.search(text[:200])):
        return "title"
    if "```" in text:
        return "code"
    if _ARITHMETIC.search(text) and len(text) < 200:
        return "math"
    for kind, pattern in _KINDS:
        if pattern.search(text):
            return kind
    if _GREETING.match(text) or not text.strip():
        return "greeting"
    return "trivial" if len(text) <= TRIVIAL_CHARACTERS and not _LONG.search(text) else "general"


def _words(text: str) -> int:
    if counted := _WORD_COUNT.search(text):
        return min(int(counted[1]), MAX_WORDS)
    return 400 if _LONG.search(text) else 0


def _results(messages: Messages) -> tuple[str, ...]:
    """What tools have answered since the last question."""
    results: list[str] = []
    for message in reversed(messages):
        if message.get("role") == "user":
            break
        if message.get("role") == "tool":
            results.append(text_of(message))
    return tuple(reversed(results))
