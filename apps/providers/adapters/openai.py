"""OpenAI's chat completions: OpenAI itself, Azure, vLLM, Ollama, LM Studio, llama.cpp and many others."""

from collections.abc import AsyncGenerator
from functools import lru_cache
from typing import Final

import aiohttp
import orjson
from yarl import URL

from apps.providers.adapters import _openai_wire as wire
from apps.providers.adapters._errors import ProviderUnavailable, Retryable
from apps.providers.adapters._http import Exchange
from apps.providers.adapters._protocol import Chunk, Endpoint, ListedModel, ModelCall

MAX_ERROR_BYTES: Final = 64 * 1024
MAX_LISTING_BYTES: Final = 4 * 1024 * 1024
BYTES_PER_TOKEN: Final = 4 * 1024
"""More than any server wraps round one token, so that only a run-away answer meets the bound."""

_NEW_LIMIT_HOSTS: Final = ("api.openai.com", ".openai.azure.com", ".cognitiveservices.azure.com")
_PREFIX_FIELDS: Final = {("api.deepseek.com", "/beta"): "prefix"}
"""By host and path: who goes on with a last message of the model's own when it is marked with this field. Everybody
else is asked to in words, which works with every chat model."""


class OpenAiAdapter:
    """The protocol that almost every model server speaks."""

    name = "openai"

    async def stream(
        self, call: ModelCall, endpoint: Endpoint, session: aiohttp.ClientSession
    ) -> AsyncGenerator[Chunk, None]:
        """See `Adapter.stream`."""
        reader = wire.AnswerReader(provider=endpoint.name, images=sum(len(message.images) for message in call.messages))
        async with Exchange(endpoint, max_bytes=MAX_ERROR_BYTES + call.max_output_tokens * BYTES_PER_TOKEN) as exchange:
            status = await exchange.send(
                session, "POST", _address(endpoint.base_url, "chat/completions"),
                headers=_headers(endpoint, call.idempotency),
                body=wire.request_body(
                    call,
                    token_limit=endpoint.token_limit or _token_limit(endpoint.base_url),
                    prefix_field=_prefix_field(endpoint.base_url),
                ),
            )  # fmt: skip
            if status != 200:
                raise await _refusal(exchange, endpoint, status)
            while not reader.done:
                try:
                    received = await exchange.read()
                except Retryable:
                    if reader.finish is None:
                        raise
                    break  # after the model's last word a break or a silence costs the figures, not the answer
                if not received:
                    break
                seen = reader.events
                for chunk in reader.feed(received):
                    yield chunk
                if reader.failure is not None:
                    raise reader.failure
                if reader.events > seen:
                    exchange.progressed()
            for chunk in reader.end():
                yield chunk
            await exchange.drain()

    async def models(self, endpoint: Endpoint, session: aiohttp.ClientSession) -> tuple[ListedModel, ...]:
        """See `Adapter.models`."""
        async with Exchange(endpoint, max_bytes=MAX_LISTING_BYTES) as exchange:
            url = _address(endpoint.base_url, "models")
            status = await exchange.send(session, "GET", url, headers=_headers(endpoint))
            if status != 200:
                raise await _refusal(exchange, endpoint, status)
            return _listing(await exchange.read_all(), endpoint.name)


async def _refusal(exchange: Exchange, endpoint: Endpoint, status: int) -> Exception:
    raw = await exchange.read_all()
    try:
        body: object = orjson.loads(raw)
    except orjson.JSONDecodeError:
        body = None  # an HTML page of some proxy: the status says enough
    return wire.refusal(endpoint.name, status, exchange.response.headers, body)


def _listing(raw: bytes, provider: str) -> tuple[ListedModel, ...]:
    try:
        entries = orjson.loads(raw)["data"] or ()
        return tuple(ListedModel(str(entry["id"]), entry.get("max_model_len")) for entry in entries)
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise ProviderUnavailable(f"{provider} sent something that is no list of models.") from error


def _headers(endpoint: Endpoint, idempotency: str = "") -> dict[str, str]:
    headers = {"Content-Type": "application/json"}
    if endpoint.api_key:
        headers["Authorization"] = f"Bearer {endpoint.api_key}"
    if idempotency:
        headers["Idempotency-Key"] = idempotency
    return headers


@lru_cache(maxsize=512)
def _address(base_url: str, path: str) -> URL:
    return URL(f"{base_url.rstrip('/')}/{path}")


@lru_cache(maxsize=256)
def _token_limit(base_url: str) -> str:
    """OpenAI's reasoning models refuse `max_tokens`; several self-hosted servers ignore `max_completion_tokens` without
    a word, which would unbound the answer. So the new name goes only where it is known to count."""
    host = (URL(base_url).host or "").lower()
    return "max_completion_tokens" if host.endswith(_NEW_LIMIT_HOSTS) else "max_tokens"


@lru_cache(maxsize=256)
def _prefix_field(base_url: str) -> str:
    url = URL(base_url)
    return _PREFIX_FIELDS.get(((url.host or "").lower(), url.path.rstrip("/")), "")


PLUGIN = OpenAiAdapter()
