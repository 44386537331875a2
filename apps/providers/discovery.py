"""Models that can be found from the environment, offered at the first start: OpenAI with a key, Ollama, vLLM.

What is found is `commercial` until the operator marks it self-hosted: an address on this machine proves nothing about
where the words go. Prices come from an offline catalogue; a model that it does not know gets none and is never called.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import structlog
from genai_prices import data_snapshot
from genai_prices.types import ModelPrice, TieredPrices

from apps.domain.catalogue import Hosting
from apps.domain.errors import InvalidRequest
from apps.domain.ids import ProviderId
from apps.domain.money import Price
from apps.providers import prices, services, validation
from apps.providers.adapters._protocol import Endpoint, ListedModel
from apps.providers.outbound import ADAPTERS, outbound
from apps.providers.values import ProviderError, Timeouts

log = structlog.get_logger(__name__)

PATIENCE: Final = Timeouts(connect_s=2.0, first_token_s=4.0, between_tokens_s=4.0, total_s=6.0)
MAX_MODELS: Final = 12
OUTPUT_TOKENS: Final = 4_000
OLLAMA_CONTEXT: Final = 4_096
"""Ollama's own default; it cuts longer prompts without a word. `OLLAMA_CONTEXT_LENGTH` tells the real one."""
OPENAI_CONTEXT: Final = 128_000
FREE: Final = {"input": "0", "output": "0"}

_CHAT: Final = re.compile(r"(?:gpt-\d|o\d|chatgpt)[\w.-]*")
_NO_CHAT: Final = re.compile(
    r"audio|realtime|transcribe|tts|image|search|instruct|codex|deep-research|\d{4}-\d{2}-\d{2}|-\d{4}$"
)
_EMBEDS: Final = re.compile(r"embed|bge-|rerank", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where to look: a provider as the configuration file would name it. `key` is the variable that holds the key."""

    name: str
    base_url: str
    region: str = ""
    key: str = ""
    context_tokens: int = OLLAMA_CONTEXT


def discover(environ: Mapping[str, str]) -> tuple[dict[str, Any], ...]:
    """One entry per provider that answers: `{"provider": {...}, "models": [...]}` in the configuration file's form.

    Looks at `OPENAI_API_KEY` (with `OPENAI_BASE_URL`), `OLLAMA_BASE_URL` and `VLLM_BASE_URL`. Who does not answer in
    seconds is left out and logged. Keys are named (`${OPENAI_API_KEY}`), not copied. Not to be called on an event loop.
    """
    places = _places(environ)
    return asyncio.run(_all(places, environ)) if places else ()


def _places(environ: Mapping[str, str]) -> list[_Place]:
    found = []
    if environ.get("OPENAI_API_KEY"):
        base_url = environ.get("OPENAI_BASE_URL") or "https://api.openai.com/v1"
        found.append(_Place("openai", base_url, region="us", key="OPENAI_API_KEY", context_tokens=OPENAI_CONTEXT))
    for name in ("ollama", "vllm"):
        if base_url := environ.get(f"{name.upper()}_BASE_URL", "").rstrip("/"):
            context = environ.get("OLLAMA_CONTEXT_LENGTH", "") if name == "ollama" else ""
            url = base_url if base_url.endswith("/v1") else f"{base_url}/v1"
            found.append(_Place(name, url, context_tokens=int(context) if context.isdecimal() else OLLAMA_CONTEXT))
    return found


async def _all(places: list[_Place], environ: Mapping[str, str]) -> tuple[dict[str, Any], ...]:
    try:
        found = await asyncio.gather(*(_one(place, environ.get(place.key, "")) for place in places))
    finally:
        await services.shutdown()
    return tuple(entry for entry in found if entry is not None)


async def _one(place: _Place, key: str) -> dict[str, Any] | None:
    try:
        validation.base_url(place.base_url, listed=outbound().is_listed(place.base_url))
        endpoint = Endpoint(ProviderId(0), place.name, place.base_url, api_key=key, timeouts=PATIENCE)
        listed = await ADAPTERS["openai"].models(endpoint, outbound().session(place.base_url))
    except (ProviderError, InvalidRequest) as error:
        log.warning("discovery.skipped", provider=place.name, error=type(error).__name__, detail=error.detail)
        return None
    models = [_model(place, found) for found in listed if _is_offered(place, found.id)][:MAX_MODELS]
    log.info("discovery.found", provider=place.name, models=len(models))
    return {"provider": _provider(place), "models": models} if models else None


def _provider(place: _Place) -> dict[str, Any]:
    entry = {
        "name": place.name,
        "adapter": "openai",
        "base_url": place.base_url,
        "hosting": Hosting.COMMERCIAL.value,
        "region": place.region,
    }
    return entry | ({"api_key": f"${{{place.key}}}"} if place.key else {})


def _is_offered(place: _Place, upstream: str) -> bool:
    """OpenAI lists everything that it ever made; only current chat models with a known price are of use."""
    if place.key:
        chats = _CHAT.fullmatch(upstream) is not None and not _NO_CHAT.search(upstream)
        return chats and _price(upstream) is not None
    return not _EMBEDS.search(upstream)


def _model(place: _Place, found: ListedModel) -> dict[str, Any]:
    context = found.context_tokens or (_known_context(found.id) if place.key else None) or place.context_tokens
    price = _price(found.id) if place.key else (None if validation.is_cloud(found.id) else FREE)
    return {
        "name": re.sub(r"[^A-Za-z0-9._:/@+-]", "-", found.id)[:128],
        "provider": place.name,
        "upstream": found.id,
        "context_tokens": context,
        "max_output_tokens": min(OUTPUT_TOKENS, max(1, context // 2)),
        "price": price,
        "capabilities": ["json", "tools"] if place.key else [],
    }


def _price(upstream: str) -> prices.PriceJson | None:
    """The catalogue's price as a table of ours, or None when it does not know the model or counts in other units."""
    found = _catalogued(upstream)
    if found is None or not isinstance(found.prices, ModelPrice):
        return None
    rates = {name: _rate(getattr(found.prices, f"{name}_mtok")) for name in ("input", "output")}
    if rates["input"] is None or rates["output"] is None:
        return None
    cached = _rate(found.prices.cache_read_mtok)
    return prices.as_json(Price(rates["input"], rates["output"], cached_input=cached))


def _rate(value: Decimal | TieredPrices | None) -> Decimal | None:
    """Tiers of the catalogue are not taken over: a model that has them is entered by the operator."""
    return value if isinstance(value, Decimal) else None


def _known_context(upstream: str) -> int | None:
    found = _catalogued(upstream)
    return found.context_window if found is not None else None


def _catalogued(upstream: str) -> Any:
    try:
        return data_snapshot.get_snapshot().find_provider_model(upstream, None, "openai", None)[1]
    except LookupError:
        return None
