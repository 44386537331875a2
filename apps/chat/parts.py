"""Which model wrote what of an answer: told to everybody who may read it, also to whom its record is closed. Pure."""

from typing import Any

from apps.turns.operations import CloseTurn


def parts_of(operation: CloseTurn) -> list[dict[str, Any]] | None:
    """The models that were asked one after the other; None for one alone, which the message names anyway.

    Models whose answer lost a vote, or that were asked in vain before an answer was shown after all, have no part.

    `at` is where the text of a model begins, in code points; one that wrote nothing shares it with the next. `after`
    is the code of the fault for which the one before gave way.
    """
    attempts = [attempt for attempt in operation.attempts or () if not attempt.aside]
    if len(attempts) < 2:
        return None
    faults = ["", *(attempt.code for attempt in attempts)]
    length = len(operation.text)
    return [
        {"at": min(attempt.keeps, length), "model": attempt.model, "hosting": attempt.hosting, "after": fault}
        for attempt, fault in zip(attempts, faults, strict=False)
    ]
