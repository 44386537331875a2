"""What the stub provider is told (`Script`), what it keeps (`Received`, `Evidence`), and what it charges (`Bill`)."""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any
from urllib.parse import quote

PriceTable = Mapping[str, str]


@dataclass(frozen=True)
class Script:
    """How one call is answered. Faults with `_after` strike when so many tokens have been written."""

    tokens: int = 8
    text: str | None = None
    """The answer; None: `tok0 tok1 ...`. One token is one word with its blank."""
    first_delay_s: float = 0.0
    delay_s: float = 0.0
    status: int = 200
    code: str = "server_error"
    message: str = "scripted failure"
    retry_after: float | None = None
    redirect: str = ""
    cut_after: int | None = None
    hang_after: int | None = None
    garbage_after: int | None = None
    error_after: int | None = None
    huge_event: int = 0
    """Bytes of one endless first event."""
    bytewise: bool = False
    """Write the stream one byte at a time, so that every character is torn apart."""
    tool_calls: tuple[tuple[str, str], ...] = ()
    finish: str = "stop"
    usage: bool = True
    done: bool = True
    input_tokens: int | None = None
    cached_tokens: int = 0
    reasoning_tokens: int = 0

    @classmethod
    def parse(cls, text: str) -> "Script":
        """From `name=value,name=value`, as it stands behind `@` in a model's name. Raises `ValueError`."""
        kinds = {f.name: f.default for f in fields(cls)}
        values: dict[str, Any] = {}
        for pair in filter(None, text.split(",")):
            name, _, value = pair.partition("=")
            if name not in kinds:
                raise ValueError(f"a script has no {name!r}; it has {', '.join(kinds)}")
            default = kinds[name]
            numeric = float if isinstance(default, float) or name == "retry_after" else int
            values[name] = value if isinstance(default, str) or name == "text" else numeric(value)
        return cls(**{name: bool(v) if isinstance(kinds[name], bool) else v for name, v in values.items()})

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Script":
        """The inverse of `dataclasses.asdict` after a journey through JSON, where tuples become lists."""
        calls = tuple((name, arguments) for name, arguments in values.get("tool_calls", ()))
        return cls(**{**values, "tool_calls": calls})

    def words(self, limit: int | None) -> list[str]:
        """The tokens that will be written, at most `limit`."""
        if self.text is None:
            made = [f"tok{number} " for number in range(self.tokens)]
        else:
            made = [f"{word} " for word in self.text.split(" ")]
            made[-1] = made[-1][:-1]
        return made if limit is None else made[:limit]


@dataclass
class Received:
    """One request as it arrived, and what became of it."""

    raw: bytes = field(repr=False)
    method: str
    path: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    model: str = ""
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    billed: bool = False
    completed: bool = False
    """The last byte of the answer was handed to the network."""

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def as_json(self) -> dict[str, Any]:
        """All fields, bytes as hex."""
        return {n: v.hex() if isinstance(v, bytes) else v for n, v in vars(self).items()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Received":
        return cls(**{**values, "raw": bytes.fromhex(values["raw"]), "body": bytes.fromhex(values["body"])})


class Bill:
    """What the provider charges: exact decimals, worked out without any of the product's code."""

    def __init__(self, prices: Mapping[str, PriceTable]) -> None:
        self.prices = dict(prices)

    def of(self, request: Received) -> Decimal:
        """USD for one request. A model without a price is free; what failed before the first byte costs nothing."""
        price = {name: Decimal(value) for name, value in self.prices.get(request.model.split("@")[0], {}).items()}
        if not price or not request.billed:
            return Decimal(0)
        plain = request.input_tokens - request.cached_tokens
        tokens = plain * price["input"] + request.output_tokens * price["output"]
        tokens += request.cached_tokens * price.get("cached_input", price["input"])
        return tokens / 1_000_000 + price.get("request", Decimal(0))


class Evidence:
    """Everything that reached a stub provider, and the questions that tests ask about it."""

    def __init__(self, prices: Mapping[str, PriceTable] | None = None) -> None:
        self._bill = Bill(prices or {})
        self.requests: list[Received] = []
        self.stray: list[bytes] = []
        """Bytes of connections that sent no whole request."""

    def calls(self, model: str | None = None) -> list[Received]:
        """Chat completions so far, in order."""
        chats = [request for request in self.requests if request.path.endswith("/chat/completions")]
        return chats if model is None else [request for request in chats if request.model == model]

    def saw(self, text: str) -> bool:
        """Whether this text arrived anywhere: address, headers, body; plain, as JSON escapes, URL-encoded or base64."""
        spellings = {text.encode(), json.dumps(text)[1:-1].encode(), quote(text).encode()}
        spellings |= _base64_cores(text.encode())
        haystacks = [*self.stray, *(request.raw for request in self.requests)]
        haystacks += [_unescaped(request.body) for request in self.requests]
        return any(spelling in haystack for spelling in spellings for haystack in haystacks)

    def bill(self, model: str | None = None) -> Decimal:
        """USD, exact, for everything or for one model."""
        return sum((self._bill.of(request) for request in self.calls(model)), Decimal(0))

    def bill_of(self, request: Received) -> Decimal:
        """USD, exact, for one chat completion."""
        return self._bill.of(request)

    def bills(self) -> list[Decimal]:
        """USD per chat completion, in order: a ledger that rounds each attempt up is compared attempt by attempt."""
        return [self._bill.of(request) for request in self.calls()]


def _base64_cores(text: bytes) -> set[bytes]:
    """What base64 makes of this text at each of its three alignments, without the characters that neighbours share."""
    cores = set()
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + text)
        cores.add(encoded[(0, 2, 3)[shift] : len(encoded) - 4])
    return {core for core in cores if len(core) >= 8}


def _unescaped(body: bytes) -> bytes:
    """All names and texts of a JSON body in plain, so that escapes hide nothing."""
    try:
        texts = _texts(json.loads(body))
    except ValueError:
        return b""
    return "\n".join(texts).encode("utf-8", "surrogatepass")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        with suppress(ValueError):
            inner = json.loads(value)  # arguments of tool calls are JSON inside JSON
            if inner != value and isinstance(inner, (dict, list)):
                yield from _texts(inner)
    elif isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
