"""What a client may send over the socket: typed frames, parsed strictly. Pure.

Every mistake is an `InvalidRequest` that names the field; nothing that a client can write gets past here untyped.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import orjson

from apps.chat.attachments.limits import MAX_PER_MESSAGE
from apps.domain.errors import InvalidRequest, TooLarge
from apps.domain.ids import ConversationId, MessageId, TurnId
from apps.domain.limits import MAX_TEXT_BYTES

MAX_NAME_CHARACTERS: Final = 128
MAX_OFFSET: Final = 1 << 31
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class Ask:
    """A question. `parent` None is a new root; with `follows` the parent is the newest leaf, whatever that is."""

    id: str
    text: str = field(repr=False)
    conversation: ConversationId | None = None
    team: str | None = None
    model: str = "auto"
    parent: MessageId | None = None
    follows: bool = True
    attachments: tuple[UUID, ...] = ()

    @property
    def client_id(self) -> str:
        """The client's id in the one spelling under which retries are recognised."""
        return self.id.lower()


@dataclass(frozen=True, slots=True)
class Check:
    """What would happen with this text; nothing is stored or sent."""

    id: str
    text: str = field(repr=False)
    conversation: ConversationId | None = None
    model: str = "auto"
    attachments: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Stop:
    turn: TurnId


@dataclass(frozen=True, slots=True)
class Regenerate:
    """Answer again; `message` is the answer whose sibling the new one becomes."""

    id: str
    message: MessageId
    model: str = "auto"

    @property
    def client_id(self) -> str:
        return self.id.lower()


@dataclass(frozen=True, slots=True)
class Subscribe:
    conversation: ConversationId


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    conversation: ConversationId


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on with a turn: the client holds `at` code points and has seen frame `seq` (0: none)."""

    turn: TurnId
    at: int
    seq: int


@dataclass(frozen=True, slots=True)
class Ping:
    pass


Frame = Ask | Check | Stop | Regenerate | Subscribe | Unsubscribe | Resume | Ping
Fields = Mapping[str, Any]


def decode(text: str) -> dict[str, Any]:
    """The JSON object of a text frame. Refuses NaN, lone surrogates and nesting that no frame needs."""
    try:
        found = orjson.loads(text.encode())
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        raise InvalidRequest("The frame is not valid JSON.") from error
    if not isinstance(found, dict):
        raise InvalidRequest("The frame must be a JSON object with a `type`.", fields={"": "not an object"})
    return found


def parse(found: Fields) -> Frame:
    """The typed frame. Raises `InvalidRequest`, or `TooLarge` for a text above its limit."""
    kind = found.get("type")
    if not isinstance(kind, str) or kind not in _FORMS:
        raise _wrong("type", f"must be one of {', '.join(sorted(_FORMS))}")
    allowed, build = _FORMS[kind]
    for name in found:
        if name != "type" and name not in allowed:
            raise _wrong(name[:MAX_NAME_CHARACTERS], f"is no field of `{kind}`")
    return build(found)


def client_id(found: Fields) -> str | None:
    """The client's id of a frame that may be malformed otherwise, so that the error can name it."""
    value = found.get("id")
    return value if isinstance(value, str) and _UUID.fullmatch(value) else None


def _wrong(name: str, why: str) -> InvalidRequest:
    shown = name.encode("ascii", "backslashreplace").decode()
    return InvalidRequest(f"`{shown}` {why}.", fields={shown: why})


def _string(found: Fields, name: str) -> str:
    value = found[name]
    if not isinstance(value, str):
        raise _wrong(name, "must be a string")
    if "\x00" in value:
        raise _wrong(name, "must not contain NUL")
    return value


def _name(found: Fields, name: str) -> str | None:
    """A short name such as a model's or a team's; None when it is left out or null."""
    if found.get(name) is None:
        return None
    value = _string(found, name)
    if not 0 < len(value) <= MAX_NAME_CHARACTERS:
        raise _wrong(name, f"must have 1 to {MAX_NAME_CHARACTERS} characters")
    return value


