"""Writes a chain to a folder that the offline verifier accepts: segments, checkpoints, keys, and a signed manifest."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

from apps.audit import canonical, selectors, signing
from apps.audit.chaincheck import Event
from apps.audit.models import Checkpoint
from apps.audit.verifier import CHECKPOINTS, MANIFEST, PUBLIC_KEYS
from apps.domain.errors import OpenRouteError
from apps.domain.ids import TenantId

SEGMENT: Final = 50_000
"""Entries per file, about 20 MB."""
README: Final = "README.md"
FORMAT_FILE: Final = Path(__file__).with_name("FORMAT.md")


class ExportRefused(OpenRouteError):
    """The target folder is in use."""

    code, status = "export_refused", 409


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written; `key_id` and `public_key` (hex) are what an auditor compares with the published ones."""

    folder: Path
    entries: int
    key_id: str
    public_key: str


def prepare(folder: Path) -> None:
    """Create the folder, readable by its owner only. Raises `ExportRefused` when it holds something already."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ExportRefused(f"{folder} is not empty: name a new folder for the export.")


def write(*, tenant: TenantId, out_dir: Path, at: datetime) -> Exported:
    """Write everything up to the newest checkpoint. Memory stays bounded, however long the chain is."""
    newest = Checkpoint.objects.for_tenant(tenant).order_by("-seq", "-id").first()
    assert newest is not None  # the export is itself an entry, and was just signed
    events = selectors.stream(tenant, until=newest.seq)
    files: dict[str, str] = {}
    segments: list[str] = []
    for number, segment in enumerate(_segments(events), start=1):
        name = f"events-{number:06d}.jsonl"
        files[name] = _write(out_dir / name, segment)
        segments.append(name)
    checkpoints = selectors.stream_checkpoints(tenant, until=newest.seq)
    files[CHECKPOINTS] = _write(out_dir / CHECKPOINTS, (statement.line() for statement in checkpoints))
    keys = {name: key.public_bytes_raw().hex() for name, key in signing.public_keys().items()}
    held = [{"key_id": name, "public_key": key} for name, key in keys.items()]
    files[PUBLIC_KEYS] = _write(out_dir / PUBLIC_KEYS, [canonical.render({"keys": held})])
    files[README] = _write(out_dir / README, FORMAT_FILE.read_text().splitlines())
    signer = signing.signer()
    manifest: dict[str, Any] = {
        "files": files,
        "format": canonical.FORMAT,
        "head": {"hash": newest.hash, "seq": newest.seq},
        "key_id": signer.key_id,
        "made_at": canonical.timestamp(at),
        "segments": segments,
        "tenant": tenant,
    }
    manifest["signature"] = signer.sign(canonical.manifest_text(manifest))
    _write(out_dir / MANIFEST, [canonical.render(manifest)])
    return Exported(out_dir, newest.seq, signer.key_id, keys[signer.key_id])


def _segments(events: Iterator[Event]) -> Iterator[Iterator[str]]:
    """The lines of each file; a segment must be used up before the next one is asked for."""
    for first in events:
        yield (event.line() for event in chain([first], islice(events, SEGMENT - 1)))


def _write(path: Path, lines: Iterable[str]) -> str:
    """Write a file line by line; returns the SHA-256 of its bytes."""
    seen = hashlib.sha256()
    with path.open("xb") as file:
        for line in lines:
            raw = f"{line}\n".encode()
            seen.update(raw)
            file.write(raw)
    return seen.hexdigest()
