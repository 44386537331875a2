"""Who can read a document: apps above register a `DocumentSource` per collection, by dotted name in the settings."""

from functools import lru_cache
from typing import Any, cast

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from apps.domain.errors import OpenRouteError
from apps.domain.registry import DocumentSource


class UnknownDocument(OpenRouteError):
    """No source is registered for the path, so the document can never be sent and is set aside."""

    code, status = "mirror_unknown_document", 500


@lru_cache(maxsize=1)
def sources() -> dict[str, DocumentSource]:
    """The registered sources by collection, the first part of a path. Raises `ImportError` for a wrong name."""
    return {
        collection: cast(DocumentSource, import_string(dotted))
        for collection, dotted in settings.OPENROUTE_DOCUMENT_SOURCES.items()
    }


def source_of(path: str) -> DocumentSource:
    """The source that reads the document at `path` (`collection/id[/collection/id...]`, inside the tenant).

    Raises:
        UnknownDocument: the path has another form, or nobody registered its collection.
    """
    parts = path.split("/")
    source = sources().get(parts[0])
    if source is None or len(parts) % 2 or not all(parts):
        raise UnknownDocument(f"Nobody can read the document {path[:80]!r} for the mirror.")
    return source


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "OPENROUTE_DOCUMENT_SOURCES":
        sources.cache_clear()


setting_changed.connect(_forget)
