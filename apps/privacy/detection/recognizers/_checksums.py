"""Check digits. Every function takes digits (or upper-case letters and digits) without separators."""

from collections.abc import Sequence

_LUHN_DOUBLE = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_VERHOEFF_D = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 3, 4, 0, 6, 7, 8, 9, 5), (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7), (4, 0, 1, 2, 3, 9, 5, 6, 7, 8), (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2), (7, 6, 5, 9, 8, 2, 1, 0, 4, 3), (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)  # fmt: skip
_VERHOEFF_P = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 5, 7, 6, 2, 8, 3, 0, 9, 4), (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7), (9, 4, 5, 3, 1, 2, 6, 8, 7, 0), (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5), (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)  # fmt: skip


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B: payment cards, Canadian SIN, Swedish and South African identity numbers."""
    odd = sum(map(int, digits[-1::-2]))
    return (odd + sum(_LUHN_DOUBLE[int(d)] for d in digits[-2::-2])) % 10 == 0


def verhoeff(digits: str) -> bool:
    """J. Verhoeff, 1969: Aadhaar."""
    state = 0
    for at, digit in enumerate(reversed(digits)):
        state = _VERHOEFF_D[state][_VERHOEFF_P[at % 8][int(digit)]]
    return state == 0


def weighted(digits: str, weights: Sequence[int]) -> int:
    """The sum of digits times weights; the shorter one decides how far."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def mod97(code: str) -> int:
    """ISO 7064 MOD 97-10 of letters and digits (A = 10 ... Z = 35): an IBAN is valid when this is 1."""
    return int("".join(str(int(c, 36)) for c in code)) % 97


def iban(code: str) -> bool:
    """ISO 13616: country and check digits moved to the end leave 1."""
    return mod97(code[4:] + code[:4]) == 1


def mod11_10(digits: str) -> bool:
    """ISO 7064 MOD 11,10: German tax identifier, Croatian OIB."""
    product = 10
    for digit in digits[:-1]:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == int(digits[-1])
