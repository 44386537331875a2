"""What a demo model says: markdown by kind of question, more or less of it by the model's skill."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from apps.operations.demo_models import mathematics, prose, snippets
from apps.operations.demo_models.attached import seen
from apps.operations.demo_models.catalogue import PLAIN, THOROUGH, DemoModel
from apps.operations.demo_models.question import Question, title_of
from apps.operations.demo_models.tools import fill

_VERSUS: Final = re.compile(
    r"(?:compare|vergleiche?)\s+(.{2,40}?)\s+(?:and|with|to|vs\.?|und|mit)\s+"
    r"([\w .-]{2,40}?)(?=\s+(?:in|as|als)\b|[.?!]|$)",
    re.IGNORECASE,
)


def compose(question: Question, model: DemoModel) -> str:
    """The answer, with a line that says that it is a demo (except in titles, which must be nothing but a title)."""
    if question.kind == "title":
        return _title(question)
    if question.tool_results:
        return _tool_result(question) + _in(question, prose.SHORT_FOOTER).format(model=model.name)
    writer = _long if question.words else _WRITERS.get(question.kind, _general)
    text = seen(question.files, is_german=question.is_german) + writer(question, model, model.skill(question.kind))
    is_line = "\n" not in text
    footer = prose.SHORT_FOOTER if is_line else prose.FOOTER
    return text + _in(question, footer).format(model=model.name, about=model.about)


def rest_of(text: str, so_far: str) -> str:
    """What is left of an answer when so much was said: of another model's answer, from its next line on."""
    if text.startswith(so_far):
        return text[len(so_far) :]
    at = text.find("\n", min(len(so_far), max(0, len(text) - 1)))
    rest = text[at:] if at >= 0 else text[text.rfind("\n") + 1 :]
    return "…\n\n" + rest.lstrip("\n")


def as_json(question: Question, model: DemoModel, response_format: Mapping[str, Any]) -> str:
    """An answer for `response_format`: an object of ours, or an instance of the caller's schema."""
    if response_format.get("type") == "json_schema":
        schema = (response_format.get("json_schema") or {}).get("schema") or {}
        return json.dumps(fill(schema, question), ensure_ascii=False)
    body = {
        "demo": True,
        "model": model.name,
        "kind": question.kind,
        "topic": question.topic,
        "language": question.language,
    }
    return json.dumps(body, ensure_ascii=False)


def _in(question: Question, pair: prose.Pair) -> str:
    return pair[1] if question.is_german else pair[0]


def _about(question: Question, pair: prose.Pair) -> str:
    marks = "„{}“" if question.is_german else "“{}”"
    topic = marks.format(question.topic) if question.topic else "das" if question.is_german else "this"
    return _in(question, pair).replace("{topic}", topic)


# --- by kind; each gets the skill of the model, in [0, 1]


def _title(question: Question) -> str:
    """The words that the conversation is about, at most six; the prompt's own words are left out."""
    text = re.sub(r"\A\s*(?:Question|Frage|User|Nutzer)\s*:\s*", "", question.text)
    line = next((line for line in text.splitlines() if line.strip()), "")
    return title_of(line) or ("Neues Gespräch" if question.is_german else "New conversation")


def _tool_result(question: Question) -> str:
    results = "; ".join(_readable(result) for result in question.tool_results)
    return _in(question, prose.TOOL_RESULT).replace("{result}", results)


def _readable(result: str) -> str:
    try:
        value = json.loads(result)
    except ValueError:
        return result.strip()[:500]
    if isinstance(value, dict):
        return ", ".join(f"{name}: {each}" for name, each in value.items())[:500]
    return str(value)[:500]


def _code(question: Question, model: DemoModel, skill: float) -> str:
    snippet = snippets.find(question.text)
    block = f"```{snippet.language}\n{snippet.code}\n```"
    if skill < PLAIN:
        return block
    explained = f"{'Der Code' if question.is_german else 'It'} {_in(question, snippet.what)}."
    if skill < THOROUGH:
        return f"{block}\n\n{explained}"
    watch, check = ("Zu beachten", "Probe") if question.is_german else ("Watch out", "Check")
    return (
        f"{explained}\n\n{block}\n\n**{watch}:** {_in(question, snippet.watch)}.\n\n"
        f"**{check}:**\n\n```{snippet.language}\n{snippet.test}\n```"
    )


