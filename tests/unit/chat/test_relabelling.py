"""Which labels fall with an exception, and which rise again with its end."""

from uuid import UUID, uuid4

from apps.chat.relabelling import Node, relabelled
from apps.domain.privacy import Sensitivity

CLEAN, SENSITIVE, UNCLASSIFIED = Sensitivity


def question(parent: Node | None, label: Sensitivity, found: Sensitivity | None = None, state: str = "ok") -> Node:
    known = label if found is None else found
    return Node(uuid4(), parent.id if parent else None, "user", state, True, True, label, known)


def answer(
    parent: Node, label: Sensitivity, found: Sensitivity | None = None, *, own: bool = False, state: str = "ok"
) -> Node:
    known = label if found is None else found
    return Node(uuid4(), parent.id, "assistant", state, True, own, label, known)


def changed(
    *nodes: Node, exempt: tuple[Node, ...] = (), ever: tuple[Node, ...] = (), own: Sensitivity = CLEAN
) -> dict[UUID, Sensitivity]:
    ids, all_ids = {node.id for node in exempt}, {node.id for node in (*exempt, *ever)}
    return {node.id: label for node, label in relabelled(nodes, exempt=ids, ever=all_ids, own=lambda _: own)}


class TestGranting:
    def test_lowers_the_question_and_what_was_derived_from_it(self) -> None:
        first = question(None, SENSITIVE)
        said = answer(first, SENSITIVE)
        more = question(said, CLEAN)
        last = answer(more, SENSITIVE)

        assert changed(first, said, more, last, exempt=(first,)) == {
            first.id: CLEAN,
            said.id: CLEAN,
            last.id: CLEAN,
        }

    def test_leaves_what_stands_on_another_private_question(self) -> None:
        before = question(None, SENSITIVE)
        inside = answer(before, SENSITIVE)
        first = question(inside, SENSITIVE)
        said = answer(first, SENSITIVE)

        assert changed(before, inside, first, said, exempt=(first,)) == {first.id: CLEAN}

    def test_leaves_other_branches(self) -> None:
        first, other = question(None, SENSITIVE), question(None, SENSITIVE)
        said, elsewhere = answer(first, SENSITIVE), answer(other, SENSITIVE)

        assert changed(first, other, said, elsewhere, exempt=(first,)) == {first.id: CLEAN, said.id: CLEAN}

    def test_leaves_an_answer_with_findings_of_its_own(self) -> None:
        first = question(None, SENSITIVE)
        marked, hidden = answer(first, SENSITIVE, own=True), answer(first, SENSITIVE)

        assert changed(first, marked, hidden, exempt=(first,), own=SENSITIVE) == {first.id: CLEAN}

    def test_never_raises_an_answer_by_a_detector_that_fails(self) -> None:
        first = question(None, SENSITIVE)
        said = answer(first, SENSITIVE)

        assert changed(first, said, exempt=(first,), own=UNCLASSIFIED) == {first.id: CLEAN}

    def test_leaves_an_answer_that_is_being_written(self) -> None:
        first = question(None, SENSITIVE)
        said = answer(first, SENSITIVE, state="streaming")

        assert changed(first, said, exempt=(first,)) == {first.id: CLEAN}


class TestEnding:
    def test_raises_what_it_lowered(self) -> None:
        first = question(None, CLEAN, SENSITIVE)
        said = answer(first, CLEAN, SENSITIVE)

        assert changed(first, said, ever=(first,)) == {first.id: SENSITIVE, said.id: SENSITIVE}

    def test_raises_what_was_derived_from_it_meanwhile(self) -> None:
        first = question(None, CLEAN, SENSITIVE)
        said = answer(first, CLEAN, SENSITIVE)
        more = question(said, CLEAN)
        last = answer(more, CLEAN)

        assert changed(first, said, more, last, ever=(first,)) == {
            first.id: SENSITIVE,
            said.id: SENSITIVE,
            last.id: SENSITIVE,
        }

    def test_does_not_raise_what_no_model_was_shown_it_for(self) -> None:
        refused = question(None, CLEAN, SENSITIVE, state="refused")
        nothing = Node(uuid4(), refused.id, "assistant", "refused", False, False, CLEAN, CLEAN)
        more = question(nothing, CLEAN)
        last = answer(more, CLEAN)

        assert last.id not in changed(refused, nothing, more, last, ever=(refused,))


def test_nothing_else_is_looked_at() -> None:
    low = question(None, CLEAN)
    odd = answer(low, SENSITIVE)  # labelled for a reason that is not in the tree
    more = answer(question(odd, CLEAN), CLEAN)

    assert changed(low, odd, more) == {}
