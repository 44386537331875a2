"""The detector of the tests: one engine for the whole run, because building it takes about a second."""

from collections.abc import Mapping, Sequence
from functools import cache

from apps.domain.ids import TenantId
from apps.domain.messages import PromptMessage, Role, Tool
from apps.domain.policy import SensitivitySettings
from apps.domain.privacy import Inspection, Sensitivity
from apps.privacy import scanning, services
from apps.privacy.detection.engine import OWN_NAMES, Engine
from apps.privacy.values import Profile, Sent

TENANT = TenantId(7)
DEFAULT = SensitivitySettings()


@cache
def engine() -> Engine:
    """The same object that `services.start` builds, so that a process of tests has one."""
    return scanning.HOLDER.build()


@cache
def patterns() -> Engine:
    """An engine without the trained recogniser of names."""
    return Engine(without={OWN_NAMES})


def types(text: str, settings: SensitivitySettings = DEFAULT) -> set[str]:
    """The entity types that force under these settings."""
    return {finding.type for finding in engine().analyse(text, settings).findings}


def user(text: str, **values: object) -> PromptMessage:
    return PromptMessage(Role.USER, text, **values)  # type: ignore[arg-type]


async def inspected(
    *messages: PromptMessage,
    tools: Sequence[Tool] = (),
    settings: SensitivitySettings = DEFAULT,
    dictionaries: Mapping[str, tuple[str, ...]] | None = None,
    tenant: TenantId = TENANT,
    version: int = 1,
    floor: Sensitivity = Sensitivity.CLEAN,
    response_format: str = "",
) -> Inspection:
    """`services.inspect` with a started engine and the values that do not matter to a test."""
    engine()
    profile = Profile(tenant, settings, dictionaries or {}, version)
    return await services.inspect(Sent(messages, tools, (response_format,), floor), profile)
