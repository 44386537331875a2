"""The process's way out, built from the settings: shared by calls, checks and the validation of addresses."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed

from apps.domain import plugins
from apps.providers.adapters._http import Outbound
from apps.providers.adapters._protocol import Adapter

ADAPTERS = plugins.load("apps.providers.adapters", Adapter)  # type: ignore[type-abstract]


@lru_cache(maxsize=1)
def outbound() -> Outbound:
    """The pools of this process, bound to `OUTBOUND_ALLOW_HOSTS`."""
    return Outbound(settings.OUTBOUND_ALLOW_HOSTS)


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "OUTBOUND_ALLOW_HOSTS":
        outbound.cache_clear()


setting_changed.connect(_forget)
