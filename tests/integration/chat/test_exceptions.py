"""Exceptions over REST: an author asks, an officer reads and decides, labels follow, and all of it is on record."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest

from apps.audit.models import AuditEvent
from apps.chat import lowering, tasks
from apps.chat.erasure import ERASER
from apps.chat.models import Conversation, Message
from apps.core import clock
from apps.core.jobs import Running
from apps.core.models import Job
from apps.core.tenancy import use_tenant
from apps.domain.ids import TenantId
from apps.mirror.models import OutboxEntry
from apps.operations.verifying.findings import Finding
from apps.operations.verifying.messages import check_conversations, check_messages
from apps.policies.models import LabelException
from apps.tenants.models import User
from apps.turns.services import TurnRunning
from tests.integration.chat.conftest import person
from tests.integration.chat.test_api import Api
from tests.support.chat_socket import Client
from tests.support.factories.chat import AnswerFactory, AttachmentFactory, QuestionFactory

pytestmark = pytest.mark.django_db

IBAN = "DE89370400440532013000"
WHY = "It is the example of the standard."
ALL = "/api/v1/exceptions/"


@pytest.fixture
def cleo(erin: User) -> User:
    return person(tenant=erin.tenant, name="Cleo", role="compliance_officer")


@pytest.fixture
def author(erin: User) -> Api:
    return Api(erin)


@pytest.fixture
def officer(cleo: User) -> Api:
    return Api(cleo, "admin")


@pytest.fixture
def question(erin: User) -> Message:
    """A private question, its answer, a harmless one after it and its answer."""
    first = QuestionFactory(conversation__owner=erin, conversation__label=1, text=f"Is {IBAN} valid?", label=1)
    said = AnswerFactory(parent=first, label=1, label_source="derived", hosting="self_hosted")
    more = QuestionFactory(conversation=first.conversation, parent=said, text="And why?")
    AnswerFactory(parent=more, label=1, label_source="derived", hosting="self_hosted", text="By its check digits.")
    return first


def of(question: Message) -> str:
    return f"/api/v1/messages/{question.pk}/exception/"


def ask(author: Api, question: Message) -> str:
    status, told = author("POST", of(question), {"reason": WHY})
    assert status == 201, told
    return f"{ALL}{told['id']}/"


def granted(author: Api, officer: Api, question: Message, days: int = 30) -> str:
    place = ask(author, question)
    status, told = officer("POST", f"{place}grant/", {"reason": "Published.", "days": days})
    assert status == 200, told
    follow(question)
    return place


def follow(question: Message) -> None:
    """What a worker does: every job of the exceptions that is not done."""
    for job in Job.objects.filter(kind=lowering.EXCEPTION).exclude(state="done"):
        lowering.apply(Running(job.pk, TenantId(job.tenant_id), job.kind, job.subject, job.payload, 1))
        job.state = "done"
        job.save()


def labels(question: Message) -> list[int]:
    rows = Message.objects.for_tenant(question.tenant_id).filter(conversation=question.conversation_id)
    return list(rows.order_by("id").values_list("label", flat=True))


def conversation_of(question: Message) -> Conversation:
    return Conversation.objects.for_tenant(question.tenant_id).get(pk=question.conversation_id)


def trail(question: Message) -> list[tuple[str, str, dict[str, Any]]]:
    rows = AuditEvent.objects.for_tenant(question.tenant_id).filter(kind__startswith="exception.").order_by("seq")
    return [(row.kind, row.actor, orjson.loads(row.body)) for row in rows]


class TestAsking:
    def test_tells_what_was_found_and_waits(self, author: Api, question: Message, erin: User) -> None:
        status, told = author("POST", of(question), {"reason": WHY})

        assert status == 201
        assert (told["state"], told["types"], told["asked_because"]) == ("waiting", ["IBAN_CODE"], WHY)
        assert told["asked_by"] == {"id": erin.pk, "name": erin.name}
        assert author.get(of(question)) == told
        assert labels(question) == [1, 1, 0, 1]
        assert trail(question) == [
            ("exception.asked", f"user:{erin.pk}", {"message": str(question.pk), "types": ["IBAN_CODE"]})
        ]

    def test_twice_is_a_conflict(self, author: Api, question: Message) -> None:
        ask(author, question)

        assert author("POST", of(question), {"reason": WHY})[0] == 409

    @pytest.mark.parametrize("reason", [None, "", "   ", "x" * 501, 3])
    def test_wants_a_reason(self, author: Api, question: Message, reason: Any) -> None:
        status, told = author("POST", of(question), {} if reason is None else {"reason": reason})

        assert (status, list(told["fields"])) == (400, ["reason"])

    @pytest.mark.parametrize("which", ["harmless", "unclassified", "answer"])
    def test_is_for_private_questions_only(self, author: Api, question: Message, which: str) -> None:
        rows = Message.objects.for_tenant(question.tenant_id)
        asked = rows.get(parent=question) if which == "answer" else question
        if which != "answer":
            rows.filter(pk=question.pk).update(label=0 if which == "harmless" else 2)

        assert author("POST", of(asked), {"reason": WHY})[0] == 400

    def test_looks_at_its_files(self, author: Api, question: Message) -> None:
        AttachmentFactory(message=question, owner=question.author, text="Write to jonas.weber@nordwind.de.")
        _, told = author("POST", of(question), {"reason": WHY})

        assert told["types"] == ["EMAIL_ADDRESS", "IBAN_CODE"]

    def test_is_no_use_with_a_picture(self, author: Api, question: Message) -> None:
        AttachmentFactory(message=question, owner=question.author, kind="image", image=b"\x89PNG", text="")

        assert author("POST", of(question), {"reason": WHY})[0] == 400

    def test_that_nobody_has_asked_for_is_told_as_such(self, author: Api, question: Message) -> None:
        assert [author(method, of(question))[0] for method in ("GET", "DELETE")] == [204, 404]

    def test_of_somebody_else_does_not_exist(self, officer: Api, question: Message, stranger: User) -> None:
        for who in (Api(stranger), Api(person(tenant=question.tenant))):
            for method in ("GET", "POST", "DELETE"):
                assert who(method, of(question), {"reason": WHY})[0] == 404


class TestDeciding:
    def test_lists_what_waits_without_the_questions(self, author: Api, officer: Api, question: Message) -> None:
        ask(author, question)
        (waiting,) = officer.get(ALL)["results"]

        assert (waiting["state"], waiting["message"]) == ("waiting", str(question.pk))
        assert IBAN not in str(waiting)
        assert officer.get(f"{ALL}?state=granted")["results"] == officer.get(f"{ALL}?state=over")["results"] == []

    def test_reads_the_question_on_record_and_its_author_sees_who(
        self, author: Api, officer: Api, question: Message, cleo: User
    ) -> None:
        AttachmentFactory(message=question, owner=question.author, name="a.txt", text="IBAN enclosed.")
        place = ask(author, question)
        status, content = officer("POST", f"{place}question/")

        assert (status, content["text"]) == (200, question.text)
        assert "IBAN enclosed." in content["files"][0]
        assert author.get(of(question))["opened_by"] == {"id": cleo.pk, "name": "Cleo"}
        assert trail(question)[-1][:2] == ("exception.read", f"user:{cleo.pk}")
        assert IBAN not in str(trail(question))

    def test_does_not_read_what_its_author_has_deleted(self, author: Api, officer: Api, question: Message) -> None:
        place = ask(author, question)
        assert author("DELETE", f"/api/v1/conversations/{question.conversation_id}/")[0] == 204
        status, told = officer("POST", f"{place}question/")

        assert (status, question.text in str(told)) == (404, False)
        assert [kind for kind, _, _ in trail(question)] == ["exception.asked"]

    def test_grants_for_some_days_and_the_labels_fall(
        self, author: Api, officer: Api, question: Message, cleo: User, erin: User
    ) -> None:
        before = clock.now()
        granted(author, officer, question, days=10)

        told = author.get(of(question))
        assert (told["state"], told["decided_because"], told["decided_by"]["name"]) == ("granted", "Published.", "Cleo")
        assert labels(question) == [0, 0, 0, 0]
        assert conversation_of(question).label == 0
        kind, actor, body = trail(question)[-1]
        assert (kind, actor, body["asked_by"]) == ("exception.granted", f"user:{cleo.pk}", erin.pk)
        assert abs(
            LabelException.objects.for_tenant(question.tenant_id).get().until - before - timedelta(days=10)
        ) < timedelta(minutes=1)
        base = f"conversations/{question.conversation_id}"
        paths = set(OutboxEntry.objects.for_tenant(question.tenant_id).values_list("path", flat=True))
        assert {base, f"{base}/messages/{question.pk}"} <= paths
        assert len(paths) == 5

    def test_leaves_an_answer_that_holds_something_else(self, author: Api, officer: Api, question: Message) -> None:
        answers = Message.objects.for_tenant(question.tenant_id).filter(parent=question)
        answers.update(text=f"{IBAN} is; ask jonas.weber@nordwind.de.")
        granted(author, officer, question)

        assert labels(question) == [0, 1, 0, 1]

    def test_lowers_an_answer_that_repeats_it(self, author: Api, officer: Api, question: Message) -> None:
        Message.objects.for_tenant(question.tenant_id).filter(parent=question).update(text=f"{IBAN} is valid.")
        granted(author, officer, question)

        assert labels(question) == [0, 0, 0, 0]

    def test_refuses_with_a_reason(self, author: Api, officer: Api, question: Message) -> None:
        place = ask(author, question)
        status, _ = officer("POST", f"{place}refuse/", {"reason": "It is a customer's."})

        told = author.get(of(question))
        assert (status, told["state"], told["decided_because"]) == (200, "refused", "It is a customer's.")
        assert labels(question) == [1, 1, 0, 1]
        assert not Job.objects.filter(kind=lowering.EXCEPTION).exists()
        assert author("POST", of(question), {"reason": "Look again."})[0] == 201

    @pytest.mark.parametrize("days", [0, 91, -1, "many", None])
    def test_wants_an_end(self, author: Api, officer: Api, question: Message, days: Any) -> None:
        status, told = officer("POST", f"{ask(author, question)}grant/", {"reason": "Yes.", "days": days})

        assert (status, list(told["fields"])) == (400, ["days"])

    def test_needs_somebody_else(self, cleo: User, officer: Api) -> None:
        mine = QuestionFactory(conversation__owner=cleo, text=f"Is {IBAN} valid?", label=1)
        place = ask(Api(cleo), mine)
        status, told = officer("POST", f"{place}grant/", {"reason": "Yes.", "days": 3})

        assert (status, told["code"]) == (403, "needs_second_person")

    @pytest.mark.parametrize("act", ["question/", "grant/", "refuse/", "end/"])
    def test_is_closed_to_everybody_else(self, author: Api, question: Message, act: str, erin: User) -> None:
        place = ask(author, question)
        body = {"reason": "Yes.", "days": 3} if act == "grant/" else {"reason": "No."} if act == "refuse/" else None
        admin = person(tenant=erin.tenant, role="tenant_admin")
        foreign = person(role="compliance_officer")

        for who, expected in ((author, 403), (Api(admin, "admin"), 403), (Api(foreign, "admin"), 404)):
            assert who("POST", f"{place}{act}", body)[0] == expected
        assert author.get(of(question))["state"] == "waiting"

    def test_twice_is_a_conflict(self, author: Api, officer: Api, question: Message) -> None:
        place = granted(author, officer, question)

        for act, body in (("grant/", {"reason": "Yes.", "days": 3}), ("refuse/", {"reason": "No."})):
            status, told = officer("POST", f"{place}{act}", body)
            assert (status, told["code"]) == (409, "conflict")


class TestEnding:
    @pytest.mark.parametrize("how", ["officer", "author", "time"])
    def test_brings_the_labels_back(
        self, author: Api, officer: Api, question: Message, how: str, settings: Any
    ) -> None:
        place = granted(author, officer, question, days=1)
        later = AnswerFactory(
            parent=QuestionFactory(conversation=question.conversation, parent=_last(question)), label=0,
            label_source="derived",
        )  # fmt: skip
        if how == "officer":
            assert officer("POST", f"{place}end/")[0] == 200
        elif how == "author":
            assert author("DELETE", of(question))[0] == 200
        else:
            settings.OPENROUTE_CLOCK = "+86401"
            assert tasks.end_exceptions() == 1
            assert tasks.end_exceptions() == 0
        follow(question)

        assert labels(question) == [1, 1, 0, 1, 0, 1]
        assert Message.objects.for_tenant(question.tenant_id).get(pk=later.pk).found == 0
        assert conversation_of(question).label == 1
        assert author.get(of(question))["state"] == ("withdrawn" if how == "author" else "ended")
        assert trail(question)[-1][0] == "exception.ended"

    def test_keeps_every_label_consistent(self, author: Api, officer: Api, question: Message) -> None:
        tenant = TenantId(question.tenant_id)
        for act in (lambda: granted(author, officer, question), lambda: author("DELETE", of(question))):
            act()
            follow(question)
            with use_tenant(tenant):
                for check in (check_messages, check_conversations):
                    finding = Finding("acme", check.__name__, "messages")
                    check(tenant, finding)
                    assert (finding.looked > 0, finding.violations) == (True, [])

    def test_of_what_waits_is_a_withdrawal(self, author: Api, officer: Api, question: Message) -> None:
        place = ask(author, question)

        assert author("DELETE", of(question))[1]["state"] == "withdrawn"
        assert officer("POST", f"{place}question/")[0] == 409
        assert officer.get(ALL)["results"] == []

    def test_waits_for_an_answer_that_is_being_written(self, author: Api, officer: Api, question: Message) -> None:
        running = AnswerFactory(parent=question, label=1, label_source="derived", state="streaming", text="")
        with pytest.raises(TurnRunning):
            granted(author, officer, question)

        assert labels(question) == [0, 0, 0, 0, 1]
        Message.objects.for_tenant(question.tenant_id).filter(pk=running.pk).update(state="ok", text="It is.")
        follow(question)
        assert labels(question) == [0] * 5


def _last(question: Message) -> Message:
    return Message.objects.for_tenant(question.tenant_id).filter(conversation=question.conversation_id).latest("id")


async def test_open_pages_see_the_labels_change(
    author: Api, officer: Api, question: Message, connect: Callable[..., Client]
) -> None:
    async with connect() as page:
        await page.send("subscribe", conversation=str(question.conversation_id))
        await page.until("state")
        granted(author, officer, question)
        frames = await page.until("label")
        while len([frame for frame in frames if frame["type"] == "label"]) < 3:
            frames.append(await page.next())

    seen = {frame["message"]: frame["sensitivity"] for frame in frames if frame["type"] == "label"}
    assert set(seen.values()) == {"clean"}
    assert str(question.pk) in seen
    (told,) = [frame for frame in frames if frame["type"] == "conversation"]
    assert told["sensitivity"] == "clean"


def test_erasing_a_person_takes_what_they_asked_along(author: Api, question: Message, erin: User) -> None:
    ask(author, question)
    ERASER.erase_user(TenantId(erin.tenant_id), erin.pk)

    assert not LabelException.objects.for_tenant(erin.tenant_id).all().exists()


def test_an_unknown_one_does_not_exist(officer: Api) -> None:
    for act, body in (("question/", None), ("grant/", {"reason": "Yes.", "days": 1}), ("end/", None)):
        assert officer("POST", f"{ALL}{uuid4()}/{act}", body)[0] == 404
