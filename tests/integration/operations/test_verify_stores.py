"""`verify_stores` passes over stores that agree, and finds whatever was broken on purpose."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections
from pytest_django import Settings

from apps.audit import services as audit
from apps.audit.models import AuditHead, Checkpoint
from apps.budgets.models import BudgetPeriod, LedgerEntry, Reservation
from apps.chat.models import Conversation, Message
from apps.core import clock, db
from apps.core.models import Job
from apps.core.reading import one_moment
from apps.domain.ids import ConversationId, MessageId, new_id
from apps.domain.privacy import Sensitivity
from apps.domain.turn import Channel, ChatRef
from apps.mirror.models import OutboxEntry
from apps.operations.demo import loading
from apps.providers.adapters._errors import ProviderUnavailable
from apps.turns import sweeper
from apps.turns.models import Attempt, Turn
from tests.integration.turns import conftest as real_path
from tests.integration.turns.conftest import House
from tests.support.factories.tenants import TenantFactory
from tests.support.scripted_provider import Behaviour, ScriptedAdapter

house, wire = real_path.house, real_path.wire
_connection, _one_connection, _process = real_path._connection, real_path._one_connection, real_path._process

PRIVATE = "My IBAN is DE89 3704 0044 0532 0130 00, what is its bank?"
LONG_AGO = timedelta(hours=1)
Lines = dict[str, dict[str, Any]]


@pytest.fixture(autouse=True)
def _state(settings: Settings, tmp_path: Path) -> None:
    settings.STATE_DIR = tmp_path


def verified(*arguments: str, tenant: str = "acme") -> Lines:
    """What the command prints, by check."""
    out = StringIO()
    failed = False
    try:
        call_command("verify_stores", "--json", "--tenant", tenant, *arguments, stdout=out)
    except SystemExit as ended:
        failed = ended.code == 1
    *lines, verdict = [json.loads(line) for line in out.getvalue().splitlines()]
    assert verdict["passed"] == all(line["passed"] for line in lines) == (not failed)
    return {line["check"]: line for line in lines}


def broken(lines: Lines) -> dict[str, str]:
    """What the failed checks say, by check."""
    return {
        check: " ".join(f"{listed['subject']}: {listed['sentence']}" for listed in line["listed"])
        for check, line in lines.items()
        if not line["passed"]
    }


def place(conversation: UUID | None = None, parent: UUID | None = None) -> ChatRef:
    return ChatRef(
        conversation=ConversationId(conversation or new_id()),
        is_new=conversation is None,
        parent=None if parent is None else MessageId(parent),
        question=MessageId(new_id()),
        answer=MessageId(new_id()),
    )


@pytest.fixture
async def used(house: House, wire: ScriptedAdapter) -> House:
    """A company that has used everything: both surfaces, a fall-back, a refusal, private text, a second question."""
    house.set_budget(1_000_000)
    wire.script("out-best", Behaviour((), ProviderUnavailable("It is down.", upstream_status=500)))
    await house.ask("How do tides work?")
    await house.ask("How do tides work?", model="out-plain")
    first = place()
    await house.ask(PRIVATE, channel=Channel.CHAT, recorder="chat", chat=first)
    second = place(first.conversation, first.answer)
    await house.ask("And why?", channel=Channel.CHAT, recorder="chat", chat=second)
    await house.ask("Why not?", model="out-plain", channel=Channel.CHAT, recorder="chat", chat=place())
    return house


def turn(house: House, **wanted: object) -> Turn:
    found = Turn.objects.for_tenant(house.tenant).filter(**wanted).order_by("id").first()
    assert found is not None
    return found


def chat_turn(house: House) -> Turn:
    return turn(house, recorder="chat")


class TestStoresThatAgree:
    def test_pass_every_check(self, used: House) -> None:
        lines = verified()

        assert broken(lines) == {}
        assert {check: line["looked_at"] for check, line in lines.items()} == {
            "audit chain": 12, "turns in the audit trail": 5, "attempts": 5, "reservations": 5, "ledger": 5,
            "answers": 5, "open turns": 5, "rows without a turn": 3, "budget periods": 2, "messages": 6,
            "labels of conversations": 2, "outbox": 8, "jobs": 2,
        }  # fmt: skip

    async def test_pass_where_models_changed_in_the_middle_of_answers(
        self, house: House, wire: ScriptedAdapter
    ) -> None:
        """The second model goes on, the third answer ends for good; one answer turned private on the way (adr 0008)."""
        house.set_budget(1_000_000)
        down = ProviderUnavailable("It broke off.")
        for begin, models in (("The moon ", ["out-best"]), (f"{PRIVATE} ", ["out-best"]), ("So ", house.models)):
            wire.forget()
            for model in models:
                wire.script(model, Behaviour((begin,), down))
            asked = {"channel": Channel.CHAT, "model": "auto:best", "recorder": "chat", "chat": place()}
            await house.ask("How do tides work?", **asked)

        assert broken(verified()) == {}
        answers = Message.objects.for_tenant(house.tenant).filter(role="assistant").order_by("id")
        assert [(a.state, a.model, a.hosting, a.label) for a in answers] == [
            ("ok", "out-good", "commercial", Sensitivity.CLEAN),
            ("ok", "in-good", "commercial", Sensitivity.SENSITIVE),
            ("partial", "in-good", "commercial", Sensitivity.CLEAN),
        ]

    async def test_pass_where_models_voted_and_answers_were_checked(self, house: House, wire: ScriptedAdapter) -> None:
        """Agreeing, with one that fails, all failing, swept in the middle; replaced, and shown after all (adr 0013)."""
        house.set_budget(1_000_000)
        away = Behaviour((), ProviderUnavailable("It is down."))
        refuses = Behaviour(("I'm sorry, but I can't help with that.",))

        async def sweep(*_: object) -> None:
            assert sweeper.sweep(now=clock.now()) == 1  # this process has no heartbeat

        voted: list[dict[str, Behaviour]] = [
            {}, {"out-best": away}, dict.fromkeys(house.models[:4], away), {"out-good": Behaviour(before=sweep)},
        ]  # fmt: skip
        checked: list[dict[str, Behaviour]] = [
            {"in-good": refuses, "in-plain": refuses}, dict.fromkeys(house.models, refuses),
            {**dict.fromkeys(house.models, away), "in-good": refuses, "in-plain": refuses},
        ]  # fmt: skip
        for model, scripts in [("auto:vote", voted), ("auto:cascade", checked)]:
            for behaviours in scripts:
                wire.forget()
                for name, behaviour in behaviours.items():
                    wire.script(name, behaviour)
                asked = {"channel": Channel.CHAT, "model": model, "recorder": "chat", "chat": place()}
                await house.ask("How do tides work?", **asked)

        assert broken(verified()) == {}
        turns = list(Turn.objects.for_tenant(house.tenant).order_by("id"))
        assert [turn.vote is not None for turn in turns] == [True, True, False, False, False, False, False]
        assert [turn.state for turn in turns] == [*["completed"] * 3, "failed", *["completed"] * 3]
        assert "not_good_enough" in Attempt.objects.for_tenant(house.tenant).values_list("code", flat=True)

    @pytest.mark.django_db
    def test_pass_in_the_demo_company(self, settings: Settings) -> None:
        settings.OUTBOUND_ALLOW_HOSTS = ["127.0.0.1"]
        loading.load(at=clock.now())
        out = StringIO()
        call_command("verify_stores", stdout=out)

        *lines, verdict = out.getvalue().splitlines()
        assert verdict == f"All {len(lines)} checks passed."
        assert lines[0].startswith("installation: audit chain: ")
        assert all(line.endswith(", ok") for line in lines)

    @pytest.mark.django_db
    def test_of_a_company_that_is_unknown_are_no_result(self) -> None:
        with pytest.raises(CommandError, match="no company 'nobody'"):
            call_command("verify_stores", "--tenant", "nobody")


def _head(house: House) -> None:
    AuditHead.objects.for_tenant(house.tenant).update(hash="f" * 64)


def _checkpoint(house: House) -> None:
    audit.checkpoint(tenant=house.tenant, at=clock.now())
    row = Checkpoint.objects.for_tenant(house.tenant).get()
    Checkpoint(
        tenant_id=house.tenant, seq=row.seq - 1, hash=row.hash, at=row.at, key_id=row.key_id, signature=row.signature
    ).save(force_insert=True)


def _record(house: House, kind: str) -> None:
    subject = str(turn(house, recorder="none").pk)
    audit.append(tenant=house.tenant, kind=kind, actor="system", subject=subject, body={}, at=clock.now())


def _period(house: House, **values: int) -> None:
    row = BudgetPeriod.objects.for_tenant(house.tenant).order_by("starts")[0]
    BudgetPeriod.objects.for_tenant(house.tenant).filter(pk=row.pk).update(**values)


def _change(model: Any, **values: object) -> Callable[[House], None]:
    """Change the first row of a table."""

    def change(house: House) -> None:
        rows = model.objects.for_tenant(house.tenant)
        rows.filter(pk=rows.order_by("pk").values_list("pk", flat=True)[0]).update(**values)

    return change


def _drop(model: Any) -> Callable[[House], None]:
    """Lose the first row of a table."""

    def drop(house: House) -> None:
        rows = model.objects.for_tenant(house.tenant)
        rows.filter(pk=rows.order_by("pk").values_list("pk", flat=True)[0]).delete()

    return drop


def _lose_attempt(house: House) -> None:
    row = Attempt.objects.for_tenant(house.tenant).filter(number=1).order_by("turn_id")[0]
    Attempt.objects.for_tenant(house.tenant).filter(pk=row.pk).delete()


def _lose_turn(house: House) -> None:
    Turn.objects.for_tenant(house.tenant).filter(pk=turn(house, recorder="none").pk).delete()


def _abandon(house: House) -> None:
    of = Turn.objects.for_tenant(house.tenant).filter(pk=turn(house, recorder="none").pk)
    of.update(state="open", owner=uuid4(), opened_at=clock.now() - LONG_AGO)


def _message(house: House, role: str, **values: object) -> None:
    found = Message.objects.for_tenant(house.tenant).filter(role=role, turn_id=chat_turn(house).pk)
    assert found.update(**values) == 1


def _elsewhere(house: House) -> None:
    questions = Message.objects.for_tenant(house.tenant).filter(role="user").order_by("id").values_list("pk", flat=True)
    answers = Message.objects.for_tenant(house.tenant).filter(role="assistant", parent_id=questions[2])
    assert answers.update(parent_id=questions[0]) == 1


def _second_answer(house: House) -> None:
    answer = Message.objects.for_tenant(house.tenant).get(role="assistant", turn_id=chat_turn(house).pk)
    answer.pk = new_id()
    answer.save(force_insert=True)


def _mark_early(house: House) -> None:
    OutboxEntry.objects.for_tenant(house.tenant).update(dirty_at=clock.now() - LONG_AGO)


def _foreign(house: House) -> None:
    """Acme's outbox names another company's conversation."""
    other = TenantFactory(slug="other")
    row = Conversation.objects.for_tenant(house.tenant).order_by("pk")[0]
    row.pk, row.tenant_id = new_id(), other.pk
    row.save(force_insert=True)
    path = f"conversations/{row.pk}"
    OutboxEntry.objects.for_tenant(house.tenant).create(
        tenant_id=house.tenant, path=path, version=1, dirty_at=clock.now(), due_at=clock.now()
    )


def _job(**values: object) -> Callable[[House], None]:
    def add(house: House) -> None:
        common: dict[str, Any] = {"tenant_id": house.tenant, "kind": "chat.title", "subject": "x"}
        Job.objects.create(due_at=clock.now(), created_at=clock.now(), **(common | values))

    return add


def _titled_twice(house: House) -> None:
    for _ in range(2):
        audit.append(
            tenant=house.tenant, kind="conversation.titled", actor="system", subject="c", body={}, at=clock.now()
        )


Break = tuple[str, Callable[[House], None], str]
BREAKS: list[Break] = [
    ("audit chain", _head, "names another hash"),
    ("audit chain", _checkpoint, "bad_signature"),
    ("turns in the audit trail", lambda house: _record(house, "turn.completed"), "turn.completed, turn.completed"),
    ("turns in the audit trail", lambda house: _record(house, "turn.dispatched"), "has 2 entries turn.dispatched"),
    ("turns in the audit trail", lambda house: _record(house, "turn.extended"), "audit entries turn.extended"),
    ("attempts", _lose_attempt, "Its attempts are numbered"),
    ("attempts", _change(Attempt, state="sent"), "have not ended"),
    ("attempts", _change(Attempt, reserved=1), "do not add up"),
    ("reservations", _change(Reservation, state="held"), "is held, not"),
    ("reservations", _drop(Reservation), "have reservations"),
    ("reservations", _change(Reservation, amount=10**9), "its reservation says"),
    ("ledger", _drop(LedgerEntry), "are to be booked"),
    ("ledger", _change(LedgerEntry, amount=10**9), "outside of what was reserved"),
    ("ledger", _change(Turn, cost=7), "entries hold"),
    ("budget periods", lambda house: _period(house, spent=999_999), "the ledger holds"),
    ("budget periods", lambda house: _period(house, reserved=1), "open reservations hold 0"),
    ("budget periods", lambda house: _period(house, spent=5_000_000), "above the limit"),
    ("open turns", _abandon, "longer than 60 s"),
    ("rows without a turn", _lose_turn, "there is no such turn"),
    ("answers", _second_answer, "2 answers"),
    ("answers", lambda house: _message(house, "assistant", state="streaming"), "is streaming"),
    ("answers", lambda house: _message(house, "assistant", turn_id=None), "0 answers"),
    ("messages", _elsewhere, "stands in another conversation"),
    ("messages", lambda house: _message(house, "assistant", label=0), "was derived from sensitive text"),
    ("labels of conversations", _change(Conversation, label=0), "a message sensitive"),
    ("outbox", _drop(OutboxEntry), "0 entries in the outbox"),
    ("outbox", _change(OutboxEntry, version=99), "Version 99 waits"),
    ("outbox", _mark_early, "before it was made"),
    ("outbox", _foreign, "belongs to tenant"),
    ("jobs", _job(state="running", lease_until=clock.now() - LONG_AGO), "no worker has taken it over"),
    ("jobs", _job(state="running", lease_until=clock.now() + LONG_AGO), "later than any worker may ask for"),
    ("jobs", _job(state="running"), "without a lease"),
    ("jobs", _job(state="done", lease_until=clock.now()), "still has a lease"),
    ("jobs", _titled_twice, "took effect 2 times"),
]


class TestStoresThatDoNotAgree:
    @pytest.mark.parametrize(("check", "damage", "sentence"), BREAKS)
    def test_are_found(self, used: House, check: str, damage: Callable[[House], None], sentence: str) -> None:
        with db.atomic():
            damage(used)

        assert sentence in broken(verified()).get(check, f"nothing was found by {check}")

    def test_are_told_to_people_with_ids_and_without_content(
        self, used: House, capsys: pytest.CaptureFixture[str]
    ) -> None:
        _message(used, "assistant", state="streaming")
        out = StringIO()
        with pytest.raises(SystemExit) as ended:
            call_command("verify_stores", stdout=out)

        assert ended.value.code == 1
        assert f"  turn {chat_turn(used).pk}: It is completed, and its answer" in out.getvalue()
        assert "acme: answers: 5 turns, 1 VIOLATIONS" in out.getvalue()
        assert "IBAN" not in out.getvalue()

    def test_list_a_hundred_of_a_kind_and_count_the_rest(self, used: House) -> None:
        for number in range(101):
            _job(state="running", subject=str(number))(used)
        line = verified()["jobs"]

        assert (line["violations"], len(line["listed"])) == (101, 100)


class TestALimit:
    def test_that_was_lowered_below_what_is_spent_is_no_violation(self, used: House) -> None:
        used.set_budget(1)

        assert broken(verified()) == {}


class TestBills:
    @pytest.fixture
    def bills(self, used: House) -> list[dict[str, Any]]:
        """What the providers billed: the ledger of this company to the last tenth of a micro-dollar."""
        rows = LedgerEntry.objects.for_tenant(used.tenant).filter(amount__gt=0).order_by("id")
        return [
            {
                "turn": str(row.turn_id),
                "attempt": row.attempt,
                "model": row.model,
                "amount_usd": f"{row.amount - 1}.5e-6",
            }
            for row in rows
        ]

    @pytest.fixture
    def told(self, tmp_path: Path) -> Callable[[list[dict[str, Any]]], dict[str, str]]:
        def tell(bills: list[dict[str, Any]]) -> dict[str, str]:
            path = tmp_path / "bills.jsonl"
            path.write_text("".join(f"{json.dumps(bill)}\n" for bill in bills))
            return broken(verified("--bills", str(path)))

        return tell

    def test_rounded_up_are_the_ledger(self, bills: list[dict[str, Any]], told: Any) -> None:
        assert len(bills) == 3
        assert told(bills) == {}

    def test_above_the_ledger_are_found(self, bills: list[dict[str, Any]], told: Any) -> None:
        bills[0]["amount_usd"] = "1"
        assert "and billed with 1000000 micro-dollars" in told(bills)["ledger against bills"]

    def test_that_are_missing_are_found(self, bills: list[dict[str, Any]], told: Any) -> None:
        assert "and billed with 0 micro-dollars" in told(bills[1:])["ledger against bills"]

    def test_of_an_attempt_without_an_entry_are_found(self, bills: list[dict[str, Any]], told: Any) -> None:
        assert "which has no entry" in told([*bills, {**bills[0], "attempt": 9}])["ledger against bills"]

    def test_that_come_twice_are_found(self, bills: list[dict[str, Any]], told: Any) -> None:
        assert "was billed twice" in told([*bills, bills[0]])["bills"]

    def test_for_an_estimate_lie_between_nothing_and_the_estimate(
        self, used: House, bills: list[dict[str, Any]], told: Any
    ) -> None:
        entries = LedgerEntry.objects.for_tenant(used.tenant).filter(turn_id=bills[0]["turn"])
        entries.update(estimated=True)
        Turn.objects.for_tenant(used.tenant).filter(pk=bills[0]["turn"]).update(estimated=True)

        assert told(bills[1:]) == {}
        bills[0]["amount_usd"] = "1"
        assert "below its bill" in told(bills)["ledger against bills"]

    def test_that_nobody_asked_for_are_found_where_all_companies_are_looked_at(
        self, used: House, bills: list[dict[str, Any]], tmp_path: Path
    ) -> None:
        path = tmp_path / "bills.jsonl"
        path.write_text("".join(f"{json.dumps(bill)}\n" for bill in [*bills, {**bills[0], "turn": str(uuid4())}]))
        out = StringIO()
        with pytest.raises(SystemExit):
            call_command("verify_stores", "--bills", str(path), stdout=out)

        assert "nobody asked this" in out.getvalue()

    @pytest.mark.parametrize("line", ["{", "[]", '{"turn": "x"}', '{"turn": 1, "attempt": 1}'])
    def test_of_another_form_are_named_by_their_line(self, used: House, tmp_path: Path, line: str) -> None:
        path = tmp_path / "bills.jsonl"
        path.write_text(f"\n{line}\n")
        with pytest.raises(CommandError, match=r"bills\.jsonl:2"):
            call_command("verify_stores", "--bills", str(path))


@pytest.mark.django_db(transaction=True)
class TestOneMoment:
    def test_refuses_changes_and_is_over_afterwards(self) -> None:
        with pytest.raises(DatabaseError, match=r"read-only|readonly"), one_moment():
            _add_job()
        _add_job()

        assert Job.objects.count() == 1

    @pytest.mark.services
    def test_does_not_see_what_is_committed_meanwhile(self) -> None:
        with one_moment():
            before = Job.objects.count()
            other = threading.Thread(target=_add_job)
            other.start()
            other.join()
            during = Job.objects.count()

        assert (before, during, Job.objects.count()) == (0, 0, 1)


def _add_job() -> None:
    Job.objects.create(tenant_id=1, kind="k", subject="s", due_at=clock.now(), created_at=clock.now())
    if threading.current_thread() is not threading.main_thread():
        connections.close_all()
