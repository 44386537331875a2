"""Verbs of providers: the catalogue is changed, models are called, health is told."""

from apps.providers.services.calls import check_health, health, listed_models, shutdown, startup, stream
from apps.providers.services.catalogue import (
    put_model,
    put_provider,
    record_health,
    remove_model,
    remove_provider,
)

__all__ = [
    "check_health",
    "health",
    "listed_models",
    "put_model",
    "put_provider",
    "record_health",
    "remove_model",
    "remove_provider",
    "shutdown",
    "startup",
    "stream",
]
