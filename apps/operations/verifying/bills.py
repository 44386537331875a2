"""What providers billed, from a file of JSON lines, against the ledger (promise P09).

A line is `{"turn": id, "attempt": number, "model": name, "amount_usd": "0.000123"}`; turn and attempt are what the
provider was sent as `Idempotency-Key` (`TURN-NUMBER`). Amounts are exact decimals in USD. Lines are kept in a temporary
file while they are compared, whatever their number.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple, Self
from uuid import UUID

from apps.domain.errors import OpenRouteError
from apps.domain.money import MICRO
from apps.operations.verifying.findings import Violation
from apps.operations.verifying.turns import Case


class BillsUnreadable(OpenRouteError):
    """The file is not of the published form; nothing was compared."""

    code, status = "bills_unreadable", 400


class _Line(NamedTuple):
    turn: str
    attempt: int
    model: str
    amount: Decimal


class Bills:
    """The bills of one file. Use it as a context manager: its temporary file goes with it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept = sqlite3.connect("")  # a temporary file, which SQLite removes
        self.twice: list[Violation] = []
        self.count = 0

    def __enter__(self) -> Self:
        """Read the file. Raises `BillsUnreadable`, which names the line."""
        self._kept.execute(
            "CREATE TABLE bill (turn TEXT, attempt INT, model TEXT, amount TEXT, seen INT DEFAULT 0,"
            " PRIMARY KEY (turn, attempt)) WITHOUT ROWID"
        )
        try:
            with self._path.open(encoding="utf-8") as lines:
                for number, line in enumerate(lines, 1):
                    if line.strip():
                        self._keep(_parsed(line, f"{self._path}:{number}"))
        except (OSError, UnicodeDecodeError) as error:
            raise BillsUnreadable(f"{self._path} cannot be read as UTF-8 text: {error}") from error
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()

    def compare(self, case: Case) -> Iterator[str]:
        """One turn: exact entries are the bill rounded up, estimates lie between bill and reservation."""
        billed = self._of(str(case.turn.id))
        reserved = {attempt.number: attempt.reserved for attempt in case.turn.attempts}
        for entry in case.money.entries:
            bill = billed.pop(entry.attempt, Decimal(0)) * MICRO
            if entry.estimated and not bill <= entry.amount <= reserved.get(entry.attempt, -1):
                yield f"Attempt {entry.attempt}, estimated at {entry.amount}, is below its bill {bill} or not covered."
            elif not entry.estimated and entry.amount != bill.to_integral_value(ROUND_CEILING):
                yield f"Attempt {entry.attempt} is booked with {entry.amount}, and billed with {bill} micro-dollars."
        if case.turn.is_open:
            return
        for attempt, amount in sorted(billed.items()):
            if amount:
                yield f"The provider billed {amount * MICRO} micro-dollars for attempt {attempt}, which has no entry."

    def unknown(self) -> Iterator[Violation]:
        """Bills for turns that no company has."""
        for turn, attempt, amount in self._kept.execute("SELECT turn, attempt, amount FROM bill WHERE NOT seen"):
            if Decimal(amount):
                yield Violation(f"turn {turn}", f"Attempt {attempt} was billed with {amount} USD; nobody asked this.")

    def _keep(self, line: _Line) -> None:
        self.count += 1
        values = (line.turn, line.attempt, line.model, str(line.amount))
        try:
            self._kept.execute("INSERT INTO bill (turn, attempt, model, amount) VALUES (?, ?, ?, ?)", values)
        except sqlite3.IntegrityError:
            sentence = f"Attempt {line.attempt} was billed twice: a provider was called twice for one reservation."
            self.twice.append(Violation(f"turn {line.turn}", sentence))

    def _of(self, turn: str) -> dict[int, Decimal]:
        with closing(self._kept.cursor()) as cursor:
            rows = cursor.execute("SELECT attempt, amount FROM bill WHERE turn = ?", [turn]).fetchall()
            if rows:
                cursor.execute("UPDATE bill SET seen = 1 WHERE turn = ?", [turn])
        return {attempt: Decimal(amount) for attempt, amount in rows}


def _parsed(line: str, place: str) -> _Line:
    try:
        said: Any = json.loads(line)
        amount = Decimal(str(said["amount_usd"]))
        found = _Line(str(UUID(said["turn"])), int(said["attempt"]), str(said["model"]), amount)
    except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation) as error:
        raise BillsUnreadable(
            f'{place} is no bill: write {{"turn": id, "attempt": number, "model": name, "amount_usd": "0.000123"}}.'
        ) from error
    if not amount.is_finite() or amount < 0:
        raise BillsUnreadable(f"{place}: amount_usd must be a number of USD, not below zero.")
    return found
