"""Messages and tools of a chat completion request, from OpenAI's form into ours. Plain Python.

Every text that would reach a model comes out as text of a `PromptMessage` or a `Tool`, where it is inspected; what
cannot be inspected or sent is refused by name, never dropped in silence.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

import orjson

from apps.domain.limits import MAX_MESSAGES, MAX_TOOLS
from apps.domain.messages import Image, PromptMessage, Role, Tool, ToolCall
from apps.gateway.forms import fields

ROLES: Final = {
    "system": Role.SYSTEM,
    "developer": Role.SYSTEM,
    "user": Role.USER,
    "assistant": Role.ASSISTANT,
    "tool": Role.TOOL,
}
MAX_IMAGES: Final = 20
MAX_CALLS: Final = 128

_FUNCTION_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_DATA_URL = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+")
_NAME_LIMIT: Final = 64


def messages(values: Sequence[Any]) -> tuple[PromptMessage, ...]:
    """Every message, in order. Raises `InvalidRequest` or `TooLarge` that name the field."""
    if not values:
        fields.refuse("messages", "must hold at least one message.")
    if len(values) > MAX_MESSAGES:
        fields.refuse("messages", f"must not hold more than {MAX_MESSAGES} messages.")
    found = tuple(_message(entry, path) for path, entry in fields.objects(values, "messages"))
    if sum(len(message.images) for message in found) > MAX_IMAGES:
        fields.refuse("messages", f"must not hold more than {MAX_IMAGES} images.")
    return found


def tools(values: Sequence[Any]) -> tuple[Tool, ...]:
    """The functions that the caller offers; names are unique."""
    if len(values) > MAX_TOOLS:
        fields.refuse("tools", f"must not hold more than {MAX_TOOLS} tools.")
    found = tuple(_tool(entry, path) for path, entry in fields.objects(values, "tools"))
    if len({tool.name for tool in found}) < len(found):
        fields.refuse("tools", "must not offer two functions of one name.")
    return found


def tool_choice(value: Any, offered: Sequence[Tool]) -> str:
    """Canonical JSON text of the choice, empty when the caller leaves it open."""
    if value is None:
        return ""
    if not offered:
        fields.refuse("tool_choice", "is only allowed together with `tools`.")
    if value in ("none", "auto", "required"):
        return canonical(value)
    if type(value) is not dict or value.get("type") != "function":
        fields.refuse("tool_choice", 'must be "none", "auto", "required" or an object of type "function".')
    function = fields.need(value, "function", dict, path="tool_choice.")
    name = fields.need(function, "name", str, path="tool_choice.function.")
    if name not in {tool.name for tool in offered}:
        fields.refuse("tool_choice.function.name", "names no function of `tools`.")
    return canonical({"type": "function", "function": {"name": name}})


def canonical(value: Any) -> str:
    """JSON text with sorted keys, so that equal schemas have equal text."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _message(source: dict[str, Any], path: str) -> PromptMessage:
    inside = f"{path}."
    word = fields.need(source, "role", str, path=inside)
    role = ROLES.get(word)
    if role is None:
        fields.refuse(f"{inside}role", f"must be one of {', '.join(ROLES)}.")
    for name in ("function_call", "audio"):
        if source.get(name) is not None:
            fields.refuse(inside + name, "is not supported; use `tool_calls` and text.")
    pieces, images = _content(source, role, inside)
    text = fields.long_text("\n".join(pieces), f"{inside}content")
    calls = _tool_calls(source, role, inside)
    if not calls and source.get("content") is None and not text:
        fields.refuse(f"{inside}content", "is required.")
    call_id = fields.text(source, "tool_call_id", path=inside)
    if role is Role.TOOL and not call_id:
        fields.refuse(f"{inside}tool_call_id", "is required in a tool message.")
    name = fields.text(source, "name", path=inside, limit=_NAME_LIMIT)
    parts = pieces if len(pieces) > 1 else ()
    return PromptMessage(role, text, images, calls, call_id, name, parts=parts)


