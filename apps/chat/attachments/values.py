"""The content of attachments as values, and how they are shown. Text and bytes travel only to where they are needed."""

from dataclasses import dataclass, field
from typing import Any

from apps.chat.values import AttachmentRecord


@dataclass(frozen=True, slots=True)
class Content:
    """A file with what is kept of it: text, or the bytes of a picture."""

    record: AttachmentRecord
    text: str = field(repr=False)
    image: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of an upload. `shortened`: there was more text than is kept."""

    kind: str
    media_type: str
    text: str = field(default="", repr=False)
    image: bytes | None = field(default=None, repr=False)
    shortened: bool = False


def shown(record: AttachmentRecord) -> dict[str, Any]:
    """A file as REST and frames show it."""
    return {
        "id": record.id,
        "name": record.name,
        "kind": record.kind,
        "media_type": record.media_type,
        "size_bytes": record.size_bytes,
        "characters": record.characters,
        "shortened": record.shortened,
    }
