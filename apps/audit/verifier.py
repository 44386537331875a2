"""Verifies an exported audit trail offline: `python -m apps.audit.verifier DIR`. Plain Python and `cryptography`.

No Django, no database, no network: an auditor needs `verifier.py`, `chaincheck.py`, `canonical.py` and the
installation's public key. It finds every change of a byte, and every entry that was changed, removed, inserted or
moved, against the hashes, the signed checkpoints and the signed manifest. `FORMAT.md` describes what is checked.
"""

import argparse
import hashlib
import heapq
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from apps.audit import canonical
from apps.audit.chaincheck import ChainCheck, Checkpoint, Event, Keys, Report, key_id, signed

MANIFEST: Final = "manifest.json"
CHECKPOINTS: Final = "checkpoints.jsonl"
PUBLIC_KEYS: Final = "public_keys.json"
MAX_LINE: Final = 1 << 16
MAX_MANIFEST: Final = 1 << 26

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}")
_EVENT_TYPES = {
    "actor": str, "at": str, "body": dict, "format": int, "hash": str, "kind": str, "prev_hash": str, "seq": int,
    "subject": str, "tenant": int,
}  # fmt: skip
_CHECKPOINT_TYPES = {"at": str, "hash": str, "key_id": str, "seq": int, "signature": str, "tenant": int}


class Unusable(Exception):
    """There is nothing to verify: the sentence says what is missing or unreadable."""


class Malformed(ValueError):
    """A file is not in the published form."""


def verify(folder: Path, *, pinned: Keys | None = None, anchors: Path | None = None) -> Report:
    """Verify an export.

    Args:
        folder: what `audit_export` wrote.
        pinned: the keys to trust; without them those of the export are taken, which proves only that one key signed
            all of it.
        anchors: a file of checkpoints that was kept outside, to be compared as well.

    Raises:
        Unusable: the folder or a named file cannot be read.
    """
    if not (folder / MANIFEST).is_file():
        raise Unusable(f"{folder} is no export of an audit trail: it has no {MANIFEST}.")
    if anchors is not None and not anchors.is_file():
        raise Unusable(f"{anchors} is no file.")
    report = Report(tenant=0)
    try:
        manifest = _manifest(folder)
        if not _all_files(folder, manifest, report):
            return report
        keys = pinned or export_keys(folder)
        _chain(folder, manifest, keys, anchors, report)
    except (Malformed, RecursionError) as error:
        report.problem("malformed", str(folder), str(error) or "A value is nested too deeply.")
        return report
    except OSError as error:
        raise Unusable(f"{error.filename}: {error.strerror}.") from error
    if not signed(keys, manifest["key_id"], canonical.manifest_text(manifest), manifest["signature"]):
        report.problem("bad_signature", MANIFEST, f"It is not signed by a trusted key (it names {manifest['key_id']}).")
    head = manifest["head"]
    if (head.get("seq"), head.get("hash")) != (report.last_seq, report.last_hash):
        report.problem("cut_tail", MANIFEST, f"It names entry {head.get('seq')} as the last one.")
    return report


def verify_receipt(receipt: Any, keys: Keys) -> bool:
    """Whether a trusted key has signed exactly this receipt."""
    if not isinstance(receipt, dict) or set(receipt) != {"type", "format", "key_id", "record", "signature"}:
        return False
    if (receipt["type"], receipt["format"]) != ("openroute.receipt", canonical.FORMAT):
        return False
    text = canonical.receipt_text(record=receipt["record"], key_id=receipt["key_id"])
    return signed(keys, str(receipt["key_id"]), text, str(receipt["signature"]))


def export_keys(folder: Path) -> dict[str, Ed25519PublicKey]:
    """The public keys that an export carries. Raises `Malformed`."""
    held = _load((folder / PUBLIC_KEYS).read_bytes(), PUBLIC_KEYS)
    try:
        keys = [Ed25519PublicKey.from_public_bytes(bytes.fromhex(entry["public_key"])) for entry in held["keys"]]
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed(f"{PUBLIC_KEYS} holds no public keys.") from error
    return {key_id(key): key for key in keys}


