"""Price tables: the JSON of the configuration file to exact decimals and back."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from apps.domain.errors import InvalidRequest
from apps.domain.money import Price, PriceTier

PriceJson = dict[str, Any]

MAX_RATE: Final = Decimal(1_000_000)
MAX_DECIMALS: Final = 9
MAX_TIERS: Final = 8
_REQUIRED: Final = ("input", "output")
_OPTIONAL: Final = ("cached_input", "cache_write", "image", "request")


def parse(table: Mapping[str, Any] | None, *, path: str = "price") -> Price | None:
    """The price as exact decimals; None when nobody has entered one.

    Raises:
        InvalidRequest: names the entry that is missing, unknown, negative, or no decimal string.
    """
    if table is None:
        return None
    if not isinstance(table, Mapping):
        raise _wrong(path, "must be a table of decimal strings, or null")
    _known(table, {*_REQUIRED, *_OPTIONAL, "tiers"}, path)
    rates = {name: _rate(table.get(name), f"{path}.{name}") for name in _REQUIRED}
    rates |= {name: _rate(table[name], f"{path}.{name}") for name in _OPTIONAL if table.get(name) is not None}
    return Price(**rates, tiers=_tiers(table.get("tiers") or (), f"{path}.tiers"))


def normalised(table: Mapping[str, Any] | None, *, path: str = "price") -> PriceJson | None:
    """The same table in one spelling, so that `0.250` and `0.25` are no change. Raises what `parse` raises."""
    price = parse(table, path=path)
    return None if price is None else as_json(price)


def as_json(price: Price) -> PriceJson:
    """The table that `parse` reads; entries that say nothing are left out."""
    made: PriceJson = {"input": _text(price.input), "output": _text(price.output)}
    for name in ("cached_input", "cache_write"):
        rate: Decimal | None = getattr(price, name)
        if rate is not None:
            made[name] = _text(rate)
    made |= {name: _text(rate) for name in ("image", "request") if (rate := getattr(price, name))}
    if price.tiers:
        made["tiers"] = [
            {"above_input_tokens": tier.above_input_tokens, "input": _text(tier.input), "output": _text(tier.output)}
            for tier in price.tiers
        ]
    return made


def _tiers(tiers: Any, path: str) -> tuple[PriceTier, ...]:
    if not isinstance(tiers, (list, tuple)) or len(tiers) > MAX_TIERS:
        raise _wrong(path, f"must be a list of at most {MAX_TIERS} tiers")
    made = [_tier(tier, f"{path}.{number}") for number, tier in enumerate(tiers)]
    return tuple(sorted(made, key=lambda tier: tier.above_input_tokens))


def _tier(tier: Any, path: str) -> PriceTier:
    if not isinstance(tier, Mapping):
        raise _wrong(path, "must be a table")
    _known(tier, {"above_input_tokens", *_REQUIRED}, path)
    above = tier.get("above_input_tokens")
    if not isinstance(above, int) or isinstance(above, bool) or above < 1:
        raise _wrong(f"{path}.above_input_tokens", "must be a whole number of tokens above 0")
    return PriceTier(above, _rate(tier.get("input"), f"{path}.input"), _rate(tier.get("output"), f"{path}.output"))


def _rate(value: Any, path: str) -> Decimal:
    """A float is refused: what was written has already lost its exact value."""
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise _wrong(path, 'must be a decimal in quotation marks, such as "0.25"')
    try:
        rate = Decimal(value)
    except InvalidOperation:
        raise _wrong(path, 'must be a decimal in quotation marks, such as "0.25"') from None
    if not rate.is_finite() or not 0 <= rate <= MAX_RATE:
        raise _wrong(path, f"must lie between 0 and {MAX_RATE} USD")
    exponent = rate.normalize().as_tuple().exponent
    if isinstance(exponent, int) and exponent < -MAX_DECIMALS:
        raise _wrong(path, f"may have at most {MAX_DECIMALS} decimals")
    return rate


def _text(rate: Decimal) -> str:
    return format(rate.normalize(), "f")


def _known(table: Mapping[str, Any], names: set[str], path: str) -> None:
    for name in table:
        if name not in names:
            raise _wrong(f"{path}.{name}", f"is unknown; known are {', '.join(sorted(names))}")


def _wrong(path: str, why: str) -> InvalidRequest:
    return InvalidRequest(f"{path} {why}.", fields={path: why})
