"""Payment cards: 12 to 19 digits, a known issuer range for their length, Luhn; in any grouping that people use."""

from collections.abc import Iterator

from apps.privacy.detection.artifacts import Artifacts
from apps.privacy.detection.numbers import Number
from apps.privacy.detection.recognizers._base import Hit, Scanner
from apps.privacy.detection.recognizers._checksums import luhn
from apps.privacy.detection.traits import Traits

EXAMPLES = (
    ("pay with 4111 1111 1111 1111 today", "4111 1111 1111 1111"),
    ("card 4111-1111-1111-1111", "4111-1111-1111-1111"),
    ("amex 3782 822463 10005.", "3782 822463 10005"),
    ("378282246310005", "378282246310005"),
    ("card number 4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 please", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"),
    ("old one 4111_1111_1111_1111 new one 5555.5555.5555.4444", "5555.5555.5555.4444"),
    ("4111\n1111\n1111\n1111 is the company card", "4111\n1111\n1111\n1111"),
    ("the card is 4222222222222", "4222222222222"),
    ("maestro 6759649826438453", "6759649826438453"),
)
NON_EXAMPLES = (
    "pi is 3.14159265358979323846",
    "4111 1111 1111 1112 fails its check digit",
    "the first primes are 2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31",
    "order 1234567812345678 was shipped",
    "5 10 15 20 25 30 35 40 45",
    "2021-01-15 2022-02-16 2023-03-17",
)

# Issuer ranges by ISO/IEC 7812: prefixes of one length, the lengths of card numbers, and how specific the range is.
_RANGES: tuple[tuple[int, int, tuple[int, ...]], ...] = (
    (4, 4, (13, 16, 19)), (51, 55, (16,)), (2221, 2720, (16,)), (34, 34, (15,)), (37, 37, (15,)),
    (300, 305, (14, 16)), (309, 309, (14, 16)), (36, 36, (14, 16)), (38, 39, (14, 16)),
    (3528, 3589, (16, 17, 18, 19)), (2131, 2131, (15,)), (1800, 1800, (15,)),
    (6011, 6011, (16, 19)), (644, 649, (16, 19)), (65, 65, (16, 19)), (62, 62, (16, 17, 18, 19)), (81, 81, (16, 17,
    18, 19)),
    (2200, 2204, (16, 17, 18, 19)), (9792, 9792, (16,)),
)  # fmt: skip
_MAESTRO = ("50", "56", "57", "58", "59", "60", "61", "63", "64", "66", "67", "68", "69")
_GROUPINGS = frozenset({(4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (4, 4, 5), (4, 4, 4, 1), (4, 4, 4), (8,
8), (6, 4, 4, 1),
                        (4, 4, 4, 2), (4, 4, 4, 3), (4, 12), (6, 10), (6, 6, 4), (6, 13), (2, 4, 4, 4, 2)})  # fmt: skip
_BACKWARDS = ("backward", "revers", "rückwärts", "umgekehrt", "envers", "al revés", "contrario")
_CLEAR, _UNSURE = 0.95, 0.3


class CreditCard(Scanner):
    """Issuer and Luhn make a card certain; an unknown issuer, or a Maestro length, wants a word beside it."""

    entities = ("CREDIT_CARD",)
    context_words = (
        "card", "cards", "visa", "mastercard", "amex", "maestro", "credit", "debit", "kreditkart", "karte", "carte",
        "tarjeta",
        "carta di", "cartão", "discover", "diners", "jcb", "payment", "zahlung", "paiement",
    )  # fmt: skip

    def gate(self, traits: Traits) -> bool:
        return traits.digits >= 12

    def scan(self, text: str, facts: Artifacts) -> Iterator[Hit]:
        reversed_too = facts.traits.mentions(*_BACKWARDS)
        for number in facts.numbers:
            if len(number.digits) >= 12:
                yield from _cards(number)
                if reversed_too and len(number.digits) <= 19 and _score(number.digits[::-1]):
                    yield Hit("CREDIT_CARD", number.spans[0][0], number.end, _CLEAR)


def _cards(number: Number) -> Iterator[Hit]:
    if len(number.digits) <= 19 and _same_separators(number):
        score = _score(number.digits)
        if score:
            yield Hit("CREDIT_CARD", number.spans[0][0], number.end, score)
            return
    groups = number.groups
    if set(groups) == {1} and len(groups) <= 19 and _score(number.digits):
        yield Hit("CREDIT_CARD", number.spans[0][0], number.spans[-1][1], _UNSURE)  # a list of digits, or a hidden card
        return
    first = 0
    while first < len(groups):
        last = _window(number, groups, first)
        if last >= 0:
            start, end = number.spans[first][0], number.spans[last][1]
            yield Hit("CREDIT_CARD", start, end, _score(number.part(first, last).digits))
            first = last
        first += 1


def _window(number: Number, groups: tuple[int, ...], first: int) -> int:
    """Index of the last group of a card that begins at group `first`, in a grouping that cards have; else -1."""
    for last in range(first, min(len(groups), first + 5)):
        shape = groups[first : last + 1]
        if (shape in _GROUPINGS or (len(shape) == 1 and 12 <= shape[0] <= 19)) and _score(
            number.part(first, last).digits
        ):
            return last
    return -1


def _same_separators(number: Number) -> bool:
    """ "4 1 1 1 ..." is one number, "3, 5, 7, 11" and "3.14, 2.71" are several."""
    between = {
        number.text[a[1] - number.start : b[0] - number.start]
        for a, b in zip(number.spans, number.spans[1:], strict=False)
    }
    return len(between) <= 1 and not any("," in gap for gap in between)


def _score(digits: str) -> float:
    if len(set(digits)) == 1 or not luhn(digits):
        return 0.0
    for low, high, lengths in _RANGES:
        if len(digits) in lengths and low <= int(digits[: len(str(low))]) <= high:
            return _CLEAR
    return _UNSURE if len(digits) in (15, 16) or digits.startswith(_MAESTRO) else 0.0


PLUGIN = CreditCard()
