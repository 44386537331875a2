"""Which of the offered tools a demo model calls, and with which arguments."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from apps.operations.demo_models.question import Question

Json = dict[str, Any]
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")
_NAME: Final = re.compile(r"(?<!^)(?<![.!?]\s)\b[A-ZÄÖÜ][\w'-]+(?:\s[A-ZÄÖÜ][\w'-]+)*")
_PLACES: Final = re.compile(r"city|place|location|town|ort|stadt|country|land|name|person")
MAX_DEPTH: Final = 6


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call; `arguments` is JSON text."""

    name: str
    arguments: str


def choose(question: Question, tools: Sequence[Mapping[str, Any]], choice: Any) -> Call | None:
    """The tool that fits the question best, or None. `choice` is OpenAI's `tool_choice`.

    A tool fits when a word of its name, description or parameters stands in the question.
    """
    functions = [tool["function"] for tool in tools if isinstance(tool.get("function"), Mapping)]
    if choice == "none" or not functions or question.tool_results:
        return None
    if isinstance(choice, Mapping):
        wanted = choice.get("function", {}).get("name")
        functions = [function for function in functions if function.get("name") == wanted]
    scored = [(_fit(question.text, function), function) for function in functions]
    if not scored:
        return None
    fit, best = max(scored, key=lambda pair: pair[0])
    if not fit and choice in (None, "auto"):
        return None
    arguments = fill(best.get("parameters") or {}, question)
    return Call(str(best.get("name", "")), json.dumps(arguments, ensure_ascii=False))


def fill(schema: Mapping[str, Any], question: Question, *, name: str = "", depth: int = 0) -> Any:
    """A value that satisfies a JSON schema, with what the question says where it fits."""
    if "const" in schema:
        return schema["const"]
    if options := schema.get("enum"):
        return next((o for o in options if str(o).lower() in question.text.lower()), options[0])
    for combined in ("anyOf", "oneOf", "allOf"):
        if schema.get(combined):
            return fill(schema[combined][0], question, name=name, depth=depth)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        parts = schema.get("properties", {}) if depth < MAX_DEPTH else {}
        return {key: fill(part, question, name=key, depth=depth + 1) for key, part in parts.items()}
    if kind == "array":
        return [fill(schema.get("items") or {}, question, name=name, depth=depth + 1)] if depth < MAX_DEPTH else []
    return _scalar(kind, question, name)


def _scalar(kind: str, question: Question, name: str) -> Any:
    numbers = _NUMBER.findall(question.text)
    match kind:
        case "integer":
            return int(float(numbers[0])) if numbers else 1
        case "number":
            return float(numbers[0]) if numbers else 1.0
        case "boolean":
            return True
        case "null":
            return None
    names = _NAME.findall(question.text)
    if _PLACES.search(name.lower()) and names:
        return names[-1]
    return (
        question.text.strip()[:200] if name.lower() in {"query", "question", "text", "expression"} else question.topic
    )


def _fit(text: str, function: Mapping[str, Any]) -> int:
    described = f"{function.get('name', '')} {function.get('description', '')}"
    described += " ".join((function.get("parameters") or {}).get("properties", {}))
    return len(_stems(text) & _stems(described))


def _stems(text: str) -> set[str]:
    """The beginnings of the longer words, so that `forecasts` meets `forecast`."""
    return {word[:5] for word in re.findall(r"[^\W\d_]{4,}", text.replace("_", " ").lower())} - {"what", "this", "with"}
