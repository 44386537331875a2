"""Search: what people find, and what they do not."""

from datetime import timedelta
from importlib import import_module
from io import StringIO
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from apps.chat.erasure import ERASER
from apps.chat.models import Conversation, Message, SearchEntry, Share
from apps.chat.search import engines, find, index
from apps.core.tenancy import all_tenants
from apps.domain.ids import TenantId, UserId
from apps.tenants.models import User
from tests.integration.chat.conftest import person
from tests.integration.chat.test_api import LIST, Api, of
from tests.support.chat_socket import text_of
from tests.support.factories.chat import AnswerFactory, ConversationFactory, QuestionFactory
from tests.support.factories.tenants import NOON

pytestmark = pytest.mark.django_db
SEARCH = LIST + "search/"


@pytest.fixture
def api(erin: User) -> Api:
    return Api(erin)


def said(owner: User, text: str, *, title: str = "Untitled", **values: Any) -> Conversation:
    """A findable conversation of one question."""
    conversation: Conversation = ConversationFactory(owner=owner, title=title, **values)
    index.retitle(conversation)
    index.add([QuestionFactory(conversation=conversation, text=text)])
    return conversation


def results(api: Api, typed: str) -> list[Any]:
    status, body = api("GET", f"{SEARCH}?q={typed}")
    assert status == 200, body
    return list(body["results"])


def ids(api: Api, typed: str) -> list[str]:
    return [entry["conversation"]["id"] for entry in results(api, typed)]