def read_key(text: str) -> Ed25519PublicKey:
    """A public key from PEM, from 64 hex digits, or from a file that holds either. Raises `Unusable`."""
    try:
        content = text if len(text) == 64 else Path(text).read_text().strip()
        if content.startswith("-----BEGIN"):
            key = load_pem_public_key(content.encode())
        else:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(content))
    except (OSError, ValueError) as error:
        raise Unusable(f"{text}: no Ed25519 public key (a PEM file, or 64 hex digits).") from error
    if not isinstance(key, Ed25519PublicKey):
        raise Unusable(f"{text}: the key is not an Ed25519 key.")
    return key


def checkpoints(path: Path, *, source: str) -> Iterator[Checkpoint]:
    """The signed statements of a file, one a line. Raises `Malformed` at the first that has another form."""
    for number, text, fields in _lines(path, _CHECKPOINT_TYPES, extra={"format": int, "type": str}):
        statement = Checkpoint(source=source, **{name: fields[name] for name in _CHECKPOINT_TYPES})
        if statement.line() != text:
            raise Malformed(f"{path.name}, line {number}: not in canonical form.")
        yield statement


def _chain(folder: Path, manifest: dict[str, Any], keys: Keys, anchors: Path | None, report: Report) -> None:
    statements: Iterable[Checkpoint] = checkpoints(folder / CHECKPOINTS, source="checkpoint")
    if anchors is not None:
        statements = heapq.merge(statements, checkpoints(anchors, source="anchor"))
    report.tenant = manifest["tenant"]
    check = ChainCheck(report, keys=keys, statements=statements)
    for segment in manifest["segments"]:
        for number, text, fields in _lines(folder / segment, _EVENT_TYPES):
            body = canonical.render(fields.pop("body"))
            event = Event(body=body, **fields)
            if event.line() != text:
                raise Malformed(f"{segment}, line {number}: not in canonical form.")
            check.feed(event)
    check.end()


def _all_files(folder: Path, manifest: dict[str, Any], report: Report) -> bool:
    """Whether every file is there; reports those that are missing, changed or not named."""
    there = {path.name for path in folder.iterdir()}
    named = set(map(_name, manifest["files"]))
    for name in sorted(named - there):
        report.problem("missing_file", name, "The manifest names it, but it is not there.")
    for name in sorted(there - named - {MANIFEST}):
        report.problem("foreign_file", name, "The manifest does not name it.")
    for name in sorted(named & there):
        with (folder / name).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != manifest["files"][name]:
                report.problem("changed_file", name, "Its bytes are not those that were exported.")
    return named <= there


def _manifest(folder: Path) -> dict[str, Any]:
    raw = (folder / MANIFEST).read_bytes()
    manifest = _load(raw, MANIFEST)
    kinds = {"tenant": int, "head": dict, "segments": list, "files": dict, "key_id": str, "signature": str}
    wrong = [name for name, kind in kinds.items() if type(manifest.get(name)) is not kind]
    if wrong:
        raise Malformed(f"{', '.join(wrong)}: missing or of the wrong type.")
    if not {CHECKPOINTS, PUBLIC_KEYS, *map(str, manifest["segments"])} <= set(manifest["files"]):
        raise Malformed("Not every file of the export is named.")
    return manifest


def _load(raw: bytes, name: str) -> dict[str, Any]:
    """One canonical JSON object that ends with a line feed."""
    try:
        text = raw[:MAX_MANIFEST].decode()
        value = json.loads(text)
        if isinstance(value, dict) and canonical.render(value) + "\n" == text:
            return value
    except ValueError as error:
        raise Malformed(f"{name} is not JSON.") from error
    raise Malformed(f"{name} is not in canonical form.")


