"""What is asked, and how models answer: all of it drawn from one seed."""

from random import Random

from tests.support.journeys import iban
from tests.support.upstream import Script
from tests.support.world import Company, Model

CODE_WORD = "Falkenhorst"
"""Stands in every private question and in no other."""
BANK = "370400440532"
"""Every IBAN of these questions has it."""
HARMLESS = ("How do tides work?", "Tell me a story of the sea.", "Why is the sky blue?", "What is the capital of Peru?")


def _models(slug: str) -> list[Model]:
    quick = {"connect_s": 2, "first_token_s": 2, "between_tokens_s": 2, "total_s": 30}
    return [
        Model(f"{slug}-best", "20", 0.95, timeouts=quick),
        Model(f"{slug}-next", "8", 0.8, timeouts=quick),
        Model(f"{slug}-inside", "0", 0.4, timeouts=quick),
    ]


def _company(slug: str, limit: str, *, titles: bool = False) -> Company:
    people = ("erin", "nora", "otto")
    return Company(
        slug,
        _models(slug),
        {"titles": titles, "max_output_tokens": 200},
        team_limit=limit,
        people=people,
        staff=("adam",),
    )


COMPANIES = (_company("rich", "1000.00"), _company("thrifty", "0.020000"), _company("titled", "1000.00", titles=True))


def question(draw: Random, number: int) -> str:
    """A question that no other has; every fourth is private."""
    if draw.random() < 0.25:
        return f"{CODE_WORD} {number}: is {iban()} the right IBAN?"
    return f"{draw.choice(HARMLESS)} ({number})"


def behaviours(draw: Random, count: int) -> list[Script]:
    """How a model answers so many calls: mostly well, in its own time; sometimes not at all, or half."""
    return [_behaviour(draw) for _ in range(count)]


def _behaviour(draw: Random) -> Script:
    tokens, delay_s, after = draw.randint(5, 40), draw.choice((0.02, 0.03, 0.05)), draw.randint(0, 9)
    faults = (
        Script(status=500),
        Script(status=429, retry_after=1),
        Script(tokens=tokens, delay_s=delay_s, cut_after=after),
        Script(tokens=tokens, delay_s=delay_s, hang_after=after),
        Script(tokens=tokens, delay_s=delay_s, garbage_after=after),
        Script(tokens=tokens, delay_s=delay_s, error_after=after),
        Script(tokens=tokens, delay_s=delay_s, usage=False),
    )
    well = Script(tokens=tokens, delay_s=delay_s, first_delay_s=draw.choice((0, 0, 0.3)))
    return draw.choice(faults) if draw.random() < 0.2 else well
