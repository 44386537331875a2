"""Checks a chain of entries against its hashes and the signed statements about it. Plain Python and `cryptography`.

The offline verifier feeds it lines of an export, the daily verification rows of the database.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from apps.audit import canonical

MAX_PROBLEMS: Final = 100
"""Further problems are counted, not listed."""

Keys = Mapping[str, Ed25519PublicKey]
_HEX = re.compile(r"[0-9a-f]{128}")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it was written. `code` is stable, `where` a file and line or an entry's number."""

    code: str
    where: str
    detail: str


@dataclass(slots=True)
class Report:
    """What was verified and what was found; `last_seq` and `last_hash` are the end of the chain as it is now."""

    tenant: int
    entries: int = 0
    last_seq: int = 0
    last_hash: str = canonical.GENESIS
    checkpoints: int = 0
    problems: list[Problem] = field(default_factory=list)
    uncounted: int = 0

    @property
    def intact(self) -> bool:
        return not self.problems

    def problem(self, code: str, where: str, detail: str) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(code, where, detail))
        else:
            self.uncounted += 1


class Event(NamedTuple):
    """An entry as it was found. `at` is the canonical time, `body` canonical JSON text."""

    tenant: int
    seq: int
    format: int
    at: str
    kind: str
    actor: str
    subject: str
    body: str
    prev_hash: str
    hash: str

    def statement(self) -> str:
        return canonical.statement(
            tenant=self.tenant, seq=self.seq, at=self.at, kind=self.kind, actor=self.actor,
            subject=self.subject, body=self.body,
        )  # fmt: skip

    def line(self) -> str:
        return canonical.line(
            tenant=self.tenant, seq=self.seq, at=self.at, kind=self.kind, actor=self.actor,
            subject=self.subject, body=self.body, prev_hash=self.prev_hash, digest=self.hash,
        )  # fmt: skip


class Checkpoint(NamedTuple):
    """A signed statement about the chain. `source` says where it was found, for people."""

    seq: int
    tenant: int
    hash: str
    at: str
    key_id: str
    signature: str
    source: str = "checkpoint"

    def text(self) -> str:
        return canonical.checkpoint_text(
            tenant=self.tenant, seq=self.seq, digest=self.hash, at=self.at, key_id=self.key_id
        )

    def line(self) -> str:
        return canonical.render(json.loads(self.text()) | {"signature": self.signature})


def key_id(key: Ed25519PublicKey) -> str:
    """The name of a key: the first 16 hex digits of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def signed(keys: Keys, name: str, text: str, signature: str) -> bool:
    """Whether the key of this name is known and has signed exactly this text. Hex digits are lower case."""
    key = keys.get(name)
    if key is None or not _HEX.fullmatch(signature):
        return False
    try:
        key.verify(bytes.fromhex(signature), text.encode())
    except InvalidSignature:
        return False
    return True


class ChainCheck:
    """Checks entries as they come, in order, against the hashes and the signed statements about them.

    `report` names the tenant and, for a check that does not begin at the first entry, where the chain stood before.
    `statements` are in the order of their `seq`. Memory is bounded, however long the chain is.
    """

    def __init__(self, report: Report, *, keys: Keys, statements: Iterable[Checkpoint] = ()) -> None:
        self.report = report
        self._keys = keys
        self._statements = iter(statements)
        self._next = next(self._statements, None)

    def feed(self, event: Event) -> None:
        """The next entry. After a break the check goes on from what the entry says, to find further ones."""
        report, where = self.report, f"entry {event.seq}"
        if event.tenant != report.tenant:
            report.problem("foreign_entry", where, f"It belongs to tenant {event.tenant}.")
        if event.format != canonical.FORMAT:
            report.problem("unknown_format", where, f"Format {event.format} is not known to this verifier.")
        if event.seq != report.last_seq + 1:
            report.problem("gap", where, f"Entry {report.last_seq + 1} was expected: removed, inserted or moved.")
        if event.prev_hash != report.last_hash:
            report.problem("broken_link", where, "It does not continue the entry before it.")
        if canonical.digest(event.prev_hash, event.statement()) != event.hash:
            report.problem("changed_entry", where, "Its content does not match its hash.")
        report.entries += 1
        report.last_seq, report.last_hash = event.seq, event.hash
        self._compare()

    def end(self) -> None:
        """No more entries. Statements about later ones tell of a cut tail."""
        while self._next is not None:
            seq, source = self._next.seq, self._next.source
            self._verify_signature(self._next)
            self.report.problem("cut_tail", f"entry {seq}", f"A signed {source} names it, but the chain ends before.")
            self._next = next(self._statements, None)

    def _compare(self) -> None:
        """Every statement about the entry that was just read; one about an earlier entry finds no such entry."""
        report = self.report
        while self._next is not None and self._next.seq <= report.last_seq:
            statement = self._next
            self._verify_signature(statement)
            if (statement.seq, statement.hash) != (report.last_seq, report.last_hash):
                report.problem("rewritten", f"entry {statement.seq}", f"A signed {statement.source} says otherwise.")
            report.checkpoints += 1
            self._next = next(self._statements, None)

    def _verify_signature(self, statement: Checkpoint) -> None:
        where = f"{statement.source} for entry {statement.seq}"
        if statement.tenant != self.report.tenant:
            self.report.problem("foreign_checkpoint", where, f"It belongs to tenant {statement.tenant}.")
        if statement.key_id not in self._keys:
            self.report.problem("unknown_key", where, f"It names key {statement.key_id}, which is not trusted here.")
        elif not signed(self._keys, statement.key_id, statement.text(), statement.signature):
            self.report.problem("bad_signature", where, "The signature does not fit.")
