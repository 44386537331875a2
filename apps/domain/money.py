"""Money is integer micro-dollars (USD / 1,000,000). Prices are exact decimals per million tokens."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple, NewType

MicroUsd = NewType("MicroUsd", int)
ZERO = MicroUsd(0)
MICRO: Final = 1_000_000
UNBOUNDED_TOKENS: Final = 1 << 31


@dataclass(frozen=True, slots=True)
class Usage:
    """What a provider processed. `cached_input` and `cache_write` are parts of `input`, `reasoning` of `output`."""

    input_tokens: int
    output_tokens: int
    cached_input_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    images: int = 0
    estimated: bool = False
    """True when the provider sent no usage and the figures are upper bounds (promise P09)."""


@dataclass(frozen=True, slots=True)
class PriceTier:
    """Prices that hold for a whole call whose input is longer than `above_input_tokens`."""

    above_input_tokens: int
    input: Decimal
    output: Decimal


class _Rates(NamedTuple):
    """Rates of one call as whole numbers: `scale` of them are one micro-dollar per token."""

    above: int
    input: int
    output: int


@dataclass(frozen=True, slots=True)
class Price:
    """USD per million tokens; `image` and `request` are USD each. Zero means free, as self-hosted models are.

    The arithmetic is exact and in whole numbers: a decision compares hundreds of prices in less than a millisecond.
    """

    input: Decimal
    output: Decimal
    cached_input: Decimal | None = None
    cache_write: Decimal | None = None
    image: Decimal = Decimal(0)
    request: Decimal = Decimal(0)
    tiers: tuple[PriceTier, ...] = ()
    _scale: int = field(init=False, repr=False, compare=False)
    _rates: tuple[_Rates, ...] = field(init=False, repr=False, compare=False)
    _extra: tuple[int, int, int, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        tiers = sorted(self.tiers, key=lambda tier: tier.above_input_tokens)
        cached = self.input if self.cached_input is None else self.cached_input
        written = self.input if self.cache_write is None else self.cache_write
        figures = [self.input, self.output, cached, written, self.image, self.request]
        figures += [rate for tier in tiers for rate in (tier.input, tier.output)]
        scale = 10 ** max(0, *(-_exponent(figure) for figure in figures))
        rates = [_Rates(-1, int(self.input * scale), int(self.output * scale))]
        rates += [_Rates(tier.above_input_tokens, int(tier.input * scale), int(tier.output * scale)) for tier in tiers]
        extra = (cached, written, self.image * MICRO, self.request * MICRO)
        object.__setattr__(self, "_scale", scale)
        object.__setattr__(self, "_rates", tuple(rates))
        object.__setattr__(self, "_extra", tuple(int(figure * scale) for figure in extra))

    @property
    def is_free(self) -> bool:
        return not any(self._extra) and not any(rates.input or rates.output for rates in self._rates)

    def cost(self, usage: Usage) -> MicroUsd:
        """The cost of one attempt, rounded up to one micro-dollar: never below the bill, less than one above it."""
        rates = self._rates_for(usage.input_tokens)
        cached, written, image, request = self._extra
        plain = usage.input_tokens - usage.cached_input_tokens - usage.cache_write_tokens
        whole = plain * rates.input + usage.output_tokens * rates.output + usage.images * image + request
        parts = usage.cached_input_tokens * cached + usage.cache_write_tokens * written
        base = self._rates[0].input
        if rates.input == base or not base:
            return MicroUsd(-(-(whole + parts) // self._scale))
        # A tier raises what is cached in the same proportion as the plain input.
        return MicroUsd(-(-(whole * base + parts * rates.input) // (self._scale * base)))

    def worst_case(self, *, input_tokens: int, output_tokens: int, images: int = 0) -> MicroUsd:
        """An upper bound for a call with at most so many tokens: dearest tier that can apply, no cache discount."""
        dearest_input, dearest_output = self._dearest(input_tokens)
        _, _, image, request = self._extra
        total = input_tokens * dearest_input + output_tokens * dearest_output + images * image + request
        return MicroUsd(-(-total // self._scale))

    def output_tokens_within(self, amount: int, *, input_tokens: int, images: int = 0) -> int:
        """How many output tokens `amount` micro-dollars cover after the worst case of the input; 0 if none."""
        dearest_input, dearest_output = self._dearest(input_tokens)
        _, _, image, request = self._extra
        left = amount * self._scale - input_tokens * dearest_input - images * image - request
        if left < 0:
            return 0
        return left // dearest_output if dearest_output else UNBOUNDED_TOKENS

    def _rates_for(self, input_tokens: int) -> _Rates:
        """The rates of a call: those of the highest tier that its input passes."""
        if len(self._rates) == 1:
            return self._rates[0]
        return next(rates for rates in reversed(self._rates) if input_tokens > rates.above)

    def _dearest(self, input_tokens: int) -> tuple[int, int]:
        """The dearest input and output rate that a call with at most so many input tokens can have."""
        base, written = self._rates[0].input, self._extra[1]
        if len(self._rates) == 1:
            return (base if base > written else written), self._rates[0].output
        within = [rates for rates in self._rates if input_tokens > rates.above]
        plain = max(rates.input for rates in within)
        # Written to a cache at a higher rate, and that raised by a tier: rounded up, for it is a bound.
        writing = max(-(-written * rates.input // base) if base else written for rates in within)
        return max(plain, writing), max(rates.output for rates in within)


def _exponent(figure: Decimal) -> int:
    exponent = figure.normalize().as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError("a price must be a finite number")
    return exponent
