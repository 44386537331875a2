"""From a file to plain data: YAML without its traps, bounded in size, depth and expansion.

Nodes are turned into values here and not by PyYAML's constructors: `off`, `yes` and `12:30` stay texts, fractions stay
exact decimals, a key that stands twice is an error, tags mean nothing, and every complaint knows its path in the file.
"""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from apps.operations.config.errors import InvalidConfiguration, Problem

MAX_BYTES: Final = 1_000_000
MAX_NODES: Final = 100_000
"""Counted after aliases are expanded, so that a few lines cannot stand for a thousand million values."""
MAX_DEPTH: Final = 32

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser is ten times as fast, where it was built


class _Loader(_Base):  # type: ignore[misc]
    """Resolves nothing: whether a plain scalar is a number is decided in `_scalar`."""

    yaml_implicit_resolvers: Any = {}


_INTEGER: Final = re.compile(r"[-+]?[0-9]{1,18}")
_DECIMAL: Final = re.compile(r"[-+]?(?:[0-9]{1,18}\.[0-9]{0,18}|\.[0-9]{1,18})")
_WORDS: Final = {"": None, "~": None, "null": None, "true": True, "false": False}
_VARIABLE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SHIELDED: Final = re.compile("\ue000([A-Za-z_][A-Za-z0-9_]*)\ue001")
"""YAML would take the braces of `{password: ${NAME}}` for its own: they are exchanged while it parses."""
_PLAIN_TAGS: Final = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}


def read(path: Path) -> Any:
    """The content of a file as dicts, lists, texts, numbers (`int`, `Decimal`), booleans and None.

    Raises:
        InvalidConfiguration: the file cannot be read, is no YAML, or is larger than the limits of this module.
    """
    try:
        raw = path.read_bytes() if path.stat().st_size <= MAX_BYTES else None
    except OSError as error:
        raise _refused(f"the file {path} cannot be read ({error.strerror}).") from error
    if raw is None:
        raise _refused(f"the file {path} is larger than {MAX_BYTES} bytes.")
    return parse(raw)


def parse(raw: bytes) -> Any:
    """As `read`, from bytes."""
    try:
        text = _shield(raw.decode("utf-8-sig"))
        _check_depth(text)
        node = yaml.compose(text, Loader=_Loader)
    except UnicodeDecodeError as error:
        raise _refused("the file is not UTF-8 text.") from error
    except yaml.MarkedYAMLError as error:
        line = f" (line {error.problem_mark.line + 1})" if error.problem_mark else ""
        raise _refused(f"this is no valid YAML: {error.problem}{line}.") from error
    except yaml.YAMLError as error:
        raise _refused("this is no valid YAML: it contains a character that is not allowed.") from error
    return None if node is None else _Build().value(node, "", 0)


def _shield(text: str) -> str:
    if "\ue000" in text or "\ue001" in text:
        raise _refused("the file contains a character for private use (U+E000 or U+E001).")
    return _VARIABLE.sub("\ue000\\1\ue001", text)


def _check_depth(text: str) -> None:
    """Before composing, which is recursive: a deep file must not reach it."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.events.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.events.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise _refused(f"the file is nested more than {MAX_DEPTH} levels deep.")


def _refused(message: str, path: str = "") -> InvalidConfiguration:
    return InvalidConfiguration([Problem(path, message)])


class _Build:
    """Turns nodes into values and counts what it made."""

    def __init__(self) -> None:
        self._made = 0

    def value(self, node: Node, path: str, depth: int) -> Any:
        self._made += 1
        if self._made > MAX_NODES:
            raise _refused(f"the file stands for more than {MAX_NODES} values.", path)
        if depth > MAX_DEPTH:
            raise _refused(f"an alias is nested more than {MAX_DEPTH} levels deep.", path)
        if node.tag not in _PLAIN_TAGS:
            raise _refused(f"the tag {node.tag[:60]} (line {node.start_mark.line + 1}) means nothing here.", path)
        if isinstance(node, MappingNode):
            return self._mapping(node, path, depth)
        if isinstance(node, SequenceNode):
            return [self.value(item, f"{path}[{place}]", depth + 1) for place, item in enumerate(node.value)]
        return _scalar(node.value, path, quoted=isinstance(node, ScalarNode) and bool(node.style))

    def _mapping(self, node: MappingNode, path: str, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode):
                raise _refused(f"a key (line {line}) must be a plain word.", path)
            key = _text(key_node.value, path)
            if key in found:
                raise _refused(f"the key {key[:60]!r} stands twice (line {line}).", path)
            found[key] = self.value(value_node, f"{path}.{key}" if path else key, depth + 1)
        return found


def _scalar(text: str, path: str, *, quoted: bool) -> Any:
    if not quoted:
        if text.lower() in _WORDS:
            return _WORDS[text.lower()]
        if _INTEGER.fullmatch(text):
            return int(text)
        if _DECIMAL.fullmatch(text):
            return Decimal(text)
    return _text(text, path)


def _text(text: str, path: str) -> str:
    if "\0" in text or (not text.isascii() and any(0xD800 <= ord(char) < 0xE000 for char in text)):
        raise _refused("the text contains a NUL or half a character.", path)
    return _SHIELDED.sub(r"${\1}", text)
