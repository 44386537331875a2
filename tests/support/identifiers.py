"""Generated identifiers, sentences round them, and ways in which people hide them from a detector."""

import base64
import html
from collections.abc import Callable
from urllib.parse import quote

from hypothesis import strategies as st

from apps.privacy.detection.recognizers._checksums import iban, luhn

DIGITS = "0123456789"


def _with_luhn(body: str) -> str:
    return next(body + digit for digit in DIGITS if luhn(body + digit))


def _with_iban_check(country: str, account: str) -> str:
    return next(f"{country}{n:02d}{account}" for n in range(2, 99) if iban(f"{country}{n:02d}{account}"))


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text(DIGITS, min_size=count, max_size=count)


CARDS = st.builds(lambda head, tail: _with_luhn(head + tail), st.sampled_from(("4111", "5425", "4929")), digits(11))
IBANS = st.builds(_with_iban_check, st.just("DE"), digits(18))
SSNS = st.builds(
    lambda area, group, serial: f"{area:03d}-{group:02d}-{serial:04d}",
    st.integers(100, 650),
    st.integers(1, 99),
    st.integers(1, 9999),
)
MAILS = st.builds(
    lambda first, last, domain, ending: f"{first}.{last}@{domain}.{ending}",
    st.sampled_from(("jonas", "amira", "li", "petra", "tomas")),
    st.sampled_from(("weber", "haddad", "chen", "novak", "silva")),
    st.sampled_from(("nordwind", "acme-works", "blue7", "fabrik")),
    st.sampled_from(("com", "de", "org", "co.uk", "io")),
)
SENTENCES = st.sampled_from(
    (
        "please check {} before noon",
        "{}",
        "Bitte prüfen: {} - danke",
        '{{"value": "{}"}}',
        "| a | {} | b |",
        "Résumé des données: {}\nMerci.",
        "the record says ({}) and nothing else",
    )
)

Evasion = Callable[[str], str]


def _grouped(separator: str) -> Evasion:
    return lambda number: separator.join(number[i : i + 4] for i in range(0, len(number), 4))


NUMBER_EVASIONS: dict[str, Evasion] = {
    "plain": str,
    "spaces": _grouped(" "),
    "dashes": _grouped("-"),
    "dots": _grouped("."),
    "long dashes": _grouped("–"),
    "no-break spaces": _grouped("\u00a0"),
    "digit by digit": " ".join,
    "zero width": "\u200b".join,
    "full width": lambda number: "".join(chr(ord(c) + 0xFEE0) for c in number),
    "Arabic digits": lambda number: "".join(chr(0x660 + int(c)) if c.isdigit() else c for c in number),
    "struck through": lambda number: "".join(c + "\u0336" for c in number),
    "percent": lambda number: "".join(f"%{ord(c):02x}" for c in number),
    "entities": lambda number: "".join(f"&#{ord(c)};" for c in number),
    "base64": lambda number: base64.b64encode(number.encode()).decode(),
    "base64 twice": lambda number: base64.b64encode(base64.b64encode(number.encode())).decode(),
    "hexadecimal": lambda number: number.encode().hex(),
    "JSON escapes": lambda number: "".join(f"\\u{ord(c):04x}" for c in number),
}
MAIL_EVASIONS: dict[str, Evasion] = {
    "plain": str,
    "(at)": lambda mail: mail.replace("@", " (at) "),
    "[at] and [dot]": lambda mail: mail.replace("@", "[at]").replace(".", "[dot]"),
    "spoken": lambda mail: mail.replace("@", " at ").replace(".", " dot "),
    "spaced": lambda mail: mail.replace("@", " @ ").replace(".", " . "),
    "zero width": "\u2060".join,
    "soft hyphens": "\u00ad".join,
    "look-alikes": lambda mail: mail.replace("e", "е").replace("o", "о"),
    "percent": lambda mail: quote(mail, safe=""),
    "entities": lambda mail: html.escape(mail).replace("@", "&#64;").replace(".", "&#46;"),
    "base64": lambda mail: base64.b64encode(mail.encode()).decode(),
    "hexadecimal": lambda mail: mail.encode().hex(),
}
