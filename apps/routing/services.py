"""What the pipeline calls: recognise a question, decide who answers it. Both are pure and take microseconds."""

import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from apps.domain.intent import Intent
from apps.domain.policy import Policy
from apps.domain.turn import PromptMessage, Role
from apps.routing.engine.decide import STRATEGIES, decide
from apps.routing.engine.intent.recogniser import heads
from apps.routing.engine.intent.recogniser import recognise as recognise_text
from apps.routing.engine.replay import Replayed, Total, replay

__all__ = [
    "OfferedStrategy",
    "Replayed",
    "Total",
    "decide",
    "is_strategy",
    "offered",
    "recognise",
    "replay",
    "start",
    "strategies",
]

MAX_KNOWN: Final = 10_000

_PLACEHOLDER: Final = re.compile(
    r"[<\[](?:(?:[A-Z]+_)+(?:[A-Z]+|\d+[A-Z]?)|CONFIDENTIAL|CRYPTO|DICTIONARY|LOCATION|ORGANIZATION|PERSON|SECRET)[>\]]"
)
"""What stands instead of private details: `<IBAN_CODE>`, `[PERSON_1A]`. That is no word of the question."""

_known: OrderedDict[bytes, Intent] = OrderedDict()


def start() -> None:
    """Read the artefacts of this process. Raises when one is missing or unfit."""
    heads()
    recognise_text("What is the capital of France?")


def strategies() -> frozenset[str]:
    """The strategies that `auto:NAME` may name; `fixed` wants a model and belongs into a policy."""
    return frozenset(STRATEGIES) - {"fixed"}


@dataclass(frozen=True, slots=True)
class OfferedStrategy:
    """What a policy may name, and what it must or may say beside the name."""

    name: str
    takes_model: bool
    """The policy writes `NAME:MODEL`."""
    takes_dial: bool
    """The dial changes what it chooses."""


def offered() -> tuple[OfferedStrategy, ...]:
    """Every strategy that a policy may name: the default first, what wants a model last, the others by name."""
    usual = Policy(version=0).strategy
    names = sorted(STRATEGIES, key=lambda name: (name == "fixed", name != usual, name))
    return tuple(
        OfferedStrategy(name, takes_model=name == "fixed", takes_dial=getattr(STRATEGIES[name], "uses_dial", False))
        for name in names
    )


def is_strategy(name: str) -> bool:
    """Whether a policy may name it: one of the registry, `fixed` with a model behind a colon."""
    kind, _, model = name.partition(":")
    return kind in STRATEGIES and (kind == "fixed") == bool(model)


def recognise(messages: Sequence[PromptMessage]) -> Intent:
    """What the newest question asks for; a short follow-up inherits from the question before it.

    What was checked while it was typed, or is asked of several models, is recognised once: its hash is remembered.
    """
    asked = [message.text for message in messages if message.role is Role.USER and message.text]
    newest, previous = asked[-1] if asked else "", asked[-2] if len(asked) > 1 else ""
    key = blake2b(f"{newest}\0{previous}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
    found = _known.get(key)
    if found is None:
        found = _known[key] = recognise_text(_PLACEHOLDER.sub("…", newest), _PLACEHOLDER.sub("…", previous))
        if len(_known) > MAX_KNOWN:
            _known.popitem(last=False)
    return found