class TestSearch:
    @pytest.mark.parametrize(
        ("text", "typed"),
        [
            ("Wie groß ist die Straße?", "strasse"),
            ("Un café crème", "CAFE creme"),
            ("The tides turn at noon", "tid"),
            ("The tides turn at noon", '"turn at noon"'),
            ("日本語を勉強する", "本語"),
            ("日本語を勉強する", "語"),
            ("저는 한국어를 공부해요", "한국어"),
            ("mail to erin@acme.example", "erin@acme"),
            ("version 1e5abc of 12abc", "1e5abc"),
            ("हिन्दी भाषा सीखना", "भाषा"),
            ("ภาษาไทยง่าย", "ไทย"),
        ],
    )
    def test_finds(self, api: Api, erin: User, text: str, typed: str) -> None:
        conversation = said(erin, text)
        said(erin, "Something else altogether")

        assert ids(api, typed) == [str(conversation.pk)]

    @pytest.mark.parametrize("typed", ['"noon at turn"', "ides", "tides nowhere", '"tid"', "本日"])
    def test_finds_nothing_else(self, api: Api, erin: User, typed: str) -> None:
        said(erin, "The tides turn at noon. 日本語")

        assert ids(api, typed) == []

    @pytest.mark.parametrize("typed", ["...", "%22%22", "?!", "%20"])
    def test_of_punctuation_finds_nothing(self, api: Api, erin: User, typed: str) -> None:
        said(erin, "What?! ...")

        assert results(api, typed) == []

    def test_shows_title_and_messages_as_they_were_written(self, api: Api, erin: User) -> None:
        conversation = said(erin, "Ist die Straße frei?", title="Straßen", label=1)
        question = Message.objects.for_tenant(erin.tenant_id).get()

        (entry,) = results(api, "strasse")
        listed = api.get(LIST)["results"][0]
        assert entry == {
            "conversation": listed,
            "matches": [
                {"message": None, "snippet": "Straßen", "marks": [[0, 7]]},
                {"message": str(question.pk), "snippet": "Ist die Straße frei?", "marks": [[8, 14]]},
            ],
        }
        assert entry["conversation"]["id"] == str(conversation.pk)

    def test_shows_at_most_three_places_newest_first(self, api: Api, erin: User) -> None:
        conversation = said(erin, "tides 0")
        index.add([QuestionFactory(conversation=conversation, text=f"tides {number}") for number in range(1, 5)])

        (entry,) = results(api, "tides")
        assert [match["snippet"] for match in entry["matches"]] == ["tides 4", "tides 3", "tides 2"]

    def test_finds_by_the_title_that_is_now(self, api: Api, erin: User) -> None:
        conversation = said(erin, "Hello", title="Ebb")
        api("PATCH", of(conversation), {"title": "Flow"})

        assert ids(api, "flow") == [str(conversation.pk)]
        assert ids(api, "ebb") == []

    def test_leaves_out_the_deleted_until_they_are_restored(self, api: Api, erin: User) -> None:
        conversation = said(erin, "The tides")
        api("DELETE", of(conversation))
        assert ids(api, "tides") == []

        api("POST", of(conversation, "restore"))
        assert ids(api, "tides") == [str(conversation.pk)]

    def test_covers_the_archive(self, api: Api, erin: User) -> None:
        conversation = said(erin, "The tides", archived=True)

        assert ids(api, "tides") == [str(conversation.pk)]

    def test_shows_nobody_elses(self, api: Api, erin: User, stranger: User) -> None:
        said(stranger, "The tides")
        said(person(tenant=erin.tenant), "The tides")

        assert results(api, "tides") == []

    def test_shows_what_is_shared_with_one(self, api: Api, erin: User) -> None:
        colleague = person(tenant=erin.tenant)
        conversation = said(colleague, "The tides")
        Share.objects.create(tenant_id=erin.tenant_id, conversation=conversation, user=erin, created_at=NOON)

        assert ids(api, "tides") == [str(conversation.pk)]

    @pytest.mark.parametrize("few", [find.FEW, 0], ids=["rare words", "common words"])
    def test_pages_from_the_newest_whatever_the_way(
        self, api: Api, erin: User, few: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(find, "FEW", few)
        for number in range(45):
            at = NOON - timedelta(days=number // 3)
            said(erin, f"The tides {number}", title="Tides", active_at=at, archived=number % 4 == 0)
        colleague = person(tenant=erin.tenant)
        shared = said(colleague, "The tides", active_at=NOON - timedelta(days=2))
        Share.objects.create(tenant_id=erin.tenant_id, conversation=shared, user=erin, created_at=NOON)
        said(colleague, "The tides", active_at=NOON)
        expected = Conversation.objects.for_tenant(erin.tenant_id).order_by("-active_at", "-id")
        readable = [str(row.pk) for row in expected if row.owner_id == erin.pk or row.pk == shared.pk]

        page, seen = api.get(SEARCH + "?q=tide"), []
        while True:
            assert all(entry["matches"] for entry in page["results"])
            seen += [entry["conversation"]["id"] for entry in page["results"]]
            if page["next"] is None:
                break
            page = api.get(page["next"])

        assert seen == readable

    @pytest.mark.parametrize("few", [find.FEW, 0], ids=["rare words", "common words"])
    def test_shows_the_same_places_whatever_the_way(
        self, api: Api, erin: User, few: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(find, "FEW", few)
        conversation = said(erin, "low tide", title="High tide")
        index.add([QuestionFactory(conversation=conversation, text="no water")])
        index.add([QuestionFactory(conversation=conversation, text="tides again")])

        (entry,) = results(api, "tide")
        assert [match["snippet"] for match in entry["matches"]] == ["High tide", "tides again", "low tide"]

    @pytest.mark.parametrize(
        ("query", "field"),
        [("", "q"), ("?q=", "q"), (f"?q={'x' * 201}", "q"), ("?q=%00x", "q"), ("?q=x&cursor=zzz", "cursor")],
    )
    def test_names_what_is_wrong(self, api: Api, query: str, field: str) -> None:
        status, body = api("GET", SEARCH + query)

        assert (status, body["code"], list(body["fields"])) == (400, "invalid_request", [field])

    @pytest.mark.parametrize(
        "typed", ["'", "a'b", "x:*", "NEAR(a b)", "a AND", "*", "\\", "(", "a:b^c", "%F0%9F%8C%8A"]
    )
    def test_takes_every_text(self, api: Api, erin: User, typed: str) -> None:
        said(erin, "The tides")

        results(api, typed)

    def test_needs_its_scope(self, erin: User) -> None:
        assert Api(erin, "chat")("GET", SEARCH + "?q=x")[0] == 403


class TestTheIndex:
    async def test_knows_question_answer_and_title_once_they_are_acknowledged(self, connect: Any, erin: User) -> None:
        tenant, user = TenantId(erin.tenant_id), UserId(erin.pk)
        async with connect() as socket:
            accepted = await socket.ask("Wann kommt die Flut?")
            (asked,) = find.search(tenant=tenant, user=user, text="flut").found
            answer = text_of(await socket.until("completed"))
        (answered,) = find.search(tenant=tenant, user=user, text=f'"{answer}"').found

        assert str(asked.conversation.pk) == str(answered.conversation.pk) == accepted["conversation"]
        assert [match.message is None for match in asked.matches] == [True, False]
        (place,) = answered.matches
        assert place.snippet.text == answer

    def test_forgets_who_is_erased(self, api: Api, erin: User) -> None:
        said(erin, "The tides", title="Tides")
        kept = said(person(tenant=erin.tenant), "The tides")
        ERASER.erase_user(TenantId(erin.tenant_id), UserId(erin.pk))

        left = SearchEntry.objects.for_tenant(erin.tenant_id)
        assert {entry.conversation_id for entry in left} == {kept.pk}

    def test_keeps_no_word_of_what_is_erased(self, erin: User) -> None:
        if connection.vendor != "sqlite":
            pytest.skip("PostgreSQL's own vacuum removes them")
        said(erin, "Unobtainium")
        ERASER.erase_user(TenantId(erin.tenant_id), UserId(erin.pk))

        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM chat_searchindex_data WHERE instr(block, CAST('obtainium' AS BLOB))")
            assert cursor.fetchone() == (0,)

    def test_can_be_made_anew(self, api: Api, erin: User) -> None:
        conversation = said(erin, "The tides", title="Title")
        AnswerFactory(parent=QuestionFactory(conversation=conversation, text=""), text="never indexed")
        SearchEntry.objects.for_tenant(erin.tenant_id).update(words="spoilt")
        assert ids(api, "tides") == []

        call_command("rebuild_search", stdout=(said_so := StringIO()))
        assert said_so.getvalue() == "3 titles and messages can be found.\n"
        assert ids(api, "tides") == ids(api, "title") == ids(api, "indexed") == [str(conversation.pk)]
        assert ids(api, "spoilt") == []

    def test_holds_what_was_said_before_there_was_one(self, api: Api, erin: User, stranger: User) -> None:
        conversation = ConversationFactory(owner=erin, title="Ebb")
        for number in range(7):
            QuestionFactory(conversation=conversation, text=f"Straße {number}")
        AnswerFactory(parent__conversation__owner=stranger, text="Straße")
        migration = import_module("apps.chat.migrations.0003_search")
        with all_tenants(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(migration, "BATCH", 3)
            migration.fill(apps, SimpleNamespace(connection=connection))

        assert ids(api, "strasse") == ids(api, "ebb") == ids(api, '"strasse 6"') == [str(conversation.pk)]
        assert SearchEntry.objects.for_tenant(stranger.tenant_id).filter(words="strasse").count() == 1

    def test_can_be_taken_away_and_made_again(self, api: Api, erin: User) -> None:
        if connection.vendor != "sqlite":
            pytest.skip("the application's login changes no tables")
        engine = engines.engine(connection)
        with connection.cursor() as cursor:
            for statement in (*engine.remove(), *engine.install(), *engine.install()):
                cursor.execute(statement)
        conversation = said(erin, "The tides")

        assert ids(api, "tides") == [str(conversation.pk)]

    def test_is_filled_by_a_long_question_off_the_event_loop(self, erin: User) -> None:
        text = "word " * index.LONG
        async_to_sync(index.ahead_of_long)([text])
        hits = index._long.cache_info().hits

        index.pieces(text)
        assert index._long.cache_info().hits == hits + 1

    def test_holds_long_texts_to_their_end(self, api: Api, erin: User) -> None:
        said(erin, " ".join(f"w{number}" for number in range(30_000)) + " endword")

        assert results(api, "endword")[0]["matches"][0]["snippet"].endswith("endword")
        assert len(ids(api, "w0")) == 1

    def test_does_not_know_ids_of_nobody(self, api: Api) -> None:
        assert ids(api, str(uuid4())) == []
