"""A running answer as its readers see it."""

from collections.abc import AsyncGenerator, AsyncIterable

from apps.domain.turn import TurnEvent
from apps.providers.values import Chunk
from apps.turns import answer_label
from apps.turns.flow import Flow


async def as_it_comes(flow: Flow, chunks: AsyncIterable[Chunk]) -> AsyncGenerator[TurnEvent, None]:
    """What the current attempt writes, to its end, which is noted. Raises what `chunks` raises."""
    async for chunk in chunks:
        event = flow.take(chunk)
        if event is not None:
            yield event
            if flow.text.length >= flow.watch.due_at and (label := answer_label.look(flow)) is not None:
                yield label
    for held in flow.flush():
        yield held
    flow.end_attempt()
