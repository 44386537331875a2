"""`GET /v1/models`: the models that the caller's team may use, and `auto`."""

from typing import Any, Final
from urllib.parse import unquote

import orjson

from apps.domain.catalogue import Candidate
from apps.domain.decision import ModelNotFound
from apps.domain.errors import PermissionRefused
from apps.gateway.backend import Backend, Caller
from apps.gateway.exchange import Exchange

PREFIX: Final = "/v1/models/"
AUTO: Final = {"id": "auto", "object": "model", "created": 0, "owned_by": "openroute"}


async def list_models(exchange: Exchange, caller: Caller, backend: Backend) -> None:
    """All of them, by name."""
    await exchange.reply(orjson.dumps({"object": "list", "data": _entries(caller)}))


async def get_model(exchange: Exchange, caller: Caller, backend: Backend) -> None:
    """One of them. A model that exists but is not the team's answers like one that does not exist."""
    name = unquote(exchange.path.removeprefix(PREFIX))
    for entry in _entries(caller):
        if entry["id"] == name:
            await exchange.reply(orjson.dumps(entry))
            return
    raise ModelNotFound("There is no model of that name that you may use. GET /v1/models lists them.")


def _entries(caller: Caller) -> list[dict[str, Any]]:
    if "models" not in caller.scopes:
        raise PermissionRefused("This API key may not list models: it lacks the scope `models`.")
    candidates = sorted(caller.models(), key=lambda candidate: candidate.model)
    return [AUTO, *map(_entry, candidates)]


def _entry(candidate: Candidate) -> dict[str, Any]:
    return {
        "id": candidate.model,
        "object": "model",
        "created": 0,
        "owned_by": candidate.provider_name,
        "openroute": {
            "hosting": candidate.hosting.value,
            "region": candidate.region,
            "context_tokens": candidate.context_tokens,
            "max_output_tokens": candidate.max_output_tokens,
            "capabilities": sorted(candidate.capabilities),
        },
    }
