"""After the soak: whether every promise was kept."""

import json
from collections.abc import Iterator
from pathlib import Path

from tests.support.crashes import dashed, open_turns
from tests.support.soak.diary import Diary
from tests.support.soak.stand import Stand
from tests.support.upstream import Upstream

STATES = {"completed": {"ok", "stopped"}, "failed": {"failed", "partial", "refused"}}


def write_bills(upstream: Upstream, path: Path) -> Path:
    """What a stub billed, in the form of `verify_stores --bills`: its callers name turn and attempt in a header."""
    with path.open("w") as file:
        for request in upstream.calls():
            turn, _, attempt = request.headers["idempotency-key"].rpartition("-")
            line = {"turn": turn, "attempt": int(attempt), "model": request.model}
            file.write(json.dumps({**line, "amount_usd": f"{upstream.bill_of(request):f}"}) + "\n")
    return path


def unkept(stand: Stand, diary: Diary) -> Iterator[str]:
    """What was acknowledged and is not there, or not as it was shown."""
    rows = stand.server.rows("select id, turn_id, role, text, state from chat_message where turn_id is not null")
    said = {(dashed(row["turn_id"]), row["role"]): row for row in rows}
    for turn, promise in diary.chats.items():
        question, answer = said.get((turn, "user")), said.get((turn, "assistant"))
        if question is None or answer is None:
            yield f"{promise.who}: turn {turn} was accepted, its question or answer is not there"
        elif question["text"] != promise.text:
            yield f"{promise.who}: the question of turn {turn} reads differently"
        elif answer["state"] not in STATES.get(promise.ended, {answer["state"]}):
            yield f"{promise.who}: turn {turn} was told as {promise.ended}, and is {answer['state']}"
        elif promise.ended and answer["text"] != promise.answer:
            yield (
                f"{promise.who}: turn {turn} {promise.ended} with {len(promise.answer)} code points, "
                f"{len(answer['text'])} are stored"
            )
    completed = {dashed(row["id"]) for row in stand.server.rows("select id from turns_turn where state = 'completed'")}
    for turn in sorted(diary.answered - completed):
        yield f"the whole answer of turn {turn} was delivered, and it is not completed"


def asked_twice(stand: Stand) -> list[str]:
    """Client ids that became more than one turn of a chat."""
    rows = stand.server.rows(
        "select client_id from turns_turn where client_id != '' and channel = 'chat'"
        " group by tenant_id, user_id, client_id having count(*) > 1"
    )
    return [row["client_id"] for row in rows]


def is_quiet(stand: Stand) -> bool:
    """No turn is open, and no job is left that could open one: whatever providers will bill, they have billed."""
    (jobs,) = stand.server.rows("select count(*) as n from core_job where state in ('waiting', 'running')")
    return open_turns(stand.server) == 0 == jobs["n"]
