"""What the pipeline calls: recognise a question, decide who answers it; both are pure and take microseconds.

What was observed about answers afterwards is written by `observe`, `note_speeds` and `withdraw`.
"""

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

from apps.domain.intent import Intent
from apps.domain.turn import PromptMessage, Role
from apps.routing.engine.decide import STRATEGIES, decide
from apps.routing.engine.intent.recogniser import heads
from apps.routing.engine.intent.recogniser import recognise as recognise_text
from apps.routing.observing import note_speeds, observe, withdraw
from apps.routing.unlinking import unlink

__all__ = ["decide", "note_speeds", "observe", "recognise", "start", "strategies", "unlink", "withdraw"]

MAX_KNOWN: Final = 10_000

_known: OrderedDict[bytes, Intent] = OrderedDict()


def start() -> None:
    """Read the artefacts of this process. Raises when one is missing or unfit."""
    heads()
    recognise_text("What is the capital of France?")


def strategies() -> frozenset[str]:
    """The strategies that `auto:NAME` may name; `fixed` wants a model and belongs into a policy."""
    return frozenset(STRATEGIES) - {"fixed"}


def recognise(messages: Sequence[PromptMessage]) -> Intent:
    """What the newest question asks for; a short follow-up inherits from the question before it.

    What was checked while it was typed, or is asked of several models, is recognised once: its hash is remembered.
    """
    asked = [message.text for message in messages if message.role is Role.USER and message.text]
    newest, previous = asked[-1] if asked else "", asked[-2] if len(asked) > 1 else ""
    key = blake2b(f"{newest}\0{previous}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
    found = _known.get(key)
    if found is None:
        found = _known[key] = recognise_text(newest, previous)
        if len(_known) > MAX_KNOWN:
            _known.popitem(last=False)
    return found
