"""REST of sharing: who may open a conversation to whom, what readers may do with it, and what they may not."""

from collections.abc import Callable
from types import SimpleNamespace as Namespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from apps.audit.models import AuditEvent
from apps.chat import sharing
from apps.chat.api import ChatView
from apps.chat.models import Conversation, Feedback, Message, Share
from apps.core.tenancy import use_tenant
from apps.domain.ids import TenantId
from apps.mirror.models import OutboxEntry
from apps.tenants.models import Membership, Team, User
from tests.integration.chat.conftest import person
from tests.integration.chat.test_api import LIST, Api, of
from tests.support.factories.chat import AnswerFactory, ConversationFactory, QuestionFactory, ShareFactory
from tests.support.factories.tenants import NOON, MembershipFactory, TeamFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(erin: User) -> Api:
    return Api(erin)


@pytest.fixture
def team(erin: User) -> Team:
    return Membership.objects.for_tenant(erin.tenant_id).get(user=erin).team


@pytest.fixture
def kim(erin: User, team: Team) -> User:
    """A colleague in Erin's team and in one of her own."""
    colleague = person(tenant=erin.tenant, name="Kim Özdemir")
    MembershipFactory(user=colleague, team=team)
    return colleague


@pytest.fixture
def answer(erin: User) -> Message:
    """Erin's conversation: one question and its answer."""
    return AnswerFactory(parent__conversation__owner=erin, parent__conversation__title="Tides", label=1)


@pytest.fixture
def conversation(answer: Message) -> Conversation:
    return answer.conversation


def kinds(conversation: Conversation) -> list[tuple[str, str]]:
    entries = AuditEvent.objects.for_tenant(conversation.tenant_id).filter(subject=str(conversation.pk))
    return list(entries.order_by("seq").values_list("kind", "body"))


