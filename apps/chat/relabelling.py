"""What the labels of a conversation are under its exceptions: the question's falls, and what was derived from it. Pure.

Only exempted questions and what follows them on their branches is looked at; every other label stays what it was.
"""

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from apps.chat.history import ANSWERED
from apps.chat.models import Message
from apps.domain.privacy import Sensitivity, highest


@dataclass(frozen=True, slots=True)
class Node:
    """A message without its text. `found` is the label that it had before any exception touched it."""

    id: UUID
    parent: UUID | None
    role: str
    state: str
    has_text: bool
    is_own: bool
    """The label comes from the text itself."""
    label: Sensitivity
    found: Sensitivity

    @property
    def counts(self) -> bool:
        """Whether models are shown it afterwards (see `history.as_prompt`)."""
        if self.role == Message.Role.USER:
            return self.state != Message.State.REFUSED
        return self.has_text and self.state in ANSWERED


@dataclass(frozen=True, slots=True)
class _Above:
    """What a message stands on: the highest label of what models are shown, and whether an exempted question is in it.

    `question` is the label of the message right above, whether or not later ones are shown it.
    """

    shown: Sensitivity = Sensitivity.CLEAN
    question: Sensitivity = Sensitivity.CLEAN
    is_touched: bool = False

    @property
    def label(self) -> Sensitivity:
        return highest((self.shown, self.question))


def relabelled(
    nodes: Iterable[Node], *, exempt: Container[UUID], ever: Container[UUID], own: Callable[[Node], Sensitivity]
) -> Iterator[tuple[Node, Sensitivity]]:
    """The messages whose labels change, with their new ones.

    Args:
        nodes: a whole conversation, parents first.
        exempt: the questions with an exception in force.
        ever: those that have or ever had one.
        own: what an answer's text holds itself, looked at anew; asked only for answers that may fall.
    """
    above: dict[UUID, _Above] = {}
    for node in nodes:
        before = above.get(node.parent, _Above()) if node.parent else _Above()
        is_touched = before.is_touched or node.id in ever
        label = _label(node, before, exempt=exempt, ever=ever, own=own)
        above[node.id] = _Above(highest((before.shown, label)) if node.counts else before.shown, label, is_touched)
        if label is not node.label:
            yield node, label


def _label(
    node: Node,
    above: _Above,
    *,
    exempt: Container[UUID],
    ever: Container[UUID],
    own: Callable[[Node], Sensitivity],
) -> Sensitivity:
    if node.state == Message.State.STREAMING or not (above.is_touched or node.id in ever):
        return node.label
    if node.role == Message.Role.USER:
        return Sensitivity.CLEAN if node.id in exempt else node.found
    if node.is_own or above.label >= node.found:
        return highest((above.label, node.found if node.is_own else Sensitivity.CLEAN))
    return highest((above.label, min(own(node), node.found)))
