"""Calls to models: the only place that opens a connection to one."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

import structlog

from apps.core import crypto, hints
from apps.domain import egress
from apps.domain.catalogue import Hosting
from apps.domain.egress import Clearance, Destination
from apps.domain.ids import ProviderId
from apps.domain.privacy import PrivacyAction
from apps.providers.adapters._protocol import Adapter, Endpoint, ListedModel
from apps.providers.circuit import Lane
from apps.providers.outbound import ADAPTERS, outbound
from apps.providers.validation import is_cloud
from apps.providers.values import (
    BadCredentials,
    Chunk,
    Health,
    ModelCall,
    ProviderError,
    ProviderRecord,
    ProviderUnavailable,
)

log = structlog.get_logger(__name__)

Lookup = Callable[[ProviderId], ProviderRecord | None]
Clear = Callable[[], Awaitable[Clearance]]

HEALTH: Final = "providers"
"""Topic of the hints that tell which provider rests, and which answers again."""

_lanes: dict[ProviderId, Lane] = {}


async def startup() -> None:
    """Open the pools of this event loop ahead of the first call. Calling without it works as well."""
    outbound()
    hints.listen(HEALTH, heard)


async def shutdown() -> None:
    """Close the pools of this event loop and forget what was learnt about providers."""
    _lanes.clear()
    await outbound().close()


def health() -> Mapping[ProviderId, Health]:
    """What this process has seen of each provider it has called."""
    return {provider: lane.health() for provider, lane in _lanes.items()}


def heard(body: dict[str, Any]) -> None:
    """Another process found out how a provider is. Concerns only those that this process has called at that address."""
    lane = _lanes.get(ProviderId(body["provider"]))
    if lane is None or body["address"] != _address(lane.provider):
        return
    rest_s = float(body["rest_s"])
    if rest_s > 0.0:
        lane.circuit.heard_failing(rest_s)
    else:
        lane.circuit.heard_answering()


async def stream(
    call: ModelCall, *, clear: Clear, current_action: Callable[[], PrivacyAction], lookup: Lookup
) -> AsyncGenerator[Chunk, None]:
    """Ask a model and yield its answer: text and tool calls, at most one `UsageChunk`, one `FinishChunk` at the end.

    Waiting for a free place may take seconds. What counts is the moment of sending: then `clear` gives the label of
    the text, inspected again if the policy is another one by now, `current_action` the tenant's privacy action, and
    `lookup` provider, key and hosting. A decision that was right a second ago opens no door (promise P18). Closing the
    iterator closes the connection, so that the provider stops writing.

    Raises:
        EgressRefused: the text may not go there; nothing was sent. So does `clear`, for reasons of its own.
        ProviderError: see `adapters/_errors.py`; chunks may have been yielded before.
    """
    lane = _lane(_found(call.candidate.provider, lookup))
    async with lane.place():
        with lane.attempt() as attempt:
            clearance = await clear()
            provider = _found(call.candidate.provider, lookup)  # after the last wait: from here on nothing changes
            endpoint = _endpoint(provider)
            session = outbound().session(provider.base_url)
            egress.check(clearance, _destination(provider, call.candidate.upstream), current_action())
            try:
                async with aclosing(_adapter(provider).stream(call, endpoint, session)) as chunks:
                    answers = False
                    async for chunk in chunks:
                        if not answers:
                            attempt.answers()
                            answers = True
                        yield chunk
            except ProviderError as error:
                _log_failure(error, provider.id, call)
                raise


async def check_health(provider: ProviderRecord) -> bool:
    """Whether the provider answers and accepts its key; the circuit learns from it. Costs nothing at the provider."""
    lane = _lane(provider)
    try:
        with lane.attempt():
            await listed_models(provider)
    except ProviderError as error:
        log.warning("provider.unhealthy", provider=provider.id, error=type(error).__name__)
        return False
    return True


async def listed_models(provider: ProviderRecord) -> tuple[ListedModel, ...]:
    """What the provider says it serves. Raises `ProviderError`s."""
    return await _adapter(provider).models(_endpoint(provider), outbound().session(provider.base_url))


def _found(provider: ProviderId, lookup: Lookup) -> ProviderRecord:
    record = lookup(provider)
    if record is None or not record.enabled:
        raise ProviderUnavailable("The provider of this model has been switched off.", sick=False)
    return record


def _lane(provider: ProviderRecord) -> Lane:
    lane = _lanes.get(provider.id)
    if lane is None:
        lane = _lanes[provider.id] = Lane(provider, tell=_tell)
    elif lane.provider is not provider:
        lane.adopt(provider)
    return lane


def _tell(provider: ProviderRecord, rest_s: float) -> None:
    body = {"provider": provider.id, "address": _address(provider), "rest_s": round(rest_s, 2)}
    hints.publish(HEALTH, body)


def _address(provider: ProviderRecord) -> str:
    """Tells apart what has the same number: before and after a move, or in two installations on one Redis."""
    return sha256(provider.base_url.encode()).hexdigest()[:16]


def _adapter(provider: ProviderRecord) -> Adapter:
    adapter = ADAPTERS.get(provider.adapter)
    if adapter is None:
        raise ProviderUnavailable(f"{provider.name} speaks {provider.adapter}, which is not installed.", sick=False)
    return adapter


def _destination(provider: ProviderRecord, upstream: str) -> Destination:
    """A local server that passes a model on to a cloud is no shelter, whatever it is marked as."""
    return Destination(provider.name, Hosting.COMMERCIAL if is_cloud(upstream) else provider.hosting)


def _endpoint(provider: ProviderRecord) -> Endpoint:
    return Endpoint(
        provider=provider.id,
        name=provider.name,
        base_url=provider.base_url,
        api_key=_opened(provider) if provider.sealed_key else "",
        timeouts=provider.timeouts,
        token_limit=provider.token_limit,
    )


def _opened(provider: ProviderRecord) -> str:
    try:
        return _decrypted(provider.sealed_key)
    except crypto.Undecryptable as error:
        raise BadCredentials(f"The key of {provider.name} cannot be read. The operator must enter it again.") from error


@lru_cache(maxsize=256)
def _decrypted(sealed: str) -> str:
    """Decrypting costs as much as the rest of a call; the plain key is in the process's memory during calls anyway."""
    return crypto.decrypt(sealed)


def _log_failure(error: ProviderError, provider: ProviderId, call: ModelCall) -> None:
    log.warning(
        "provider.call_failed",
        provider=provider,
        turn=str(call.turn),
        attempt=call.attempt,
        error=type(error).__name__,
        status=error.upstream_status,
        code=error.upstream_code,
    )
