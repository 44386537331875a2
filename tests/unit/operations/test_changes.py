"""The difference as people read it."""

from dataclasses import dataclass, field

from apps.domain.limits import RateLimits
from apps.operations.config.changes import Action, compare, describe, summary, usd


@dataclass(frozen=True)
class Thing:
    id: int
    name: str
    models: frozenset[str] | None = None
    limits: RateLimits = field(default_factory=RateLimits)


class TestCompare:
    def test_tells_what_a_new_object_is(self) -> None:
        change = compare("thing a", None, describe(Thing(1, "A", frozenset({"y", "x"})), "id"))

        assert str(change) == "+ thing a: name A, models [x, y]"

    def test_tells_what_changed_and_nothing_else(self) -> None:
        before, after = describe(Thing(1, "A"), "id"), describe(Thing(1, "A", limits=RateLimits(5)), "id")

        assert str(compare("thing a", before, after)) == "~ thing a: limits {} -> {requests_per_minute 5}"

    def test_hides_secrets(self) -> None:
        assert str(compare("provider p", {}, {}, "api_key")) == "~ provider p: api_key ***"

    def test_finds_nothing_where_nothing_differs(self) -> None:
        same = describe(Thing(1, "A"))

        assert compare("thing a", same, same).action is Action.UNCHANGED

    def test_tells_a_removal(self) -> None:
        assert str(compare("thing a", {"name": "A"}, None)) == "- thing a"


class TestSummary:
    def test_counts(self) -> None:
        changes = [compare("a", None, {}), compare("b", {}, {}), compare("c", {}, {})]

        assert summary(changes) == "1 created, 2 unchanged"

    def test_says_that_there_is_nothing_to_do(self) -> None:
        assert summary([compare("a", {}, {})]) == summary([]) == "nothing to change"


class TestUsd:
    def test_is_exact_with_at_least_two_places(self) -> None:
        assert [usd(amount) for amount in (0, 250_000_000, 5, 1_500_000)] == [
            "0.00 USD", "250.00 USD", "0.000005 USD", "1.50 USD"
        ]  # fmt: skip
