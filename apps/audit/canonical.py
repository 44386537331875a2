"""The published canonical form of an audit entry, and the one digest that chains entries. Plain Python.

`FORMAT.md` describes the same in words. Whatever changes here needs a new `FORMAT`: old rows keep the form that their
`format` names, and the verifier keeps every form that was ever published.
"""

import hashlib
import json
from datetime import UTC, datetime
from json.encoder import encode_basestring as quote
from typing import Any, Final

FORMAT: Final = 1
GENESIS: Final = "0" * 64
"""The previous hash of the first entry of a chain."""

_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def render(value: Any) -> str:
    """Canonical JSON: keys in code-point order, no blanks, no escapes but those that JSON demands.

    For values without fractions this is RFC 8785. Raises `ValueError` for NaN and infinities.
    """
    return _encoder.encode(value)


def timestamp(at: datetime) -> str:
    """An aware time as UTC with six digits of fraction: `2026-11-25T01:47:00.123456Z`."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def statement(*, tenant: int, seq: int, at: str, kind: str, actor: str, subject: str, body: str) -> str:
    """What is hashed of an entry besides the previous hash. `at` is a `timestamp`, `body` canonical JSON text."""
    return (
        f'{{"actor":{quote(actor)},"at":{quote(at)},"body":{body},"format":{FORMAT},"kind":{quote(kind)},'
        f'"seq":{seq},"subject":{quote(subject)},"tenant":{tenant}}}'
    )


def digest(prev_hash: str, text: str) -> str:
    """SHA-256 over the previous hash (64 hex digits), a line feed, and the entry's `statement`, as 64 hex digits."""
    return hashlib.sha256(f"{prev_hash}\n{text}".encode()).hexdigest()


def line(
    *, tenant: int, seq: int, at: str, kind: str, actor: str, subject: str, body: str, prev_hash: str, digest: str
) -> str:
    """An entry as it stands in an export: the `statement` with both hashes, keys still in order, no line feed."""
    return (
        f'{{"actor":{quote(actor)},"at":{quote(at)},"body":{body},"format":{FORMAT},"hash":{quote(digest)},'
        f'"kind":{quote(kind)},"prev_hash":{quote(prev_hash)},"seq":{seq},"subject":{quote(subject)},'
        f'"tenant":{tenant}}}'
    )


def checkpoint_text(*, tenant: int, seq: int, digest: str, at: str, key_id: str) -> str:
    """What a checkpoint's signature covers."""
    return (
        f'{{"at":{quote(at)},"format":{FORMAT},"hash":{quote(digest)},"key_id":{quote(key_id)},'
        f'"seq":{seq},"tenant":{tenant},"type":"openroute.checkpoint"}}'
    )


def receipt_text(*, record: Any, key_id: str) -> str:
    """What a receipt's signature covers."""
    return render({"format": FORMAT, "key_id": key_id, "record": record, "type": "openroute.receipt"})


def manifest_text(manifest: dict[str, Any]) -> str:
    """What the signature of an export's manifest covers: everything but itself."""
    return render({key: value for key, value in manifest.items() if key != "signature"})
