"""The strategies that a policy may name, as pages offer them."""

from dataclasses import dataclass

from apps.domain.policy import Policy
from apps.routing.engine.decide import STRATEGIES


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