class TestSharing:
    def test_with_a_colleague_lets_them_read(self, api: Api, conversation: Conversation, kim: User) -> None:
        reader = Api(kim)
        assert reader("GET", of(conversation))[0] == 404

        status, share = api("POST", of(conversation, "shares"), {"user": kim.pk})

        assert (status, share["team"]) == (201, None)
        assert share["user"] == {"id": kim.pk, "name": "Kim Özdemir", "email": kim.email}
        assert reader.get(of(conversation))["title"] == "Tides"
        assert api.get(of(conversation, "shares"))["results"] == [share]

    def test_with_a_team_lets_its_members_read_those_to_come_too(
        self, api: Api, erin: User, conversation: Conversation, team: Team, kim: User
    ) -> None:
        later = person(tenant=erin.tenant)
        status, share = api("POST", of(conversation, "shares"), {"team": team.pk})
        reader = Api(later)
        assert (status, share["team"], share["user"]) == (201, {"id": team.pk, "name": team.name}, None)
        assert Api(kim)("GET", of(conversation))[0] == 200
        assert reader("GET", of(conversation))[0] == 404

        MembershipFactory(user=later, team=team)

        assert reader("GET", of(conversation))[0] == 200

    def test_is_on_record_without_content_and_marked_for_the_mirror(
        self, api: Api, conversation: Conversation, kim: User
    ) -> None:
        _, share = api("POST", of(conversation, "shares"), {"user": kim.pk})
        api("DELETE", of(conversation, "shares", share["id"]))

        (shared, first), (unshared, second) = kinds(conversation)
        assert (shared, unshared) == ("conversation.shared", "conversation.unshared")
        assert str(first) == str(second)
        assert str(kim.pk) in str(first)
        assert "Tides" not in str(first)
        mark = OutboxEntry.objects.for_tenant(conversation.tenant_id).get(path=f"conversations/{conversation.pk}")
        assert mark.version == 3

    def test_again_is_the_same_share(self, api: Api, conversation: Conversation, kim: User, team: Team) -> None:
        for reader in ({"user": kim.pk}, {"team": team.pk}):
            first, second = (api("POST", of(conversation, "shares"), reader) for _ in range(2))
            assert (first[0], second[0]) == (201, 200)
            assert first[1] == second[1]
        assert len(kinds(conversation)) == 2

    @pytest.mark.parametrize(
        "body",
        [{}, {"user": None}, {"user": 0}, {"user": "x"}, {"user": 1 << 63}, {"user": [1]}, {"team": True}, [], "x",
         {"user": 1, "team": 1}, {"user": 1, "role": "editor"}],
    )  # fmt: skip
    def test_refuses_what_is_wrong(self, api: Api, conversation: Conversation, body: Any) -> None:
        status, refusal = api("POST", of(conversation, "shares"), body)

        assert (status, refusal["code"]) == (400, "invalid_request")
        assert not Share.objects.for_tenant(conversation.tenant_id).exists()

    def test_with_strangers_answers_as_with_nobody(
        self, api: Api, conversation: Conversation, kim: User, stranger: User
    ) -> None:
        User.objects.for_tenant(kim.tenant_id).filter(pk=kim.pk).update(is_active=False)
        missing, *others = (
            api("POST", of(conversation, "shares"), {"user": user}) for user in (10**9, stranger.pk, kim.pk)
        )

        assert missing[0] == 400
        assert list(missing[1]["fields"]) == ["user"]
        assert others == [missing, missing]

    def test_with_a_team_that_is_not_ones_own_answers_as_with_none(
        self, api: Api, erin: User, conversation: Conversation, stranger: User
    ) -> None:
        foreign = Membership.objects.for_tenant(stranger.tenant_id).get(user=stranger).team_id
        missing, *others = (
            api("POST", of(conversation, "shares"), {"team": team})
            for team in (10**9, foreign, TeamFactory(tenant=erin.tenant).pk)
        )

        assert missing[0] == 400
        assert list(missing[1]["fields"]) == ["team"]
        assert others == [missing, missing]

    def test_with_oneself_is_refused(self, api: Api, erin: User, conversation: Conversation) -> None:
        assert api("POST", of(conversation, "shares"), {"user": erin.pk})[1]["fields"] == {"user": "is its owner"}

    def test_ends_at_a_limit(
        self, api: Api, conversation: Conversation, kim: User, team: Team, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sharing, "MAX_SHARES", 1)
        assert api("POST", of(conversation, "shares"), {"user": kim.pk})[0] == 201
        assert api("POST", of(conversation, "shares"), {"team": team.pk})[0] == 400
        assert api("POST", of(conversation, "shares"), {"user": kim.pk})[0] == 200

    def test_of_a_private_conversation_carries_the_label(self, api: Api, erin: User, kim: User) -> None:
        question = QuestionFactory(conversation__owner=erin, conversation__label=1, label=1)
        assert api("POST", of(question.conversation, "shares"), {"user": kim.pk})[0] == 201

        reader = Api(kim)
        assert reader.get(of(question.conversation))["sensitivity"] == "sensitive"
        (message,) = reader.get(of(question.conversation, "messages"))["results"]
        assert (message["sensitivity"], message["text"]) == ("sensitive", question.text)


