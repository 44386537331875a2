"""Price tables: exact, or refused by the name of what is wrong."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.domain.errors import InvalidRequest
from apps.domain.money import PriceTier
from apps.providers import prices

RATES = st.decimals(min_value=0, max_value=1_000_000, places=6).map(str)


class TestParse:
    def test_keeps_every_digit(self) -> None:
        price = prices.parse(
            {
                "input": "0.25",
                "cached_input": "0.025",
                "cache_write": "0.30",
                "output": "2.00",
                "tiers": [{"above_input_tokens": 200_000, "input": "0.5", "output": "3"}],
            }
        )

        assert price is not None
        assert (price.input, price.cached_input, price.cache_write) == (
            Decimal("0.25"),
            Decimal("0.025"),
            Decimal("0.3"),
        )
        assert price.tiers == (PriceTier(200_000, Decimal("0.5"), Decimal(3)),)

    def test_knows_that_nobody_has_entered_one(self) -> None:
        assert prices.parse(None) is None

    @pytest.mark.parametrize(
        ("table", "path"),
        [
            ({"input": 0.25, "output": "2"}, "price.input"),
            ({"input": "0.25"}, "price.output"),
            ({"input": "-1", "output": "2"}, "price.input"),
            ({"input": "NaN", "output": "2"}, "price.input"),
            ({"input": "Infinity", "output": "2"}, "price.input"),
            ({"input": "1e-12", "output": "2"}, "price.input"),
            ({"input": "cheap", "output": "2"}, "price.input"),
            ({"input": True, "output": "2"}, "price.input"),
            ({"input": "1", "output": "2", "ouput": "3"}, "price.ouput"),
            (
                {"input": "1", "output": "2", "tiers": [{"input": "1", "output": "2"}]},
                "price.tiers.0.above_input_tokens",
            ),
            ({"input": "1", "output": "2", "tiers": "none"}, "price.tiers"),
            ("free", "price"),
        ],
    )
    def test_names_what_is_wrong(self, table: Any, path: str) -> None:
        with pytest.raises(InvalidRequest) as refused:
            prices.parse(table)

        assert list(refused.value.fields) == [path]

    @given(st.fixed_dictionaries({"input": RATES, "output": RATES}, optional={"cached_input": RATES, "request": RATES}))
    def test_gives_the_same_price_after_a_round_trip(self, table: dict[str, str]) -> None:
        price = prices.parse(table)

        assert price is not None
        assert prices.parse(prices.as_json(price)) == price

    def test_spells_equal_prices_alike(self) -> None:
        assert prices.normalised({"input": "0.250", "output": "2.00"}) == prices.normalised(
            {"input": "0.25", "output": 2}
        )