def _model(found: Fields) -> str:
    return _name(found, "model") or "auto"


def _text(found: Fields) -> str:
    if "text" not in found:
        raise _wrong("text", "is required")
    value = _string(found, "text")
    if not value.strip():
        raise _wrong("text", "must not be empty")
    if len(value.encode()) > MAX_TEXT_BYTES:
        raise TooLarge(f"`text` must not have more than {MAX_TEXT_BYTES:,} bytes.", fields={"text": "too large"})
    return value


def _uuid_of(name: str, value: object) -> UUID:
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise _wrong(name, "must be a UUID in its usual form")
    return UUID(value)


def _uuid(found: Fields, name: str) -> UUID:
    if name not in found:
        raise _wrong(name, "is required")
    return _uuid_of(name, found[name])


def _optional_uuid(found: Fields, name: str) -> UUID | None:
    return None if found.get(name) is None else _uuid_of(name, found[name])


def _id(found: Fields) -> str:
    _uuid(found, "id")
    return str(found["id"])


def _number(found: Fields, name: str) -> int:
    value = found.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < MAX_OFFSET:
        raise _wrong(name, "must be a whole number, 0 or more")
    return value


def _attachments(found: Fields) -> tuple[UUID, ...]:
    value = found.get("attachments")
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MAX_PER_MESSAGE:
        raise _wrong("attachments", f"must be a list of at most {MAX_PER_MESSAGE} ids")
    return tuple(_uuid_of(f"attachments.{place}", item) for place, item in enumerate(value))


def _conversation(found: Fields) -> ConversationId | None:
    value = _optional_uuid(found, "conversation")
    return None if value is None else ConversationId(value)


def _ask(found: Fields) -> Ask:
    conversation, parent = _conversation(found), _optional_uuid(found, "parent")
    if conversation is None and parent is not None:
        raise _wrong("parent", "needs the `conversation` that it belongs to")
    return Ask(
        id=_id(found),
        text=_text(found),
        conversation=conversation,
        team=_name(found, "team"),
        model=_model(found),
        parent=None if parent is None else MessageId(parent),
        follows="parent" not in found,
        attachments=_attachments(found),
    )


def _check(found: Fields) -> Check:
    return Check(_id(found), _text(found), _conversation(found), _model(found), _attachments(found))


def _stop(found: Fields) -> Stop:
    return Stop(TurnId(_uuid(found, "turn")))


def _regenerate(found: Fields) -> Regenerate:
    return Regenerate(_id(found), MessageId(_uuid(found, "message")), _model(found))


def _subscribe(found: Fields) -> Subscribe:
    return Subscribe(ConversationId(_uuid(found, "conversation")))


def _unsubscribe(found: Fields) -> Unsubscribe:
    return Unsubscribe(ConversationId(_uuid(found, "conversation")))


def _resume(found: Fields) -> Resume:
    return Resume(TurnId(_uuid(found, "turn")), _number(found, "at"), _number(found, "seq"))


def _ping(_: Fields) -> Ping:
    return Ping()


_FORMS: Final[Mapping[str, tuple[frozenset[str], Callable[[Fields], Frame]]]] = {
    "ask": (frozenset({"id", "conversation", "team", "text", "model", "parent", "attachments"}), _ask),
    "check": (frozenset({"id", "text", "conversation", "attachments", "model"}), _check),
    "stop": (frozenset({"turn"}), _stop),
    "regenerate": (frozenset({"id", "message", "model"}), _regenerate),
    "subscribe": (frozenset({"conversation"}), _subscribe),
    "unsubscribe": (frozenset({"conversation"}), _unsubscribe),
    "resume": (frozenset({"turn", "at", "seq"}), _resume),
    "ping": (frozenset(), _ping),
}
