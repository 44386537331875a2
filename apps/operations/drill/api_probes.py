"""Every place of a request to the developer API that can carry text."""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

from apps.operations.drill.canaries import Canary
from apps.operations.drill.company import OUTSIDE
from apps.operations.drill.scene import Expected, Probe, Scene, told, user

Body = Mapping[str, Any]
_CALL: Final = "call_1"


async def _harmless(scene: Scene) -> str:
    return told(await scene.client().complete(user(scene.harmless())))


def _tool(description: str = "Looks something up.", argument: str = "The place.") -> dict[str, Any]:
    schema = {"type": "object", "properties": {"place": {"type": "string", "description": argument}}}
    return {"type": "function", "function": {"name": "look_up", "description": description, "parameters": schema}}


def _round_of_tools(arguments: str, result: str) -> list[Body]:
    call = {"id": _CALL, "type": "function", "function": {"name": "look_up", "arguments": arguments}}
    return [
        user("Look it up, please."),
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": _CALL, "content": result},
    ]


def _halves(canary: Canary, question: str) -> list[Body]:
    half = len(canary.value) // 2
    return [
        user(f"It begins with {canary.value[:half]}"),
        {"role": "assistant", "content": "And how does it go on?"},
        user(f"{canary.value[half:]}. {question}"),
    ]


def _disguised(canary: Canary) -> str:
    return "\u200b".join(canary.value)


_PLACES: Final[Mapping[str, tuple[str, Callable[[Canary, str], Body]]]] = {
    "question": ("the question", lambda c, q: {"messages": [user(f"{c.sentence} {q}")]}),
    "system": ("the system prompt", lambda c, q: {
        "messages": [{"role": "system", "content": c.sentence}, user(q)]}),
    "history": ("an earlier question", lambda c, q: {
        "messages": [user(c.sentence), {"role": "assistant", "content": "I see."}, user(q)]}),
    "earlier-answer": ("an earlier answer", lambda c, q: {
        "messages": [user("And then?"), {"role": "assistant", "content": c.sentence}, user(q)]}),
    "parts": ("one of the parts of a message", lambda c, q: {
        "messages": [user([{"type": "text", "text": q}, {"type": "text", "text": c.sentence}])]}),  # type: ignore[arg-type]
    "split": ("two messages, half in each", lambda c, q: {"messages": _halves(c, q)}),
    "spaced": ("letters with invisible characters between them", lambda c, q: {
        "messages": [user(f"{q} {_disguised(c)}")]}),
    "url": ("a web address, percent-encoded", lambda c, q: {
        "messages": [user(f"{q} https://intranet.example/?q={quote(c.sentence)}")]}),
    "base64": ("base64", lambda c, q: {
        "messages": [user(f"{q} {base64.b64encode(c.sentence.encode()).decode()}")]}),
    "tool-description": ("the description of a tool", lambda c, q: {
        "messages": [user(q)], "tools": [_tool(description=c.sentence)]}),
    "tool-schema": ("the schema of a tool", lambda c, q: {
        "messages": [user(q)], "tools": [_tool(argument=c.sentence)]}),
    "tool-arguments": ("the arguments of a call", lambda c, q: {
        "messages": [*_round_of_tools(json.dumps({"place": c.sentence}), "It is there."), user(q)],
        "tools": [_tool()]}),
    "tool-result": ("the result of a call", lambda c, q: {
        "messages": [*_round_of_tools('{"place": "Rome"}', c.sentence), user(q)], "tools": [_tool()]}),
    "response-format": ("the JSON schema of the answer", lambda c, q: {
        "messages": [user(q)],
        "response_format": {"type": "json_schema", "json_schema": {
            "name": "answer", "schema": {"type": "object", "description": c.sentence}}}}),
    "stop": ("a stop sequence", lambda c, q: {"messages": [user(q)], "stop": [c.sentence]}),
    "streamed": ("the question of a streamed answer", lambda c, q: {
        "messages": [user(f"{c.sentence} {q}")], "stream": True}),
    "named-model": ("a question to a model outside, by its name", lambda c, q: {
        "messages": [user(f"{c.sentence} {q}")], "model": OUTSIDE}),
    "vote": ("a question that several models are asked at once", lambda c, q: {
        "messages": [user(f"{c.sentence} {q}")], "model": "auto:vote"}),
    "cascade": ("a question whose answer is checked before it is shown", lambda c, q: {
        "messages": [user(f"{c.sentence} {q}")], "model": "auto:cascade"}),
}  # fmt: skip


def _probe(name: str) -> Probe:
    about, body = _PLACES[name]

    async def run(scene: Scene) -> str:
        asked = dict(body(scene.canary(), scene.harmless()))
        return told(await scene.client().complete(*asked.pop("messages"), **asked))

    return Probe(f"api.{name}", f"A private value in {about}", Expected.NO_CANARY, run, per_kind=True)


CONTROL: Final = Probe("api.harmless", "Harmless text", Expected.OUTSIDE, _harmless)
PROBES: Final = tuple(_probe(name) for name in _PLACES)