class TestReading:
    """What a reader may do, and what answers as if there were nothing."""

    @pytest.fixture
    def reader(self, conversation: Conversation, kim: User) -> Api:
        ShareFactory(conversation=conversation, user=kim)
        return Api(kim)

    def test_shows_everything_of_it(self, reader: Api, erin: User, answer: Message, kim: User) -> None:
        shown = reader.get(of(answer.conversation))
        assert (shown["is_own"], shown["owner"], shown["owner_name"]) == (False, erin.pk, erin.name)
        assert len(reader.get(of(answer.conversation, "messages"))["results"]) == 2
        branch = reader.get(of(answer.conversation, "messages") + f"?leaf={answer.pk}")["results"]
        assert [message["id"] for message in branch] == [str(answer.parent_id), str(answer.pk)]

    def test_shows_which_model_wrote_what(self, reader: Api, answer: Message) -> None:
        """The record of the turn is its owner's alone; where text went is not."""
        answer.parts = [
            {"at": 0, "model": "outside", "hosting": "commercial", "after": ""},
            {"at": 4, "model": "inside", "hosting": "self_hosted", "after": "provider_timeout"},
        ]
        answer.save(update_fields=["parts"])

        assert reader.get(of(answer.conversation, "messages"))["results"][1]["parts"] == answer.parts

    def test_of_many_asks_for_their_owners_once(
        self, erin: User, kim: User, django_assert_max_num_queries: Callable[..., Any]
    ) -> None:
        words = [ConversationFactory(owner=erin, title="Unheard-of") for _ in range(8)]
        for one in words:
            ShareFactory(conversation=one, user=kim)
        rows = list(Conversation.objects.for_tenant(erin.tenant_id).filter(pk__in=[one.pk for one in words]))
        view = ChatView()
        view.request = Namespace(user=Namespace(tenant_id=kim.tenant_id, person=Namespace(id=kim.pk)))  # type: ignore[assignment]

        with use_tenant(TenantId(kim.tenant_id)), django_assert_max_num_queries(4):
            assert {entry["owner_name"] for entry in view.shown(rows)} == {erin.name}

    def test_tells_the_owner_that_it_is_shared(self, reader: Api, api: Api, conversation: Conversation) -> None:
        other = ConversationFactory(owner=conversation.owner)

        shared = {entry["id"]: entry["shared"] for entry in api.get(LIST)["results"]}
        assert shared == {str(conversation.pk): True, str(other.pk): False}

    def test_is_no_writing(self, reader: Api, answer: Message, kim: User) -> None:
        conversation, before = answer.conversation, answer.conversation.version
        share = Share.objects.for_tenant(kim.tenant_id).get()
        for method, path, body in (
            ("PATCH", of(conversation), {"title": "Mine"}),
            ("DELETE", of(conversation), None),
            ("POST", of(conversation, "restore"), None),
            ("GET", of(conversation, "shares"), None),
            ("POST", of(conversation, "shares"), {"user": kim.pk}),
            ("DELETE", of(conversation, "shares", str(share.pk)), None),
            ("GET", of(conversation, "readers"), None),
            ("POST", f"/api/v1/messages/{answer.pk}/feedback/", {"verdict": "down"}),
            ("PUT", "/api/v1/drafts/", {"conversation": str(conversation.pk), "text": "x"}),
        ):
            assert reader(method, path, body)[0] == 404, (method, path)

        conversation.refresh_from_db()
        assert (conversation.version, conversation.deleted_at) == (before, None)
        assert not Feedback.objects.for_tenant(kim.tenant_id).exists()

    def test_keeps_it_out_of_ones_own_list(self, reader: Api, conversation: Conversation) -> None:
        assert reader.get(LIST)["results"] == []
        (entry,) = reader.get(LIST + "shared/")["results"]
        assert entry["id"] == str(conversation.pk)

    def test_ends_with_the_share(self, reader: Api, api: Api, conversation: Conversation) -> None:
        (share,) = api.get(of(conversation, "shares"))["results"]
        assert api("DELETE", of(conversation, "shares", share["id"])) == (204, None)

        assert reader("GET", of(conversation))[0] == 404
        assert reader("GET", of(conversation, "messages"))[0] == 404
        assert reader.get(LIST + "shared/")["results"] == []
        assert api("DELETE", of(conversation, "shares", share["id"]))[0] == 404

    def test_ends_with_the_conversation(self, reader: Api, api: Api, conversation: Conversation) -> None:
        api("DELETE", of(conversation))

        assert reader("GET", of(conversation))[0] == 404
        assert reader.get(LIST + "shared/")["results"] == []


class TestReadingWithATeam:
    @pytest.fixture(autouse=True)
    def _shared(self, conversation: Conversation, team: Team) -> None:
        ShareFactory(conversation=conversation, team=team)

    def test_ends_when_the_reader_leaves_it(self, conversation: Conversation, team: Team, kim: User) -> None:
        reader = Api(kim)
        assert reader.get(LIST + "shared/")["results"][0]["via"] == "team"

        Membership.objects.for_tenant(kim.tenant_id).filter(user=kim, team=team).delete()

        assert reader("GET", of(conversation))[0] == 404
        assert reader.get(LIST + "shared/")["results"] == []

    def test_ends_when_it_is_suspended(self, conversation: Conversation, team: Team, kim: User) -> None:
        reader = Api(kim)
        Team.objects.for_tenant(kim.tenant_id).filter(pk=team.pk).update(state="suspended")

        assert reader("GET", of(conversation))[0] == 404

    def test_stays_when_the_owner_leaves_it_and_can_be_ended(
        self, api: Api, erin: User, conversation: Conversation, team: Team, kim: User
    ) -> None:
        reader = Api(kim)
        Membership.objects.for_tenant(erin.tenant_id).filter(user=erin).delete()
        assert reader("GET", of(conversation))[0] == 200

        (share,) = api.get(of(conversation, "shares"))["results"]
        api("DELETE", of(conversation, "shares", share["id"]))
        assert reader("GET", of(conversation))[0] == 404


