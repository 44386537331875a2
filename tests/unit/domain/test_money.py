"""Money is exact: never below the bill, less than one micro-dollar above it, never above the worst case."""

import math
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from apps.domain.money import Price, PriceTier, Usage

RATES = st.decimals(min_value=0, max_value=200, places=6)


@st.composite
def prices(draw: st.DrawFn) -> Price:
    tiers = draw(st.lists(st.builds(PriceTier, st.integers(1, 500_000), RATES, RATES), max_size=2))
    base = draw(st.decimals(min_value="0.01", max_value=200, places=6))
    cached = draw(st.none() | st.fractions(0, 1).map(lambda part: base * Decimal(part.numerator) / part.denominator))
    return Price(base, draw(RATES), cached, draw(st.none() | RATES), draw(RATES), draw(RATES), tuple(tiers))


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    total = draw(st.integers(0, 1_000_000))
    cached = draw(st.integers(0, total))
    written = draw(st.integers(0, total - cached))
    return Usage(total, draw(st.integers(0, 200_000)), cached, written, images=draw(st.integers(0, 4)))


class TestCost:
    def test_is_the_published_rate(self) -> None:
        price = Price(input=Decimal("0.25"), output=Decimal("2.00"), cached_input=Decimal("0.025"))

        assert price.cost(Usage(1_000_000, 0)) == 250_000
        assert price.cost(Usage(1_000_000, 0, cached_input_tokens=1_000_000)) == 25_000
        assert price.cost(Usage(1, 0)) == 1

    @given(price=prices(), usage=usages())
    def test_never_exceeds_the_worst_case_of_its_bounds(self, price: Price, usage: Usage) -> None:
        worst = price.worst_case(
            input_tokens=usage.input_tokens, output_tokens=usage.output_tokens, images=usage.images
        )

        assert price.cost(usage) <= worst

    @given(price=prices(), bound=st.integers(0, 500_000), used=st.integers(0, 500_000), output=st.integers(0, 50_000))
    def test_a_smaller_input_never_has_a_larger_worst_case(
        self, price: Price, bound: int, used: int, output: int
    ) -> None:
        low, high = sorted((bound, used))
        lower = price.worst_case(input_tokens=low, output_tokens=output)

        assert lower <= price.worst_case(input_tokens=high, output_tokens=output)


class TestOutputTokensWithin:
    @given(price=prices(), amount=st.integers(0, 10**9), tokens=st.integers(0, 100_000))
    def test_what_fits_really_fits(self, price: Price, amount: int, tokens: int) -> None:
        granted = min(price.output_tokens_within(amount, input_tokens=tokens), 1_000_000)
        if granted:
            assert price.worst_case(input_tokens=tokens, output_tokens=granted) <= amount


class TestWholeNumbers:
    @given(price=prices(), usage=usages())
    def test_are_the_exact_sum_rounded_up(self, price: Price, usage: Usage) -> None:
        """The published formula in fractions, next to the whole-number arithmetic of the hot path."""
        tiers = sorted(price.tiers, key=lambda tier: tier.above_input_tokens)
        passed = [tier for tier in tiers if usage.input_tokens > tier.above_input_tokens]
        base = Fraction(price.input)
        rate = Fraction(passed[-1].input) if passed else base
        output = Fraction(passed[-1].output) if passed else Fraction(price.output)
        raised = rate / base
        cached = base if price.cached_input is None else Fraction(price.cached_input)
        written = base if price.cache_write is None else Fraction(price.cache_write)
        plain = usage.input_tokens - usage.cached_input_tokens - usage.cache_write_tokens
        exact = plain * rate + usage.output_tokens * output
        exact += (usage.cached_input_tokens * cached + usage.cache_write_tokens * written) * raised
        exact += (usage.images * Fraction(price.image) + Fraction(price.request)) * 1_000_000

        assert price.cost(usage) == math.ceil(exact)