def _literary(question: Question, model: DemoModel, skill: float) -> str:
    is_story = re.search(r"story|geschichte|novel|tale|märchen", question.text, re.IGNORECASE)
    if skill < PLAIN:
        return _lines(_in(question, prose.WEAK_VERSE))
    if is_story:
        return _about(question, prose.STORY)
    stanzas = prose.STANZAS if skill >= THOROUGH else prose.STANZAS[:1]
    heading = [f"### {question.topic[:1].upper()}{question.topic[1:]}"] if question.topic else []
    return "\n\n".join([*heading, *(_lines(_in(question, stanza)) for stanza in stanzas)])


def _lines(verse: str) -> str:
    """Markdown keeps a line break only after two blanks."""
    return verse.replace("\n", "  \n")


def _legal(question: Question, model: DemoModel, skill: float) -> str:
    parts = prose.LEGAL_PARTS if skill >= THOROUGH else prose.LEGAL_PARTS[:2]
    if skill < PLAIN:
        return _in(question, prose.LEGAL_INTRO)
    sections = [f"### {_in(question, heading)}\n{_about(question, body)}" for heading, body in parts]
    return "\n\n".join([_in(question, prose.LEGAL_INTRO), *sections])


def _math(question: Question, model: DemoModel, skill: float) -> str:
    solved = mathematics.solve(question.text)
    if solved is None:
        return _general(question, model, skill)
    expression, result = solved
    if skill < PLAIN:
        return result
    if skill < THOROUGH:
        return f"{expression} = **{result}**"
    first, then = ("Gerechnet wird", "Ergebnis") if question.is_german else ("To work out", "Result")
    return f"{first}:\n\n$$ {expression} $$\n\n{then}: **{result}**"


def _table(question: Question, model: DemoModel, skill: float) -> str:
    versus = _VERSUS.search(question.text)
    left, right = (part.strip(" .?") for part in versus.groups()) if versus else ("A", "B")
    rows = prose.TABLE_ROWS[question.is_german][: 2 if skill < PLAIN else None]
    body = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    return f"{_in(question, prose.TABLE_HEAD).format(left=left, right=right)}\n{body}"


def _summary(question: Question, model: DemoModel, skill: float) -> str:
    """The first sentences of what was given: a summary that is at least true."""
    _, _, given = question.text.partition(":")
    sentences = re.findall(r"[^.!?\n]+[.!?]", given or question.text)[: 1 if skill < PLAIN else 3]
    return "\n".join(f"- {sentence.strip()}" for sentence in sentences) or _about(question, prose.SENTENCES[0])


def _trivial(question: Question, model: DemoModel, skill: float) -> str:
    if re.search(r"capital|hauptstadt", question.text, re.IGNORECASE):
        for country, city in prose.CAPITALS.items():
            if country in question.text.lower():
                return _in(question, city)
    if question.earlier and re.search(
        r"\b(?:before|earlier|previous|vorher|zuvor|eben)\b", question.text, re.IGNORECASE
    ):
        return f"> {question.earlier[:200]}"
    return _about(question, prose.TRIVIAL)


def _greeting(question: Question, model: DemoModel, skill: float) -> str:
    return _in(question, prose.GREETING).format(model=model.name)


def _general(question: Question, model: DemoModel, skill: float) -> str:
    count = 1 if skill < PLAIN else 3 if skill < THOROUGH else 6
    sentences = [_about(question, sentence) for sentence in prose.SENTENCES[:count]]
    if skill < THOROUGH:
        return " ".join(sentences)
    points = "\n".join(f"- {sentence}" for sentence in sentences[2:])
    return f"{sentences[0]} {sentences[1]}\n\n{points}"


def _long(question: Question, model: DemoModel, skill: float) -> str:
    """As many words as were asked for, in sections; weak models give up after half of them."""
    wanted = question.words if skill >= PLAIN else question.words // 2
    pieces: list[str] = []
    written = 0
    for number, sentence in enumerate(_sentences(question)):
        if number % 8 == 0:
            heading = prose.HEADINGS[(number // 8) % len(prose.HEADINGS)]
            pieces.append(f"\n\n## {_in(question, heading)}\n\n")
        pieces.append(sentence + " ")
        written += len(sentence.split())
        if written >= wanted:
            break
    return "".join(pieces).strip()


def _sentences(question: Question) -> Iterator[str]:
    """Sentences without end; the step is prime to their number, so that neighbours change from round to round."""
    number = 0
    while True:
        yield _about(question, prose.SENTENCES[(number * 7 + number // len(prose.SENTENCES)) % len(prose.SENTENCES)])
        number += 1


_WRITERS: Final[Mapping[str, Callable[[Question, DemoModel, float], str]]] = {
    "code": _code,
    "literary": _literary,
    "legal": _legal,
    "math": _math,
    "table": _table,
    "summary": _summary,
    "trivial": _trivial,
    "greeting": _greeting,
}
