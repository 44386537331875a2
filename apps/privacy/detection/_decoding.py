"""Text that is hidden in an encoding: one row per encoding, each gated by a test that costs next to nothing."""

import base64
import binascii
import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

import regex

from apps.privacy.detection.clock import Clock
from apps.privacy.detection.traits import Traits
from apps.privacy.detection.view import Edit

_JSON_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": " ", "f": " ", "/": "/", '"': '"', "'": "'", "\\": "\\"}


def _readable(raw: bytes) -> str:
    """The bytes as text if a person could read it, else nothing: random tokens decode to noise."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    if not text.replace("\n", "").replace("\r", "").replace("\t", "").isprintable():
        return ""
    plain = sum(map(str.isalnum, text)) + text.count(" ")
    return text if len(text) >= 5 and plain >= len(text) * 0.6 else ""


def _from_base64(match: str) -> str:
    packed = "".join(match.split()).rstrip("=").replace("-", "+").replace("_", "/")
    if len(packed) % 4 == 1:
        return ""
    try:
        return _readable(base64.b64decode(packed + "=" * (-len(packed) % 4)))
    except binascii.Error:
        return ""


def _from_base32(match: str) -> str:
    packed = match.rstrip("=")
    try:
        return _readable(base64.b32decode(packed + "=" * (-len(packed) % 8)))
    except binascii.Error:
        return ""


def _from_hex(match: str) -> str:
    packed = match.removeprefix("0x").translate({ord(c): None for c in " :,-\\x"})
    return _readable(bytes.fromhex(packed)) if len(packed) % 2 == 0 else ""


def _from_code_points(match: str) -> str:
    text = bytes(int(code) for code in regex.findall(r"\d+", match) if int(code) < 256).decode("latin-1")
    telling = "@" in text or sum(map(str.isdecimal, text)) * 2 > len(text)
    return _readable(text.encode()) if telling else ""


def _from_binary(match: str) -> str:
    bits = "".join(match.split())
    return _readable(bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8)))


def _from_json(match: str) -> str:
    kind = match[1]
    if kind not in "ux":
        return _JSON_ESCAPES[kind]
    point = int(match[2:], 16)
    return chr(point) if not 0xD800 <= point < 0xE000 else "\ufffd"


def _from_quoted_printable(match: str) -> str:
    return bytes.fromhex(match.replace("=", "")).decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class _Encoding:
    gate: Callable[[Traits], bool]
    pattern: "regex.Pattern[str]"
    decode: Callable[[str], str]


_PAIRS = re.compile(rb"(?:[9Aa]{2}[ :,-]){7}")
# In this order: what is found first claims its characters.
_ENCODINGS = (
    _Encoding(lambda t: "\\" in t.text, regex.compile(r'\\(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[nrtbf/"\'\\])'),
        _from_json),
    _Encoding(lambda t: "%" in t.text, regex.compile(r"(?:%[0-9A-Fa-f]{2})++"), lambda m: unquote(m, errors="replace")),
    _Encoding(lambda t: "&" in t.text and ";" in t.text,
              regex.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});"), html.unescape),
    _Encoding(lambda t: "=40" in t.text or "=2E" in t.text or "=3" in t.text, regex.compile(r"(?:=[0-9A-F]{2})++"),
              _from_quoted_printable),
    _Encoding(lambda t: t.digits >= 36 and sum(map(t.outline.count, (b"99 ", b"99,", b"99;"))) >= 8,
              regex.compile(r"(?<!\d)(?:(?:3[2-9]|[4-9]\d|1[01]\d|12[0-6])[ ,;]{1,2}){8,}+\d{2,3}"),
              _from_code_points),
    _Encoding(lambda t: t.digits >= 40 and b"99999999" in t.outline,
              regex.compile(r"(?<![01])(?:[01]{8}\s?){5,4000}+"), _from_binary),
    _Encoding(lambda t: t.digits >= 8 and (t.longest >= 14 or _PAIRS.search(t.outline) is not None),
              regex.compile(r"(?<![0-9A-Za-z])(?:0x)?(?:[0-9A-Fa-f]{14,}+|(?:[0-9A-Fa-f]{2}[ :,-]){7,}+"
                            r"(?:[0-9A-Fa-f]{2})?+)"), _from_hex),
    _Encoding(lambda t: t.longest >= 16, regex.compile(r"(?<![A-Za-z0-9])[A-Z2-7]{16,}+={0,6}"), _from_base32),
    _Encoding(lambda t: t.longest >= 60,
        regex.compile(r"(?:[A-Za-z0-9+/]{60,80}\r?\n){1,4000}+[A-Za-z0-9+/]{1,80}={0,2}"),
              _from_base64),
    _Encoding(lambda t: t.longest >= 14, regex.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/_-]{14,}+={0,2}"), _from_base64),
)  # fmt: skip


def edits(traits: Traits, clock: Clock) -> list[Edit]:
    """What decoding one level would change: sorted, without overlaps. Linear in its length."""
    found = sorted(_found(traits, clock))
    kept: list[Edit] = []
    for edit in found:
        if not kept or edit[0] >= kept[-1][1]:
            kept.append(edit)
    return kept


def _found(traits: Traits, clock: Clock) -> Iterator[Edit]:
    for encoding in _ENCODINGS:
        if not encoding.gate(traits):
            continue
        for match in encoding.pattern.finditer(traits.text, timeout=clock.step()):
            decoded = encoding.decode(match[0])
            if decoded and decoded != match[0]:
                yield match.start(), match.end(), decoded
