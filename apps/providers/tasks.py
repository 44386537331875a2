"""What beat calls."""

import asyncio

from celery import shared_task

from apps.core import clock
from apps.domain.errors import NotFound
from apps.providers import selectors, services
from apps.providers.values import ProviderRecord


@shared_task(name="providers.check_health", ignore_result=True)
def check_health(**_: object) -> int:
    """Ask every enabled provider for its list of models and store which answer; returns how many changed.

    A second run finds the same and changes nothing.
    """
    providers = [record for record in selectors.providers() if record.enabled]
    findings = asyncio.run(_findings(providers))
    return sum(_record(record, reachable) for record, reachable in zip(providers, findings, strict=True))


async def _findings(providers: list[ProviderRecord]) -> list[bool]:
    try:
        return await asyncio.gather(*(services.check_health(record) for record in providers))
    finally:
        await services.shutdown()  # sessions belong to this event loop, which ends here


def _record(provider: ProviderRecord, reachable: bool) -> bool:
    try:
        return services.record_health(provider=provider.id, reachable=reachable, at=clock.now())
    except NotFound:
        return False  # removed while it was asked
