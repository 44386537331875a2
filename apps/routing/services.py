"""What the pipeline calls: recognise a question, decide who answers it, judge what came back. All of it is pure.

What was observed about answers afterwards is written by `observe`, `note_speeds` and `withdraw`.
"""

import re
from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

from apps.domain.intent import Intent
from apps.domain.turn import PromptMessage, Role
from apps.routing import predicting
from apps.routing.engine.checking import Answer, Wanted, fault, wanted
from apps.routing.engine.decide import decide
from apps.routing.engine.intent.recogniser import heads
from apps.routing.engine.intent.recogniser import recognise as recognise_text
from apps.routing.engine.learned.predictor import Predictor, UnfitPredictor
from apps.routing.engine.learned.predictor import load as load_router
from apps.routing.engine.learned.predictor import save as save_router
from apps.routing.engine.replay import Replayed, Total, replay
from apps.routing.engine.voting import Ballot, Election, elect
from apps.routing.observing import note_speeds, observe, withdraw
from apps.routing.offering import OfferedStrategy, offered
from apps.routing.predicting import NOTHING_LEARNED, learned_from, predict
from apps.routing.unlinking import unlink

__all__ = [
    "NOTHING_LEARNED",
    "Answer",
    "Ballot",
    "Election",
    "OfferedStrategy",
    "Predictor",
    "Replayed",
    "Total",
    "UnfitPredictor",
    "Wanted",
    "decide",
    "elect",
    "fault",
    "learned_from",
    "load_router",
    "note_speeds",
    "observe",
    "offered",
    "predict",
    "recognise",
    "replay",
    "save_router",
    "start",
    "unlink",
    "wanted",
    "withdraw",
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
    predicting.start()
    recognise_text("What is the capital of France?")


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
