"""An answer that broke off goes on with another model: what that one is sent, and what it may cost (adr 0008).

It gets the same messages and the answer so far as one of its own. So the text of the first model leaves for the second:
it is inspected with everything else, and the label of all of it decides who may go on (promise P18).
"""

from collections.abc import Iterable
from dataclasses import replace

from apps.domain.decision import Ranked
from apps.domain.messages import PromptMessage, Role
from apps.domain.tokens import input_bound, message_bound
from apps.providers.values import GO_ON
from apps.turns.flow import Flow
from apps.turns.operations import MIN_GRANTED_TOKENS

CONTEXT_BYTES_PER_TOKEN = 3
"""On the careful side, as in the decision: what does not fit after all says so."""
WRITTEN_BYTES_PER_TOKEN = 4


def take_up(flow: Flow) -> None:
    """From here on the question is asked with the answer so far behind it. It has to be inspected again."""
    asked = flow.asked
    first = asked.messages[:-1] if flow.asks_on else asked.messages
    messages = (*first, PromptMessage(Role.ASSISTANT, str(flow.text)))
    flow.asked, flow.asks_on = replace(asked, messages=messages), True
    tokens = input_bound(messages, asked.request.tools, asked.request.sampling)
    tokens += message_bound(PromptMessage(Role.USER, GO_ON))
    facts = {**flow.choice.facts, "context_tokens": tokens}
    flow.choice = replace(flow.choice, input_tokens=tokens, facts=facts)


def who_can(flow: Flow, permitted: Iterable[Ranked]) -> tuple[Ranked, ...]:
    """Those whose context takes the longer text, each with its worst case; the whole answer keeps to its length."""
    lengths = {entry.candidate.model: entry.max_output_tokens for entry in flow.choice.ranked}
    found = (_with_rest(flow, entry, lengths[entry.candidate.model]) for entry in permitted)
    return tuple(entry for entry in found if entry is not None)


def _with_rest(flow: Flow, entry: Ranked, length: int) -> Ranked | None:
    tokens, price = flow.choice.input_tokens, entry.candidate.price
    assert price is not None  # a model without a price is never ranked
    written = len(str(flow.text).encode()) // WRITTEN_BYTES_PER_TOKEN
    room = entry.candidate.context_tokens - tokens // CONTEXT_BYTES_PER_TOKEN
    rest = min(max(length - written, MIN_GRANTED_TOKENS), length, room)
    if rest < min(MIN_GRANTED_TOKENS, length):
        return None
    worst = price.worst_case(input_tokens=tokens, output_tokens=rest, images=flow.choice.images)
    return replace(entry, max_output_tokens=rest, worst_case_micro_usd=worst)
