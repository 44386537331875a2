"""What crash tests share: all programs of `make run` as one server, readers that remember, and counts per turn."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from uuid import UUID

import websockets

from apps.audit import verifier
from tests.support.journeys import Frame, Socket, Transcript
from tests.support.server import RealServer
from tests.support.stores import ROOT

PATIENCE_S = 60.0
ENDS = ("turn.completed", "turn.failed", "turn.stopped", "turn.swept")


class Supervised(RealServer):
    """Everything that `manage.py up` starts, over the server's own configuration. Start it in the main thread.

    `owner_url` migrates, as an administrator's would.
    """

    owner_url = ""

    def launch(self) -> Self:
        """Start, and do not wait."""
        command = [sys.executable, "manage.py", "up", "--port", str(self.port), "--no-demo", "--with-parent"]
        environment = {**self.environment, "DATABASE_OWNER_URL": self.owner_url}
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        return self

    def start(self) -> Self:
        self.launch()
        return self.wait_until_up()

    def wait_until_up(self) -> Self:
        """Wait for web and worker."""
        end = time.monotonic() + PATIENCE_S
        while "OpenRoute is ready" not in self.log:
            assert self.exit_code is None, self.log[-4000:]
            assert time.monotonic() < end, self.log[-4000:]
            time.sleep(0.1)
        return self

    def kill(self) -> None:
        """kill -9 of the supervisor: the kernel ends its programs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        if self.exit_code is None:
            self.terminate()
            assert self._process is not None
            self._process.wait(PATIENCE_S)

    def pids(self) -> dict[str, int]:
        """The running programs: `web`, `worker`, `beat`."""
        assert self._process is not None
        parent = self._process.pid
        found = {}
        for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
            with suppress(OSError):
                words = Path(f"/proc/{child}/cmdline").read_text().split("\0")
                name = next((name for name in ("worker", "beat") if name in words), "web")
                found[name] = int(child)
        return found

    def kill_program(self, name: str) -> int:
        """kill -9 of one program; returns the id that it had."""
        pid = self.pids()[name]
        os.kill(pid, signal.SIGKILL)
        return pid


class Reader:
    """Reads a socket on which many questions were asked, and remembers what was on the screen when."""

    def __init__(self) -> None:
        self.accepted: dict[str, Frame] = {}
        self.shown: dict[str, Transcript] = {}
        self.ended: dict[str, Frame] = {}
        self.errors: list[Frame] = []
        self._moments: dict[str, list[tuple[float, int]]] = {}

    async def read(self, socket: Socket) -> None:
        """Read until the connection ends."""
        with suppress(websockets.ConnectionClosed):
            while True:
                self._take(json.loads(await socket.wire.recv()))

    def _take(self, frame: Frame) -> None:
        turn = frame.get("turn", "")
        match frame["type"]:
            case "accepted":
                self.accepted[turn] = frame
                self.shown[turn] = Transcript()
            case "error":
                self.errors.append(frame)
            case "delta" | "switched":
                self.shown[turn].take(frame)
                self._moments.setdefault(turn, []).append((time.monotonic(), len(self.shown[turn].text)))
            case "completed" | "failed":
                self.ended[turn] = frame

    def length_at(self, turn: str, moment: float) -> int:
        """Code points of this answer that were on the screen at that moment."""
        return max((length for at, length in self._moments.get(turn, ()) if at <= moment), default=0)


async def ask_many(socket: Socket, count: int) -> list[str]:
    """Ask so many questions, each in a conversation of its own; returns the client's ids."""
    ids = [str(UUID(int=int.from_bytes(os.urandom(16)), version=4)) for _ in range(count)]
    for number, name in enumerate(ids):
        await socket.send("ask", id=name, text=f"Tell me story number {number}.")
        if number % 8 == 7:
            await asyncio.sleep(0)
    return ids


@dataclass(frozen=True, slots=True)
class Counts:
    """What the stores hold of one turn."""

    state: str
    ledger: int
    ends: int
    answers: int
    questions: int
    held: int

    @property
    def is_settled_once(self) -> bool:
        final = self.state in {"completed", "failed", "stopped"}
        return final and (self.ledger, self.ends, self.answers, self.questions, self.held) == (1, 1, 1, 1, 0)


def counts(server: RealServer) -> dict[str, Counts]:
    """Of every turn of the chat that ever reserved anything, by its id as clients know it."""
    marks = ", ".join("?" for _ in ENDS)
    ledger = Counter(row["turn_id"] for row in server.rows("select turn_id from budgets_ledgerentry"))
    held = Counter(
        row["turn_id"] for row in server.rows("select turn_id from budgets_reservation where state = 'held'")
    )
    ends = Counter(
        row["subject"] for row in server.rows(f"select subject from audit_auditevent where kind in ({marks})", *ENDS)
    )
    said = Counter((row["turn_id"], row["role"]) for row in server.rows("select turn_id, role from chat_message"))
    turns = server.rows("select id, state from turns_turn where channel = 'chat' and state != 'refused'")
    return {
        dashed(row["id"]): Counts(
            state=row["state"],
            ledger=ledger[row["id"]],
            ends=ends[dashed(row["id"])],
            answers=said[row["id"], "assistant"],
            questions=said[row["id"], "user"],
            held=held[row["id"]],
        )
        for row in turns
    }


def dashed(turn: str) -> str:
    """An id from the database as clients and the audit trail write it."""
    return str(UUID(turn))


def not_settled_once(server: RealServer, turns: Iterable[str]) -> dict[str, Counts | None]:
    """Those of these turns that are missing or that anything of is missing or there twice."""
    found = counts(server)
    return {turn: found.get(turn) for turn in turns if turn not in found or not found[turn].is_settled_once}


def open_turns(server: RealServer) -> int:
    (row,) = server.rows("select count(*) as n from turns_turn where state = 'open'")
    return int(row["n"])


def is_consistent(server: RealServer) -> bool:
    """In one look: no turn is closed while something is still reserved for it, none is open with nothing reserved."""
    (row,) = server.rows(
        "select count(*) as n from turns_turn t where t.state != 'refused' and (t.state = 'open') !="
        " exists (select 1 from budgets_reservation r where r.turn_id = t.id and r.state = 'held')"
    )
    return bool(row["n"] == 0)


def check_books(server: RealServer) -> int:
    """Every period holds the sum of its ledger, and nothing is reserved; returns what was spent, in micro-dollars."""
    (ledger,) = server.rows("select coalesce(sum(amount), 0) as spent from budgets_ledgerentry")
    (periods,) = server.rows("select sum(spent) as spent, sum(reserved) as reserved from budgets_budgetperiod")
    assert (int(periods["spent"]), int(periods["reserved"])) == (int(ledger["spent"]), 0)
    return int(ledger["spent"])


def verify_chain(server: RealServer, slug: str, folder: Path) -> int:
    """Export a tenant's audit trail and verify it offline; returns how many entries it has."""
    server.manage("audit_export", "--tenant", slug, "--out", str(folder))
    report = verifier.verify(folder)
    assert report.intact, report.problems
    return int(report.entries)
