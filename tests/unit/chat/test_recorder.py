"""The rows of a question and its answer, planned by the real planner of turns over a store in memory."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from apps.audit.models import AuditHead
from apps.budgets.models import BudgetPeriod
from apps.chat.history import as_prompt
from apps.chat.models import Conversation, Draft, Message, SearchEntry
from apps.chat.recorder import LeafMoved
from apps.chat.values import Said
from apps.core.models import Job
from apps.core.store import Outcome
from apps.core.writes import Row
from apps.domain.decision import NoPermittedModel
from apps.domain.errors import InvalidRequest, NotFound
from apps.domain.ids import ConversationId, MessageId, TeamId, UserId, new_id
from apps.domain.privacy import Inspection, Sensitivity
from apps.domain.turn import ChatRef, Principal
from apps.mirror.models import OutboxEntry
from apps.turns.models import IdempotencyKey
from apps.turns.operations import Duplicate, ExtendTurn, Grant, Idempotency, OpenTurn, Refused
from apps.turns.plan import TurnPlanner
from apps.turns.services import TurnRunning
from tests.support.memory_store import MemoryStore
from tests.support.turn_values import ACME, NOON, attempt, candidate, closing, opening, ranked, request

ERIN, SOMEBODY = UserId(5), UserId(6)


def new_message() -> MessageId:
    return MessageId(new_id())


def database() -> MemoryStore:
    store = MemoryStore(TurnPlanner())
    store.put(AuditHead, tenant_id=ACME)
    return store


def place(**changes: Any) -> ChatRef:
    values: dict[str, Any] = {
        "conversation": ConversationId(new_id()),
        "parent": None,
        "question": new_message(),
        "answer": new_message(),
    }
    return ChatRef(**(values | changes))


def asking(chat: ChatRef, text: str = "How do tides work?", *, user: UserId = ERIN, **changes: Any) -> OpenTurn:
    again = {"messages": ()} if chat.question is None else {}
    asked = request(text, recorder="chat", chat=chat, principal=Principal(ACME, user), **again)
    return opening(ranked(candidate(output="0")), request=asked, **changes)


def found(label: Sensitivity, *, own: Sensitivity | None = None) -> Inspection:
    return Inspection(label, (), labels=(label if own is None else own,))


def commit(store: MemoryStore, operation: OpenTurn | ExtendTurn) -> Outcome:
    (outcome,) = store.commit([operation], NOON)
    return outcome


def answered(store: MemoryStore, chat: ChatRef, **changes: Any) -> OpenTurn:
    """A question with its whole answer."""
    operation = asking(chat)
    assert isinstance(commit(store, operation), Grant)
    store.commit([closing(operation, attempt(), **changes)], NOON)
    return operation


def gave_way(store: MemoryStore, chat: ChatRef) -> OpenTurn:
    """A question whose first model broke off after three code points, so that another one was asked."""
    operation = asking(chat)
    assert isinstance(commit(store, operation), Grant)
    inside = ranked(candidate("inside", output="0"))
    extension = ExtendTurn(
        operation.turn, ACME, "user:5", 2, (inside,), 100, 0, "provider_unavailable", "clean", keeps=3
    )
    assert isinstance(commit(store, extension), Grant)
    return operation


def row(store: MemoryStore, message: MessageId | None) -> Row:
    return store.tables[Message][message]


@pytest.fixture
def store() -> MemoryStore:
    return database()


class TestOpening:
    def test_a_new_conversation_stores_it_with_question_and_empty_answer(self, store: MemoryStore) -> None:
        chat = place(is_new=True)
        assert isinstance(commit(store, asking(chat, "How do tides work?\nIn detail.")), Grant)

        conversation = store.tables[Conversation][chat.conversation]
        question, answer = row(store, chat.question), row(store, chat.answer)
        assert (conversation["owner_id"], conversation["team_id"]) == (ERIN, TeamId(2))
        assert (conversation["title"], conversation["leaf_id"]) == ("How do tides work?", chat.answer)
        assert (question["role"], question["author_id"], question["state"]) == ("user", ERIN, "ok")
        assert question["text"] == "How do tides work?\nIn detail."
        assert (answer["parent_id"], answer["role"], answer["state"], answer["text"]) == (
            chat.question, "assistant", "streaming", "",
        )  # fmt: skip

    def test_marks_everything_that_changed_for_the_mirror(self, store: MemoryStore) -> None:
        chat = place(is_new=True)
        commit(store, asking(chat))

        base = f"conversations/{chat.conversation}"
        assert {entry["path"] for entry in store.rows(OutboxEntry)} == {
            base, f"{base}/messages/{chat.question}", f"{base}/messages/{chat.answer}",
        }  # fmt: skip

    def test_goes_on_in_a_known_conversation(self, store: MemoryStore) -> None:
        first = place(is_new=True)
        answered(store, first)
        second = place(conversation=first.conversation, parent=first.answer)
        assert isinstance(commit(store, asking(second)), Grant)

        conversation = store.tables[Conversation][first.conversation]
        assert (conversation["leaf_id"], conversation["version"]) == (second.answer, 2)
        assert row(store, second.question)["parent_id"] == first.answer

    def test_two_branches_in_one_batch_both_count(self, store: MemoryStore) -> None:
        first = place(is_new=True)
        answered(store, first)
        edits = [place(conversation=first.conversation, parent=first.answer) for _ in range(2)]
        outcomes = store.commit([asking(chat) for chat in edits], NOON)

        assert all(isinstance(outcome, Grant) for outcome in outcomes)
        assert store.tables[Conversation][first.conversation]["version"] == 3

    def test_refuses_a_branch_that_is_being_answered_and_stores_nothing(self, store: MemoryStore) -> None:
        running = place(is_new=True)
        commit(store, asking(running))
        outcome = commit(store, asking(place(conversation=running.conversation, parent=running.answer)))

        assert isinstance(outcome, TurnRunning)
        assert len(store.rows(Message)) == 2

    def test_lets_another_branch_run_meanwhile(self, store: MemoryStore) -> None:
        running = place(is_new=True)
        commit(store, asking(running))

        assert isinstance(commit(store, asking(place(conversation=running.conversation))), Grant)

    @pytest.mark.parametrize("together", [True, False])
    @pytest.mark.parametrize("begins", ["conversation", "branch"])
    def test_lets_one_of_two_questions_follow_the_newest_message(
        self, store: MemoryStore, begins: str, together: bool
    ) -> None:
        first = place(is_new=True)
        answered(store, first)
        leaf = first.answer
        if begins == "conversation":  # with no message in it
            store.tables[Conversation][first.conversation]["leaf_id"] = leaf = None
        both = [asking(place(conversation=first.conversation, parent=leaf, follows=True)) for _ in range(2)]
        outcomes = store.commit(both, NOON) if together else [commit(store, operation) for operation in both]

        assert [type(outcome) for outcome in outcomes] == [Grant, LeafMoved]
        assert outcomes[1].code == "turn_running"
        assert len(store.rows(Message)) == 4

    @pytest.mark.parametrize("change", ["foreign", "deleted", "unknown", "parent elsewhere"])
    def test_answers_alike_what_is_missing_and_what_is_not_the_askers(self, store: MemoryStore, change: str) -> None:
        first, elsewhere = place(is_new=True), place(is_new=True)
        answered(store, first)
        answered(store, elsewhere)
        chat = place(conversation=first.conversation, parent=first.answer)
        if change == "deleted":
            store.tables[Conversation][first.conversation]["deleted_at"] = NOON
        elif change == "unknown":
            chat = place()
        elif change == "parent elsewhere":
            chat = replace(chat, parent=elsewhere.answer)
        outcome = commit(store, asking(chat, user=SOMEBODY if change == "foreign" else ERIN))

        assert isinstance(outcome, NotFound)
        assert len(store.rows(Message)) == 4

    def test_refuses_a_question_behind_a_question(self, store: MemoryStore) -> None:
        first = place(is_new=True)
        answered(store, first)
        outcome = commit(store, asking(place(conversation=first.conversation, parent=first.question)))

        assert isinstance(outcome, InvalidRequest)
        assert list(outcome.fields) == ["parent"]


class TestRefusedQuestions:
    def test_are_stored_as_refused_with_the_code(self, store: MemoryStore) -> None:
        chat = place(is_new=True)
        outcome = commit(store, asking(chat, refusal=NoPermittedModel("Nothing is permitted.")))

        assert isinstance(outcome, Refused)
        assert row(store, chat.question)["state"] == "refused"
        assert (row(store, chat.answer)["state"], row(store, chat.answer)["error"]) == ("refused", "no_permitted_model")

    def test_by_the_budget_are_stored_as_refused_too(self, store: MemoryStore) -> None:
        store.put(
            BudgetPeriod, id=1, tenant_id=ACME, budget_id=1, kind="month", scope="the team", starts=NOON, ends=NOON,
            limit=1,
        )  # fmt: skip
        chat = place(is_new=True)
        asked = request(recorder="chat", chat=chat)
        outcome = commit(store, opening(ranked(candidate(), periods=(1,)), request=asked))

        assert isinstance(outcome, Refused)
        assert (row(store, chat.question)["state"], row(store, chat.answer)["state"]) == ("refused", "refused")

    def test_can_be_asked_again_when_they_are_permitted(self, store: MemoryStore) -> None:
        first = place(is_new=True)
        commit(store, asking(first, refusal=NoPermittedModel("Nothing is permitted.")))
        again = place(conversation=first.conversation, parent=first.question, question=None)
        assert isinstance(commit(store, asking(again)), Grant)

        assert row(store, first.question)["state"] == "ok"
        assert row(store, again.answer)["parent_id"] == first.question


class TestWhoWroteWhat:
    """An answer that several models were asked for tells its readers so, who may not see the record of its turn."""

    OUT = attempt(1, answered=False, code="provider_timeout", hosting="commercial", model="out")
    IN = attempt(2, keeps=3, hosting="self_hosted", model="in")

    def test_is_not_told_of_one_model(self, store: MemoryStore) -> None:
        chat = place(is_new=True)
        answered(store, chat)

        assert row(store, chat.answer)["parts"] is None

    def test_is_stored_with_the_answer(self, store: MemoryStore) -> None:
        chat = place(is_new=True)
        operation = gave_way(store, chat)
        store.commit([closing(operation, self.OUT, self.IN)], NOON)

        assert row(store, chat.answer)["parts"] == [
            {"at": 0, "model": "out", "hosting": "commercial", "after": ""},
            {"at": 3, "model": "in", "hosting": "self_hosted", "after": "provider_timeout"},
        ]

    def test_never_points_behind_a_text_that_was_lost(self, store: MemoryStore) -> None:
        chat = place(is_new=True)
        operation = gave_way(store, chat)
        store.commit([closing(operation, self.OUT, replace(self.IN, keeps=900), state="failed", text="Par")], NOON)

        assert [part["at"] for part in row(store, chat.answer)["parts"]] == [0, 3]

    def test_is_known_to_who_closes_the_turn_of_a_dead_server(self, store: MemoryStore) -> None:
        chat = place(is_new=True)
        operation = gave_way(store, chat)
        store.commit([closing(operation, state="failed", text="Paris", code="interrupted")], NOON)

        assert row(store, chat.answer)["parts"] == [
            {"at": 0, "model": "small", "hosting": "self_hosted", "after": ""},
            {"at": 3, "model": "inside", "hosting": "self_hosted", "after": "provider_unavailable"},
        ]


class TestClosing:
    @pytest.mark.parametrize(
        ("changes", "state"),
        [
            ({"state": "completed"}, "ok"),
            ({"state": "stopped"}, "stopped"),
            ({"state": "failed", "text": "Half an ans", "code": "provider_unavailable"}, "partial"),
            ({"state": "failed", "text": "", "code": "provider_unavailable"}, "failed"),
        ],
    )
    def test_gives_the_answer_its_final_state(self, store: MemoryStore, changes: dict[str, Any], state: str) -> None:
        chat = place(is_new=True)
        answered(store, chat, **changes)

        answer = row(store, chat.answer)
        assert (answer["state"], answer["text"]) == (state, changes.get("text", "Paris."))
        assert (answer["model"], answer["error"], answer["version"]) == ("small", changes.get("code", ""), 2)

    def test_takes_effect_once(self, store: MemoryStore) -> None:
        chat = place(is_new=True)
        operation = answered(store, chat)
        store.commit([closing(operation, attempt(), text="Another text.")], NOON)

        assert row(store, chat.answer)["text"] == "Paris."

    def test_leaves_alone_what_was_erased_meanwhile(self, store: MemoryStore) -> None:
        chat = place(is_new=True)
        operation = asking(chat)
        commit(store, operation)
        store.tables[Message].clear()
        store.commit([closing(operation, attempt())], NOON)

        assert store.rows(Message) == []

    def test_asks_for_a_title_after_the_first_answer_only(self, store: MemoryStore) -> None:
        first = place(is_new=True)
        answered(store, first)
        assert [(job["kind"], job["subject"]) for job in store.rows(Job)] == [("chat.title", str(first.conversation))]

        store.tables[Job].clear()
        answered(store, place(conversation=first.conversation, parent=first.answer))
        assert store.rows(Job) == []

    def test_asks_for_no_title_when_nothing_was_answered(self, store: MemoryStore) -> None:
        answered(store, place(is_new=True), state="failed", text="", code="provider_unavailable")

        assert store.rows(Job) == []


class TestTheClientsOwnId:
    KEY = Idempotency("d" * 64, "b" * 64, NOON + timedelta(hours=24))

    @pytest.mark.parametrize("state", ["completed", "failed", "stopped", "refused"])
    def test_keeps_its_question_whatever_became_of_it(self, store: MemoryStore, state: str) -> None:
        """A retry is shown the question that is on record; the answer is not kept a second time."""
        refusal = {"refusal": NoPermittedModel("Nothing is permitted.")} if state == "refused" else {}
        operation = asking(place(is_new=True), idempotency=self.KEY, **refusal)
        commit(store, operation)
        if state != "refused":
            store.commit([closing(operation, attempt(), state=state, idempotency=self.KEY.digest)], NOON)
        again = commit(store, asking(place(is_new=True), idempotency=self.KEY))

        assert again == Duplicate(operation.turn, True)
        assert [key["answer"] for key in store.rows(IdempotencyKey)] == [""]


class TestLabels:
    def test_of_a_question_are_its_own_and_of_the_answer_what_it_was_derived_from(self, store: MemoryStore) -> None:
        chat = place(is_new=True)
        inspection = found(Sensitivity.SENSITIVE, own=Sensitivity.CLEAN)
        commit(store, asking(chat, inspection=inspection))

        assert row(store, chat.question)["label"] == Sensitivity.CLEAN
        assert row(store, chat.answer)["label"] == Sensitivity.SENSITIVE
        assert row(store, chat.answer)["label_source"] == "derived"

    def test_without_a_verdict_per_message_are_those_of_the_whole_request(self, store: MemoryStore) -> None:
        chat = place(is_new=True)
        commit(store, asking(chat, inspection=Inspection(Sensitivity.UNCLASSIFIED, (), why="timeout")))

        assert row(store, chat.question)["label"] == Sensitivity.UNCLASSIFIED

    def test_of_a_conversation_are_the_highest_and_never_fall(self, store: MemoryStore) -> None:
        first = place(is_new=True)
        answered(store, first)
        private = place(conversation=first.conversation, parent=first.answer)
        commit(store, asking(private, inspection=found(Sensitivity.SENSITIVE)))
        commit(store, asking(place(conversation=first.conversation)))

        assert store.tables[Conversation][first.conversation]["label"] == Sensitivity.SENSITIVE

    def test_of_a_conversation_that_becomes_private_withdraw_what_was_mirrored(self, store: MemoryStore) -> None:
        first = place(is_new=True)
        answered(store, first)
        store.tables[Job].clear()
        private = place(conversation=first.conversation, parent=first.answer)
        commit(store, asking(private, inspection=found(Sensitivity.SENSITIVE)))

        assert [job["kind"] for job in store.rows(Job)] == ["chat.relabel"]

    def test_of_an_answer_that_turned_out_private_are_its_own(self, store: MemoryStore) -> None:
        chat = place(is_new=True)
        answered(store, chat, answer_label="sensitive")

        assert (row(store, chat.answer)["label"], row(store, chat.answer)["label_source"]) == (1, "own")
        assert {job["kind"] for job in store.rows(Job)} == {"chat.relabel", "chat.title"}


def said(role: str, text: str = "text", state: str = "ok", label: Sensitivity = Sensitivity.CLEAN) -> Said:
    return Said(role, text, state, label)


class TestHistory:
    def test_is_what_was_said_with_its_labels(self) -> None:
        branch = [said("user", "Q", label=Sensitivity.SENSITIVE), said("assistant", "A")]

        assert [(m.role.value, m.text, m.known) for m in as_prompt(branch, again=False)] == [
            ("user", "Q", Sensitivity.SENSITIVE), ("assistant", "A", Sensitivity.CLEAN),
        ]  # fmt: skip

    def test_leaves_out_refused_questions_and_answers_that_never_came(self) -> None:
        branch = [
            said("user", "refused", state="refused"), said("assistant", "", state="refused"),
            said("user", "kept"), said("assistant", "", state="failed"),
            said("user", "Q"), said("assistant", "Half", state="partial"),
            said("user", "Q2"), said("assistant", "Sto", state="stopped"),
        ]  # fmt: skip

        assert [m.text for m in as_prompt(branch, again=False)] == ["kept", "Q", "Half", "Q2", "Sto"]

    def test_of_a_question_that_is_asked_again_ends_with_it_even_if_it_was_refused(self) -> None:
        branch = [said("user", "Q"), said("assistant", "A"), said("user", "again", state="refused")]

        assert [m.text for m in as_prompt(branch, again=True)] == ["Q", "A", "again"]


class TestTheDraftOfAQuestion:
    """Emptied in the batch that stores the question: nobody finds the sent text in the field again."""

    @staticmethod
    def draft(store: MemoryStore, place: ConversationId | None, *, owner: UserId = ERIN) -> Row:
        store.put(
            Draft, tenant_id=ACME, owner_id=owner, conversation_id=place, text="How", size_bytes=3, updated_at=NOON
        )
        return store.rows(Draft)[-1]

    def test_is_emptied_in_its_place_and_in_no_other(self, store: MemoryStore) -> None:
        first = place(is_new=True)
        new, foreign = self.draft(store, None), self.draft(store, None, owner=SOMEBODY)
        answered(store, first)
        here, there = self.draft(store, first.conversation), self.draft(store, ConversationId(new_id()))
        later = self.draft(store, None)
        commit(store, asking(place(conversation=first.conversation, parent=first.answer)))

        assert [row["text"] for row in (new, foreign, here, there, later)] == ["", "How", "", "How", "How"]
        assert (here["size_bytes"], here["updated_at"]) == (0, NOON)

    def test_stays_where_the_question_was_not_stored(self, store: MemoryStore) -> None:
        running = place(is_new=True)
        commit(store, asking(running))
        draft = self.draft(store, running.conversation)

        assert isinstance(
            commit(store, asking(place(conversation=running.conversation, parent=running.answer))), TurnRunning
        )
        assert draft["text"] == "How"

    def test_stays_when_an_answer_is_asked_for_again(self, store: MemoryStore) -> None:
        first = place(is_new=True)
        answered(store, first)
        draft = self.draft(store, first.conversation)
        commit(store, asking(place(conversation=first.conversation, parent=first.question, question=None)))

        assert draft["text"] == "How"

    def test_that_is_empty_already_costs_no_write(self, store: MemoryStore) -> None:
        draft = self.draft(store, None)
        draft.update(text="", size_bytes=0, updated_at=NOON - timedelta(hours=1))
        commit(store, asking(place(is_new=True)))

        assert draft["updated_at"] == NOON - timedelta(hours=1)


class TestTheIndex:
    """What is stored is findable: its entries stand in the same batch."""

    def entries(self, store: MemoryStore) -> list[tuple[object, str]]:
        return [(entry["message_id"], entry["words"]) for entry in store.rows(SearchEntry)]

    def test_learns_title_and_question_when_they_are_stored(self, store: MemoryStore) -> None:
        chat = place(is_new=True)
        commit(store, asking(chat, "Größe?"))

        assert sorted(self.entries(store), key=str) == sorted([(None, "grosse"), (chat.question, "grosse")], key=str)

    def test_learns_the_answer_when_it_ends(self, store: MemoryStore) -> None:
        chat = place(is_new=True)
        answered(store, chat, text="The Moon.")

        assert (chat.answer, "the moon") in self.entries(store)

    def test_learns_nothing_of_an_answer_without_words(self, store: MemoryStore) -> None:
        chat = place(is_new=True)
        answered(store, chat, text="")

        assert chat.answer not in {message for message, _ in self.entries(store)}

    def test_learns_nothing_of_a_question_that_is_not_stored(self, store: MemoryStore) -> None:
        commit(store, asking(place(parent=new_message())))

        assert self.entries(store) == []