def _lines(
    path: Path, types: dict[str, type], extra: dict[str, type] | None = None
) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Each line with its number, its text and its fields, which have exactly these names and types."""
    expected = types | (extra or {})
    with path.open("rb") as file:
        for number in range(1, sys.maxsize):
            raw = file.readline(MAX_LINE)
            if not raw:
                return
            try:
                text = raw.decode().removesuffix("\n")
                fields = json.loads(text) if raw.endswith(b"\n") else None
            except ValueError as error:
                raise Malformed(f"{path.name}, line {number}: not JSON.") from error
            if not isinstance(fields, dict) or {key: type(value) for key, value in fields.items()} != expected:
                raise Malformed(f"{path.name}, line {number}: not an entry of the published form.")
            yield number, text, fields


def _name(name: Any) -> str:
    """A plain file name: an export cannot make the verifier read elsewhere."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise Malformed(f"{name!r} is no file name of an export.")
    return name


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. Prints one verdict; returns 0 when intact, 1 when not, 2 when there is nothing to verify."""
    parser = argparse.ArgumentParser(prog="audit_verify", description="Verify an exported audit trail, offline.")
    add_arguments(parser)
    return run(parser.parse_args(arguments))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the verifier, for both of its command lines."""
    parser.add_argument("folder", type=Path, metavar="DIR", nargs="?", help="what audit_export wrote")
    parser.add_argument(
        "--receipt",
        type=Path,
        metavar="FILE",
        help="verify this signed receipt, by the keys of DIR or of --public-key",
    )
    parser.add_argument(
        "--public-key",
        action="append",
        default=[],
        metavar="KEY",
        help="trust only this key (PEM file or 64 hex digits)",
    )
    parser.add_argument("--anchors", type=Path, metavar="FILE", help="checkpoints that were kept outside")


def run(options: argparse.Namespace, *, own: Keys | None = None) -> int:
    """Verify as asked and print a verdict on each. `own`: the installation's keys, for a receipt without an export."""
    if options.folder is None and options.receipt is None:
        print("NOT VERIFIED: name the folder of an export, or a receipt (--receipt FILE), or both.")
        return 2
    try:
        pinned = {key_id(key): key for key in map(read_key, options.public_key)}
        code = 0 if options.folder is None else _run_export(options, pinned)
        if options.receipt is None:
            return code
        return max(code, _run_receipt(options, pinned or own or {}))
    except Unusable as error:
        print(f"NOT VERIFIED: {error}")
        return 2


def _run_export(options: argparse.Namespace, pinned: Keys) -> int:
    report = verify(options.folder, pinned=pinned or None, anchors=options.anchors)
    for problem in report.problems:
        print(f"  {problem.where}: {problem.detail} [{problem.code}]")
    if report.uncounted:
        print(f"  ... and {report.uncounted} more")
    print(_verdict(report, pinned=bool(pinned)))
    return 0 if report.intact else 1


def _run_receipt(options: argparse.Namespace, trusted: Keys) -> int:
    """By the trusted keys, else by those of the export."""
    if not trusted and options.folder is None:
        raise Unusable("a receipt alone needs the public key that it is to be checked with (--public-key KEY).")
    try:
        receipt = json.loads(options.receipt.read_bytes(), object_pairs_hook=_unique)
        genuine = verify_receipt(receipt, trusted or export_keys(options.folder))
    except OSError as error:
        raise Unusable(f"{options.receipt}: {error.strerror}.") from error
    except (ValueError, RecursionError):
        genuine = False
    print("RECEIPT GENUINE" if genuine else "RECEIPT NOT GENUINE: no trusted key has signed it as it is.")
    return 0 if genuine else 1


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are unique: of two equal ones a reader would see the first, and JSON the last."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Malformed("A key stands twice.")
    return found


def _verdict(report: Report, *, pinned: bool) -> str:
    if not report.intact:
        return f"NOT INTACT: {len(report.problems) + report.uncounted} problems in {report.entries} entries."
    trust = (
        "signed by the given key"
        if pinned
        else "signed by the key that the export carries: compare it with the published one (--public-key)"
    )
    return (
        f"INTACT: tenant {report.tenant}, entries 1 to {report.last_seq}, end {report.last_hash[:16]}, "
        f"{report.checkpoints} checkpoints, {trust}."
    )


if __name__ == "__main__":
    sys.exit(main())
