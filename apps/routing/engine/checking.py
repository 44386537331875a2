"""Whether an answer may be shown as it is, or a stronger model should be asked (strategy `cascade`). Pure; no model.

After FrugalGPT (Chen, Zaharia, Zou 2023, arXiv:2305.05176): models are asked from the cheapest up until a scorer
accepts an answer. The scorer here is a list of rules, each of which finds a fault that a reader would find as well.
Where a rule may be wrong it stays silent: a good answer that is thrown away costs more than a poor one that is shown.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from jsonschema import Draft202012Validator, validators  # type: ignore[import-untyped]
from referencing import Registry
from referencing.exceptions import Unresolvable

from apps.domain.intent import Intent
from apps.domain.turn import Finish, PromptMessage, Role, ToolCall, TurnRequest
from apps.routing.engine.intent.text import language_of

FAULTS: Final = (
    "empty", "bad_call", "refusal", "truncated", "no_json", "open_code", "repeats", "too_short", "wrong_language",
)  # fmt: skip
"""Every fault, in the order in which they are looked for."""
REFUSAL_WORDS: Final = 60
"""A longer answer may begin with "I cannot" and still help."""
SHORT_SHARE: Final = 0.1
LONG_WISH: Final = 150
"""Words. Where less is expected, a short answer may be the right one."""
SURE: Final = 0.6
"""So sure must the recogniser be of the wanted length before an answer counts as too short."""
LOOP_WORDS: Final = 60
DISTINCT_SHARE: Final = 0.35
"""Share of different word 4-grams; after distinct-n (Li et al. 2016, arXiv:1510.03055). Prose has 0.9 and more."""
LANGUAGE_WORDS: Final = 25
QUESTION_WORDS: Final = 6
KNOWN_LANGUAGES: Final = frozenset({"en", "de", "fr", "es", "it"})

_APOLOGIES: Final = (
    r"(?:i['’]?m|i am) (?:very |really |so |truly )?sorry", "sorry", "unfortunately", r"i apologi[sz]e",
    "es tut mir (?:sehr )?leid", "tut mir leid", "leider", "entschuldigung",
    "(?:je suis )?(?:vraiment )?désolée?", "malheureusement",
    "lo siento(?: mucho)?", "lamentablemente", "desafortunadamente",
    "mi dispiace(?: molto)?", "purtroppo",
)  # fmt: skip
_REFUSALS: Final = (
    r"as an ai\b",
    r"(?:i (?:can ?not|can['’]?t|won['’]?t)|(?:i am|i['’]?m) (?:not able|unable) to) (?:\w+ ){0,2}"
    r"(?:help|assist|answer|provide|comply|fulfil|discuss|give|access|browse|open|create|generate|write|continue)",
    r"i (?:do not|don['’]?t) (?:know|have (?:access|information|enough))\b",
    r"als (?:ki|sprachmodell)\b",
    r"(?:ich )?(?:kann|darf|kann ich|darf ich) (?:\w+ ){0,5}nicht (?:\w+ ){0,2}"
    r"(?:helfen|weiterhelfen|behilflich|beantworten|unterstützen|erfüllen|erstellen|geben|sagen|schreiben)",
    r"(?:das )?weiß ich (?:\w+ ){0,2}nicht\b", r"ich weiß (?:\w+ ){0,2}nicht\b",
    r"en tant qu['’]ia\b",
    r"je ne (?:peux|puis) (?:\w+ )?pas (?:\w+['’ ]){0,2}(?:aider|répondre|fournir|accéder|faire|donner|écrire)",
    r"je ne sais pas\b", "je ne suis pas en mesure de",
    r"como (?:una )?ia\b", r"no sé\b",
    r"no puedo (?:\w+ ){0,2}(?:ayudar|responder|proporcionar|hacer|dar|acceder|escribir)",
    r"(?:come|in quanto) ia\b", r"non posso (?:\w+ ){0,2}(?:aiutar|rispondere|fornire|fare|dare|accedere|scrivere)",
    r"non (?:lo )?so\b",
)  # fmt: skip
_REFUSAL: Final = re.compile(
    rf"\W*(?:(?:{'|'.join(_APOLOGIES)})[,.!]?\s+(?:(?:but|aber|mais|pero|ma)\s+)?)?(?:{'|'.join(_REFUSALS)})",
    re.IGNORECASE,
)
_FENCE: Final = re.compile(r"[ ]{0,3}(`{3,}|~{3,})([^\n]*)", re.MULTILINE)
_FENCED: Final = re.compile(r"```[\w-]*\n(.*?)```", re.DOTALL)
_LANGUAGE_NAMES: Final = re.compile(
    r"\b(?:english|german|french|spanish|italian|englisch\w*|deutsch\w*|französisch\w*|spanisch\w*|italienisch\w*"
    r"|anglais\w*|allemand\w*|français\w*|espagnol\w*|italien\w*|inglés|alemán|francés|español|italiano|inglese|tedesco"
    r"|francese|spagnolo|translat\w*|übersetz\w*|tradui\w*|tradu[cz]\w*|portuguese|dutch|chinese|japanese|russian|latin)\b",
    re.IGNORECASE,
)


def _unchecked(*_: Any) -> tuple[()]:
    return ()


_Validator: Final = validators.extend(Draft202012Validator, {"pattern": _unchecked, "patternProperties": _unchecked})
"""Patterns come from callers and would run without a bound on what a model wrote: they are left to the caller."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model has answered, whole."""

    text: str
    calls: Sequence[ToolCall] = ()
    finish: Finish | None = Finish.STOP


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an answer is measured against. Build it with `wanted`.

    `words`: expected length, 0 where nothing is expected for certain. `language`: `und` where any will do.
    `json`: the whole answer, a part of it (`loose`), or none (empty); `schema` is that of a whole one.
    """

    words: int = 0
    language: str = "und"
    task: str = ""
    json: str = ""
    schema: Mapping[str, Any] | None = None
    tools: Collection[str] = ()
    may_end_early: bool = False
    """Somebody has limited the length on purpose: another model would be cut off there as well."""


def wanted(request: TurnRequest, messages: Sequence[PromptMessage], intent: Intent, *, limited: bool) -> Wanted:
    """What an answer to this question should be like.

    Args:
        messages: everything that was sent, the newest last.
        limited: the caller or the budget allows a shorter answer than the policy does.
    """
    form = _form(request.sampling.response_format)
    is_sure = dict(intent.confidence).get("length", 0.0) >= SURE
    return Wanted(
        words=intent.words if is_sure else 0,
        language=_language(messages, intent),
        task=intent.task,
        json="whole" if form else "loose" if intent.wants_json else "",
        schema=_schema(form),
        tools=frozenset(tool.name for tool in request.tools),
        may_end_early=limited,
    )


def fault(answer: Answer, by: Wanted) -> str | None:
    """The first fault of the answer, one of `FAULTS`; None when it may be shown."""
    if answer.calls:
        return "bad_call" if any(not _is_callable(call, by.tools) for call in answer.calls) else None
    if not answer.text.strip():
        return "empty"
    return next((name for name, is_faulty in _RULES if is_faulty(answer, by)), None)


def _is_callable(call: ToolCall, tools: Collection[str]) -> bool:
    """Whether the caller can make anything of a tool call: a tool that was offered, arguments that are an object."""
    if call.name not in tools:
        return False
    try:
        return isinstance(orjson.loads(call.arguments or "{}"), dict)
    except orjson.JSONDecodeError:
        return False


def _refuses(answer: Answer, by: Wanted) -> bool:
    if answer.finish is Finish.CONTENT_FILTER:
        return True
    is_short = len(answer.text.split(maxsplit=REFUSAL_WORDS)) <= REFUSAL_WORDS
    return is_short and by.task != "translation" and _REFUSAL.match(answer.text) is not None


def _is_truncated(answer: Answer, by: Wanted) -> bool:
    return answer.finish is Finish.LENGTH and not by.may_end_early


def _lacks_json(answer: Answer, by: Wanted) -> bool:
    if not by.json or (by.may_end_early and answer.finish is Finish.LENGTH):
        return False
    texts = [answer.text] if by.json == "whole" else [answer.text, *_FENCED.findall(answer.text)]
    return not any(_is_json(text, by.schema) for text in texts)


def _is_json(text: str, schema: Mapping[str, Any] | None) -> bool:
    try:
        value = orjson.loads(text)
        return schema is None or bool(_Validator(schema, registry=Registry()).is_valid(value))
    except (orjson.JSONDecodeError, Unresolvable, RecursionError):
        return False


def _has_open_code(answer: Answer, by: Wanted) -> bool:
    return answer.finish is not Finish.LENGTH and has_open_fence(answer.text)


def has_open_fence(text: str) -> bool:
    """Whether a block of code (CommonMark's fences) begins and does not end."""
    fence = ""
    for found in _FENCE.finditer(text):
        if found.start() and text[found.start() - 1] != "\n":
            continue
        marks, rest = found.groups()
        if not fence:
            fence = "" if marks[0] == "`" and "`" in rest else marks
        elif marks.startswith(fence) and not rest.strip():
            fence = ""
    return bool(fence)


def _repeats(answer: Answer, by: Wanted) -> bool:
    """Whether it goes round in circles: hardly any of its word 4-grams is new."""
    words = answer.text.split()
    if len(words) < LOOP_WORDS:
        return False
    grams = {tuple(words[at : at + 4]) for at in range(len(words) - 3)}
    return len(grams) < DISTINCT_SHARE * (len(words) - 3)


def _is_too_short(answer: Answer, by: Wanted) -> bool:
    if by.words < LONG_WISH or by.json or "```" in answer.text:
        return False
    return len(answer.text.split()) < SHORT_SHARE * by.words


def _is_foreign(answer: Answer, by: Wanted) -> bool:
    if by.language not in KNOWN_LANGUAGES or by.json:
        return False
    prose = _FENCED.sub(" ", answer.text)
    words = tuple(prose.lower().split())
    if len(words) < LANGUAGE_WORDS:
        return False
    spoken = {language_of(" ".join(part), part) for part in (words[:80], words[-80:])}
    return by.language not in spoken and bool(spoken) and spoken <= KNOWN_LANGUAGES


_RULES: Final[tuple[tuple[str, Callable[[Answer, Wanted], bool]], ...]] = (
    ("refusal", _refuses),
    ("truncated", _is_truncated),
    ("no_json", _lacks_json),
    ("open_code", _has_open_code),
    ("repeats", _repeats),
    ("too_short", _is_too_short),
    ("wrong_language", _is_foreign),
)


def _language(messages: Sequence[PromptMessage], intent: Intent) -> str:
    """The language of the answer, where the question alone says which: no instruction does, and it names none."""
    asked = [message.text for message in messages if message.role is Role.USER]
    newest = asked[-1] if asked else ""
    is_told = any(message.role is Role.SYSTEM for message in messages) or len(asked) > 1
    if is_told or intent.task in ("translation", "coding", "extraction_classification"):
        return "und"
    if len(newest.split(maxsplit=QUESTION_WORDS)) < QUESTION_WORDS or _LANGUAGE_NAMES.search(newest):
        return "und"
    return intent.language


def _form(response_format: str) -> Mapping[str, Any]:
    """The caller's `response_format`, as far as it asks for JSON; empty otherwise."""
    try:
        form = orjson.loads(response_format) if response_format else {}
    except orjson.JSONDecodeError:
        return {}
    is_json = isinstance(form, dict) and form.get("type") in ("json_object", "json_schema")
    return form if is_json else {}


def _schema(form: Mapping[str, Any]) -> Mapping[str, Any] | None:
    held = form.get("json_schema")
    schema = held.get("schema") if isinstance(held, dict) else None
    if not isinstance(schema, dict):
        return None
    return schema if _is_fit(schema) else None


def _is_fit(schema: Mapping[str, Any]) -> bool:
    """Whether the schema is one: what a caller got wrong is no fault of the answer."""
    meta = Draft202012Validator(Draft202012Validator.META_SCHEMA)
    return bool(meta.is_valid(schema))