class TestWhatOthersShare:
    def test_is_listed_by_activity_with_its_owner(self, erin: User, kim: User, team: Team) -> None:
        old = ConversationFactory(owner=erin, title="Old")
        new = ConversationFactory(owner=erin, title="New", active_at=NOON.replace(hour=13), label=1)
        ShareFactory(conversation=old, team=team)
        ShareFactory(conversation=new, team=team)
        ShareFactory(conversation=new, user=kim)
        ConversationFactory(owner=erin)

        first, second = Api(kim).get(LIST + "shared/")["results"]
        assert (first["id"], first["via"], first["sensitivity"]) == (str(new.pk), "user", "sensitive")
        assert (second["id"], second["via"], second["is_own"]) == (str(old.pk), "team", False)
        assert first["owner"] == {"id": erin.pk, "name": erin.name}
        assert Api(erin).get(LIST + "shared/")["results"] == []  # her own, which her team reads

    def test_costs_the_same_number_of_queries_however_much(
        self, erin: User, kim: User, django_assert_max_num_queries: Callable[..., Any]
    ) -> None:
        for _ in range(30):
            ShareFactory(conversation=ConversationFactory(owner=erin), user=kim)
        reader = Api(kim)
        reader.get(LIST + "shared/")

        with django_assert_max_num_queries(14):
            assert len(reader.get(LIST + "shared/")["results"]) == 30


class TestPicking:
    def test_finds_members_of_ones_own_teams_and_these_teams(
        self, api: Api, erin: User, conversation: Conversation, kim: User, team: Team
    ) -> None:
        person(tenant=erin.tenant, name="Kim of another team")
        gone = person(tenant=erin.tenant, name="Kim who left")
        MembershipFactory(user=gone, team=team)
        User.objects.for_tenant(erin.tenant_id).filter(pk=gone.pk).update(is_active=False)

        found = api.get(of(conversation, "readers") + "?q=kim")
        assert [entry["name"] for entry in found["people"]] == ["Kim Özdemir"]
        assert api.get(of(conversation, "readers"))["teams"] == [{"id": team.pk, "name": team.name}]

    @pytest.mark.parametrize("query", ["", "?q=", "?q=k", "?q=%20k%20"])
    def test_finds_nobody_by_less_than_two_characters(
        self, api: Api, conversation: Conversation, kim: User, query: str
    ) -> None:
        assert api.get(of(conversation, "readers") + query)["people"] == []

    def test_finds_at_most_twenty(self, api: Api, erin: User, conversation: Conversation, team: Team) -> None:
        for number in range(25):
            MembershipFactory(user=person(tenant=erin.tenant, name=f"Same {number}"), team=team)

        found = api.get(of(conversation, "readers") + "?q=same")
        assert len(found["people"]) + len(found["teams"]) == 20

    def test_refuses_a_text_that_is_too_long(self, api: Api, conversation: Conversation) -> None:
        status, refusal = api("GET", of(conversation, "readers") + "?q=" + "x" * 101)

        assert (status, list(refusal["fields"])) == (400, ["q"])


class TestAccess:
    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [("GET", "shares/", None), ("POST", "shares/", {"user": 1}), ("DELETE", f"shares/{UUID(int=7)}/", None),
         ("GET", "readers/", None)],
    )  # fmt: skip
    def test_to_what_is_somebody_elses_answers_as_if_there_were_nothing(
        self, api: Api, erin: User, stranger: User, method: str, path: str, body: Any
    ) -> None:
        for owner in (stranger, person(tenant=erin.tenant)):
            foreign = api(method, of(ConversationFactory(owner=owner)) + path, body)
            assert foreign == api(method, f"{LIST}{uuid4()}/{path}", body)
            assert foreign[0] == 404

    def test_by_a_share_of_another_conversation_finds_none(self, api: Api, erin: User, kim: User) -> None:
        mine = ConversationFactory(owner=erin)
        share = ShareFactory(conversation=ConversationFactory(owner=erin), user=kim)

        assert api("DELETE", of(mine, "shares", str(share.pk)))[0] == 404

    def test_by_key_needs_the_scope_conversations(self, erin: User, conversation: Conversation) -> None:
        chatter = Api(erin, "chat")
        for path in (of(conversation, "shares"), of(conversation, "readers"), LIST + "shared/"):
            assert chatter("GET", path)[0] == 403