def _content(source: dict[str, Any], role: Role, path: str) -> tuple[tuple[str, ...], tuple[Image, ...]]:
    """The pieces of text and the images. Each piece keeps its borders: two of them glued would make other words."""
    content = source.get("content")
    if content is None:
        return (fields.long_text(fields.read(source, "refusal", str, path=path) or "", f"{path}refusal"),), ()
    if type(content) is str:
        return (content,), ()
    if type(content) is not list:
        fields.refuse(f"{path}content", "must be a string or an array of parts.")
    texts: list[str] = []
    images: list[Image] = []
    for place, part in fields.objects(content, f"{path}content"):
        match fields.need(part, "type", str, path=f"{place}."):
            case "text":
                texts.append(fields.need(part, "text", str, path=f"{place}."))
            case "refusal" if role is Role.ASSISTANT:
                texts.append(fields.need(part, "refusal", str, path=f"{place}."))
            case "image_url" if role is Role.USER:
                images.append(_image(part, place))
            case _:
                fields.refuse(f"{place}.type", f"is not supported in a message of the role {role.value}.")
    return tuple(texts), tuple(images)


def _image(part: dict[str, Any], path: str) -> Image:
    """An inline image. An address is refused: a model's fetch would tell its host about the question."""
    source = fields.need(part, "image_url", dict, path=f"{path}.")
    url = fields.need(source, "url", str, path=f"{path}.image_url.")
    if not _DATA_URL.fullmatch(url):
        fields.refuse(f"{path}.image_url.url", "must be a data: URL of a PNG, JPEG, GIF or WebP image in base64.")
    detail = fields.choice(source, "detail", ("auto", "low", "high"), path=f"{path}.image_url.")
    return Image(url, detail or "auto")


def _tool_calls(source: dict[str, Any], role: Role, path: str) -> tuple[ToolCall, ...]:
    values = fields.read(source, "tool_calls", list, path=path)
    if not values:
        return ()
    if role is not Role.ASSISTANT:
        fields.refuse(f"{path}tool_calls", "may only stand in a message of the role assistant.")
    if len(values) > MAX_CALLS:
        fields.refuse(f"{path}tool_calls", f"must not hold more than {MAX_CALLS} calls.")
    return tuple(_tool_call(entry, place) for place, entry in fields.objects(values, f"{path}tool_calls"))


def _tool_call(source: dict[str, Any], path: str) -> ToolCall:
    if source.get("type", "function") != "function":
        fields.refuse(f"{path}.type", 'must be "function".')
    function = fields.need(source, "function", dict, path=f"{path}.")
    arguments = fields.read(function, "arguments", str, path=f"{path}.function.") or ""
    return ToolCall(
        id=_short(fields.need(source, "id", str, path=f"{path}."), f"{path}.id"),
        name=_function_name(function, f"{path}.function."),
        arguments=fields.long_text(arguments, f"{path}.function.arguments"),
    )


def _tool(source: dict[str, Any], path: str) -> Tool:
    if fields.need(source, "type", str, path=f"{path}.") != "function":
        fields.refuse(f"{path}.type", 'must be "function"; other tools are not supported.')
    function = fields.need(source, "function", dict, path=f"{path}.")
    inside = f"{path}.function."
    description = fields.read(function, "description", str, path=inside) or ""
    parameters = fields.read(function, "parameters", dict, path=inside)
    return Tool(
        name=_function_name(function, inside),
        description=fields.long_text(description, f"{inside}description"),
        parameters="{}" if parameters is None else fields.long_text(canonical(parameters), f"{inside}parameters"),
        strict=fields.read(function, "strict", bool, path=inside) or False,
    )


def _function_name(function: dict[str, Any], path: str) -> str:
    name = fields.need(function, "name", str, path=path)
    if not _FUNCTION_NAME.fullmatch(name):
        fields.refuse(f"{path}name", "must be 1 to 64 letters, digits, underscores or hyphens.")
    return name


def _short(value: str, param: str) -> str:
    if not 0 < len(value) <= 200:
        fields.refuse(param, "must be 1 to 200 characters long.")
    return value
