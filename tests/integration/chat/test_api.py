"""REST of one's own conversations: what can be read, what can be written, and that nobody else's exist."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from django.test import Client as Browser
from drf_spectacular.generators import SchemaGenerator

from apps.audit.models import AuditEvent
from apps.chat.models import Conversation, Feedback, Message
from apps.mirror.models import OutboxEntry
from apps.tenants.models import User
from tests.integration.chat.conftest import key_of, person
from tests.support.factories.chat import AnswerFactory, ConversationFactory, QuestionFactory
from tests.support.factories.tenants import NOON
from tests.support.factories.turns import TurnFactory, answered

pytestmark = pytest.mark.django_db
LIST = "/api/v1/conversations/"


class Api:
    """Requests of one person by API key."""

    def __init__(self, user: User, *scopes: str) -> None:
        self._browser = Browser(headers={"Authorization": f"Bearer {key_of(user, *(scopes or ('conversations',)))}"})

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        answer = self._browser.generic(method, path, data=_json(body), content_type="application/json")
        return answer.status_code, answer.json() if answer.content else None

    def get(self, path: str) -> Any:
        status, body = self("GET", path)
        assert status == 200, body
        return body


def _json(body: Any) -> bytes:
    return b"" if body is None else orjson.dumps(body)


@pytest.fixture
def api(erin: User) -> Api:
    return Api(erin)


def of(conversation: Conversation, *rest: str) -> str:
    return "/".join([LIST + str(conversation.pk), *rest, ""])


class TestList:
    def test_holds_ones_own_by_activity(self, api: Api, erin: User, stranger: User) -> None:
        old = ConversationFactory(owner=erin, active_at=NOON - timedelta(days=1))
        new = ConversationFactory(owner=erin, active_at=NOON)
        ConversationFactory(owner=stranger)
        ConversationFactory(owner=person(tenant=erin.tenant))
        ConversationFactory(owner=erin, deleted_at=NOON)

        assert [entry["id"] for entry in api.get(LIST)["results"]] == [str(new.pk), str(old.pk)]

    def test_shows_what_is_documented(self, api: Api, erin: User) -> None:
        conversation = ConversationFactory(owner=erin, title="Tides", label=1)

        (entry,) = api.get(LIST)["results"]
        assert entry == {
            "id": str(conversation.pk), "owner": erin.pk, "owner_name": "", "is_own": True, "shared": False,
            "team": None, "title": "Tides", "title_source": "words", "sensitivity": "sensitive", "entities": [],
            "hosting": None, "leaf": None,
            "version": 1, "pinned": False, "archived": False,
            "created_at": entry["created_at"], "active_at": entry["active_at"], "updated_at": entry["updated_at"],
        }  # fmt: skip

    def test_shows_where_the_last_answer_came_from_and_what_was_found(self, api: Api, erin: User) -> None:
        found = {"sensitivity": {"label": "sensitive", "entities": {"PERSON": 2, "IBAN_CODE": 1}}}
        answered(erin, hosting="self_hosted", decision=found)

        (entry,) = api.get(LIST)["results"]
        assert (entry["hosting"], entry["entities"]) == ("self_hosted", ["IBAN_CODE", "PERSON"])

    def test_shows_nothing_of_an_answer_that_was_refused(self, api: Api, erin: User) -> None:
        answered(erin, hosting="", state="refused")

        (entry,) = api.get(LIST)["results"]
        assert (entry["hosting"], entry["entities"]) == (None, [])

    def test_keeps_the_archive_apart(self, api: Api, erin: User) -> None:
        ConversationFactory(owner=erin)
        archived = ConversationFactory(owner=erin, archived=True)

        assert [entry["id"] for entry in api.get(LIST + "?archived=true")["results"]] == [str(archived.pk)]

    def test_can_show_pinned_ones_only(self, api: Api, erin: User) -> None:
        ConversationFactory(owner=erin)
        pinned = ConversationFactory(owner=erin, pinned=True)

        assert [entry["id"] for entry in api.get(LIST + "?pinned=true")["results"]] == [str(pinned.pk)]

    def test_pages_through_everything_once_even_at_one_moment(self, api: Api, erin: User) -> None:
        made = {str(ConversationFactory(owner=erin).pk) for _ in range(7)}
        page, seen = api.get(LIST + "?page_size=3"), []
        while True:
            seen += [entry["id"] for entry in page["results"]]
            if page["next"] is None:
                break
            page = api.get(page["next"])

        assert len(seen) == 7
        assert set(seen) == made

    def test_costs_the_same_number_of_queries_however_long(
        self, api: Api, erin: User, django_assert_max_num_queries: Callable[..., Any]
    ) -> None:
        for _ in range(30):
            answered(erin)
        api.get(LIST)

        with django_assert_max_num_queries(11):
            assert all(entry["hosting"] for entry in api.get(LIST)["results"])

    def test_refuses_a_filter_that_is_no_truth_value(self, api: Api) -> None:
        status, body = api("GET", LIST + "?archived=perhaps")

        assert (status, body["code"], list(body["fields"])) == (400, "invalid_request", ["archived"])


class TestChange:
    def test_renames_pins_and_archives(self, api: Api, erin: User) -> None:
        conversation = ConversationFactory(owner=erin)
        status, body = api("PATCH", of(conversation), {"title": "Ebbe 🌊", "pinned": True, "archived": True})

        assert (status, body["title"], body["pinned"], body["archived"]) == (200, "Ebbe 🌊", True, True)
        assert (body["title_source"], body["version"]) == ("person", 2)

    def test_is_on_record_and_marked_for_the_mirror(self, api: Api, erin: User) -> None:
        conversation = ConversationFactory(owner=erin)
        api("PATCH", of(conversation), {"title": "Secret words"})

        event = AuditEvent.objects.for_tenant(erin.tenant_id).get(kind="conversation.titled")
        assert event.subject == str(conversation.pk)
        assert "Secret" not in event.body
        mark = OutboxEntry.objects.for_tenant(erin.tenant_id).get()
        assert (mark.path, mark.version) == (f"conversations/{conversation.pk}", 2)

    def test_of_nothing_writes_nothing(self, api: Api, erin: User) -> None:
        conversation = ConversationFactory(owner=erin, pinned=True)
        status, body = api("PATCH", of(conversation), {"pinned": True})

        assert (status, body["version"]) == (200, 1)
        assert not AuditEvent.objects.for_tenant(erin.tenant_id).filter(kind__startswith="conversation").exists()

    @pytest.mark.parametrize(
        "field",
        [
            "id",
            "owner",
            "tenant",
            "tenant_id",
            "team",
            "label",
            "sensitivity",
            "leaf",
            "version",
            "created_at",
            "deleted_at",
            "x",
        ],
    )
    def test_refuses_every_other_field_by_name(self, api: Api, erin: User, field: str) -> None:
        conversation = ConversationFactory(owner=erin)
        status, body = api("PATCH", of(conversation), {"title": "New", field: None})

        assert (status, list(body["fields"])) == (400, [field])
        conversation.refresh_from_db()
        assert (conversation.title, conversation.version) != ("New", 2)

    @pytest.mark.parametrize(
        "body",
        [{"title": ""}, {"title": "  "}, {"title": 5}, {"title": "x" * 201}, {"title": None}, {"pinned": "?"}, [], "x"],
    )
    def test_refuses_wrong_values(self, api: Api, erin: User, body: Any) -> None:
        conversation = ConversationFactory(owner=erin)
        status, answer = api("PATCH", of(conversation), body)

        assert (status, answer["code"]) == (400, "invalid_request")


class TestDelete:
    def test_takes_it_out_of_everything_and_restore_brings_it_back(self, api: Api, erin: User) -> None:
        conversation = ConversationFactory(owner=erin)
        assert api("DELETE", of(conversation)) == (204, None)
        assert api("GET", of(conversation))[0] == 404
        assert api("GET", of(conversation, "messages"))[0] == 404
        assert api("DELETE", of(conversation))[0] == 404
        assert api.get(LIST)["results"] == []

        status, body = api("POST", of(conversation, "restore"))
        assert (status, body["id"]) == (200, str(conversation.pk))
        assert api("POST", of(conversation, "restore"))[0] == 200
        assert len(api.get(LIST)["results"]) == 1

    def test_is_on_record(self, api: Api, erin: User) -> None:
        conversation = ConversationFactory(owner=erin)
        api("DELETE", of(conversation))
        api("POST", of(conversation, "restore"))

        kinds = AuditEvent.objects.for_tenant(erin.tenant_id).filter(subject=str(conversation.pk)).order_by("seq")
        assert [event.kind for event in kinds] == ["conversation.deleted", "conversation.changed"]


class TestMessages:
    def test_come_in_the_order_of_time(self, api: Api, erin: User) -> None:
        answer = AnswerFactory(parent__conversation__owner=erin, label=1, label_source="derived")
        results = api.get(of(answer.conversation, "messages"))["results"]

        assert [entry["role"] for entry in results] == ["user", "assistant"]
        assert results[1] == {
            "id": str(answer.pk), "conversation": str(answer.conversation_id), "parent": str(answer.parent_id),
            "turn": None, "role": "assistant", "author": None, "text": "The moon pulls.", "state": "ok",
            "sensitivity": "sensitive", "sensitivity_source": "derived", "is_exempt": False,
            "model": "small", "hosting": "commercial",
            "finish": "stop", "error": "", "cost_microusd": None, "attachments": [],
            "rating": None, "parts": [], "created_at": results[1]["created_at"],
        }  # fmt: skip

    def test_tell_which_model_wrote_what(self, api: Api, erin: User) -> None:
        parts = [
            {"at": 0, "model": "outside", "hosting": "commercial", "after": ""},
            {"at": 4, "model": "inside", "hosting": "self_hosted", "after": "provider_timeout"},
        ]
        answer = AnswerFactory(parent__conversation__owner=erin, parts=parts)

        assert [row["parts"] for row in api.get(of(answer.conversation, "messages"))["results"]] == [[], parts]

    def test_tell_what_an_answer_cost(self, api: Api, erin: User) -> None:
        turn = answered(erin, cost=4210)
        question, answer = api.get(f"{LIST}{turn.conversation_id}/messages/")["results"]
        (leaf,) = api.get(f"{LIST}{turn.conversation_id}/messages/?leaf={answer['id']}&page_size=1")["results"]

        assert (question["cost_microusd"], answer["cost_microusd"], leaf["cost_microusd"]) == (None, 4210, 4210)

    def test_cost_the_same_number_of_queries_however_many(
        self, api: Api, erin: User, django_assert_max_num_queries: Callable[..., Any]
    ) -> None:
        turn = answered(erin, cost=7)
        conversation = Conversation.objects.for_tenant(erin.tenant_id).get()
        for _ in range(20):
            later = TurnFactory(user=erin, conversation_id=conversation.pk, cost=7)
            AnswerFactory(parent__conversation=conversation, conversation=conversation, turn_id=later.pk)
        path = f"{LIST}{turn.conversation_id}/messages/"
        api.get(path)

        with django_assert_max_num_queries(11):
            costs = [entry["cost_microusd"] for entry in api.get(path)["results"]]
        assert costs.count(7) == 21

    def test_page_by_cursor(self, api: Api, erin: User) -> None:
        conversation = ConversationFactory(owner=erin)
        made = [str(QuestionFactory(conversation=conversation).pk) for _ in range(5)]
        first = api.get(of(conversation, "messages") + "?page_size=3")
        second = api.get(first["next"])

        assert [entry["id"] for entry in first["results"] + second["results"]] == made
        assert second["next"] is None

    def test_of_a_branch_leave_out_its_siblings(self, api: Api, erin: User) -> None:
        first, other, leaf = self._two_branches(erin)
        results = api.get(of(leaf.conversation, "messages") + f"?leaf={leaf.pk}")["results"]

        ids = [entry["id"] for entry in results]
        assert ids == [str(first.parent_id), str(first.pk), str(leaf.parent_id), str(leaf.pk)]
        assert str(other.pk) not in ids

    def test_of_a_branch_page_from_its_end(self, api: Api, erin: User) -> None:
        first, _, leaf = self._two_branches(erin)
        late = api.get(of(leaf.conversation, "messages") + f"?leaf={leaf.pk}&page_size=3")
        early = api.get(late["next"])

        assert [entry["id"] for entry in early["results"] + late["results"]] == [
            str(first.parent_id), str(first.pk), str(leaf.parent_id), str(leaf.pk),
        ]  # fmt: skip
        assert early["next"] is None

    @pytest.mark.parametrize(("query", "status"), [("?leaf=x", 400), (f"?leaf={UUID(int=404)}", 404)])
    def test_refuse_a_leaf_that_is_none(self, api: Api, erin: User, query: str, status: int) -> None:
        conversation = ConversationFactory(owner=erin)

        assert api("GET", of(conversation, "messages") + query)[0] == status

    def test_of_a_branch_never_leave_the_conversation(self, api: Api, erin: User, stranger: User) -> None:
        mine, theirs = ConversationFactory(owner=erin), QuestionFactory(conversation__owner=stranger)

        assert api("GET", of(mine, "messages") + f"?leaf={theirs.pk}")[0] == 404

    @staticmethod
    def _two_branches(owner: User) -> tuple[Message, Message, Message]:
        first = AnswerFactory(parent__conversation__owner=owner)
        questions = [QuestionFactory(conversation=first.conversation, parent=first) for _ in range(2)]
        other, leaf = (AnswerFactory(parent=question) for question in questions)
        return first, other, leaf


class TestFeedback:
    def test_is_kept_and_the_newest_counts(self, api: Api, erin: User) -> None:
        answer = AnswerFactory(parent__conversation__owner=erin)
        path = f"/api/v1/messages/{answer.pk}/feedback/"
        assert api("POST", path, {"verdict": "up"}) == (200, {"verdict": "up", "reason": ""})
        assert api("POST", path, {"verdict": "down", "reason": "Wrong sea."})[0] == 200

        kept = Feedback.objects.for_tenant(erin.tenant_id).get()
        assert (kept.verdict, kept.reason, kept.user_id) == ("down", "Wrong sea.", erin.pk)

    def test_is_shown_to_who_gave_it_and_to_nobody_else(self, api: Api, erin: User) -> None:
        mine, theirs = (AnswerFactory(parent__conversation__owner=erin) for _ in range(2))
        api("POST", f"/api/v1/messages/{mine.pk}/feedback/", {"verdict": "up"})
        Feedback.objects.for_tenant(erin.tenant_id).create(
            tenant_id=erin.tenant_id, message=theirs, user=person(tenant=erin.tenant), verdict="down", at=NOON
        )

        shown = [api.get(of(message.conversation, "messages"))["results"][1]["rating"] for message in (mine, theirs)]
        assert shown == ["up", None]

    @pytest.mark.parametrize(
        ("body", "field"),
        [({}, "verdict"), ({"verdict": "sideways"}, "verdict"), ({"verdict": "up", "reason": "x" * 1001}, "reason"),
         ({"verdict": "up", "user": 1}, "user")],
    )  # fmt: skip
    def test_refuses_what_is_wrong_by_name(self, api: Api, erin: User, body: dict[str, Any], field: str) -> None:
        answer = AnswerFactory(parent__conversation__owner=erin)
        status, refusal = api("POST", f"/api/v1/messages/{answer.pk}/feedback/", body)

        assert (status, list(refusal["fields"])) == (400, [field])

    def test_is_for_answers_only(self, api: Api, erin: User) -> None:
        question = QuestionFactory(conversation__owner=erin)

        assert api("POST", f"/api/v1/messages/{question.pk}/feedback/", {"verdict": "up"})[0] == 400


ROUTES = [
    ("GET", "conversations/{c}/", None),
    ("PATCH", "conversations/{c}/", {"title": "Mine"}),
    ("DELETE", "conversations/{c}/", None),
    ("POST", "conversations/{c}/restore/", None),
    ("GET", "conversations/{c}/messages/", None),
    ("GET", "conversations/{c}/messages/?leaf={m}", None),
    ("POST", "messages/{m}/feedback/", {"verdict": "up"}),
]


class TestAccess:
    @pytest.mark.parametrize("colleague", [True, False])
    @pytest.mark.parametrize(("method", "path", "body"), ROUTES)
    def test_to_what_is_somebody_elses_answers_as_if_there_were_nothing(
        self, api: Api, erin: User, stranger: User, method: str, path: str, body: Any, colleague: bool
    ) -> None:
        owner = person(tenant=erin.tenant) if colleague else stranger
        answer = AnswerFactory(parent__conversation__owner=owner)
        foreign = api(method, "/api/v1/" + path.format(c=answer.conversation_id, m=answer.pk), body)
        missing = api(method, "/api/v1/" + path.format(c=uuid4(), m=uuid4()), body)

        assert foreign == missing
        assert foreign[0] == 404

    @pytest.mark.parametrize(("method", "path", "body"), [("GET", "conversations/", None), *ROUTES])
    def test_by_key_needs_the_scope_conversations(self, erin: User, method: str, path: str, body: Any) -> None:
        answer = AnswerFactory(parent__conversation__owner=erin)
        chatter = Api(erin, "chat")
        status, refusal = chatter(method, "/api/v1/" + path.format(c=answer.conversation_id, m=answer.pk), body)

        assert (status, refusal["code"]) == (403, "permission_denied")

    @pytest.mark.parametrize(("method", "path", "body"), [("GET", "conversations/", None), *ROUTES])
    def test_needs_a_sign_in(self, erin: User, method: str, path: str, body: Any) -> None:
        answer = AnswerFactory(parent__conversation__owner=erin)
        path = "/api/v1/" + path.format(c=answer.conversation_id, m=answer.pk)

        assert Browser().generic(method, path, data=_json(body), content_type="application/json").status_code == 401

    @pytest.mark.parametrize(
        ("method", "path"),
        [("POST", LIST), ("PUT", LIST), ("PUT", LIST + "{c}/"), ("POST", LIST + "{c}/messages/")],
    )
    def test_has_no_way_to_write_messages_or_whole_conversations(
        self, api: Api, erin: User, method: str, path: str
    ) -> None:
        conversation = ConversationFactory(owner=erin)
        status, _ = api(method, path.format(c=conversation.pk), {"role": "assistant", "text": "I never said that."})

        assert status == 405


class TestSchema:
    def test_names_every_route_and_what_may_be_written(self, settings) -> None:
        settings.OPENROUTE_SCHEMA_PATHS = []
        schema = SchemaGenerator(patterns=None).get_schema(request=None, public=True)

        changes = schema["components"]["schemas"]["PatchedConversationChangesRequest"]
        assert set(changes["properties"]) == {"title", "pinned", "archived"}
        assert schema["paths"].keys() >= {
            "/api/v1/conversations/",
            "/api/v1/conversations/{conversation}/",
            "/api/v1/conversations/{conversation}/restore/",
            "/api/v1/conversations/{conversation}/messages/",
            "/api/v1/messages/{message}/feedback/",
        }
