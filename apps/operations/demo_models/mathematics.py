"""Arithmetic for demo answers: exact, bounded, without `eval`."""

import ast
import operator
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Final

_EXPRESSION: Final = re.compile(r"[\d(][\d\s.,()+*/×·÷^-]*[\d)]")
_PERCENT: Final = re.compile(
    r"(\d+(?:[.,]\d+)?)\s*(?:%|percent|prozent)\s*(?:of|von)\s*(\d+(?:[.,]\d+)?)", re.IGNORECASE
)
_OPERATIONS: Final[dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
MAX_LENGTH: Final = 100
MAX_EXPONENT: Final = 64


def solve(text: str) -> tuple[str, str] | None:
    """(expression, result) of the first piece of arithmetic in a text, or None."""
    if percent := _PERCENT.search(text):
        share, whole = (Fraction(part.replace(",", ".")) for part in percent.groups())
        return f"{percent[1]} % × {percent[2]}", _shown(share * whole / 100)
    for found in _EXPRESSION.finditer(text[:2000]):
        written = found[0].strip()
        if len(written) <= MAX_LENGTH and re.search(r"\d\s*[-+*/×·÷^]", written):
            value = _value(written)
            if value is not None:
                return written, _shown(value)
    return None


def _value(written: str) -> Fraction | None:
    spelled = re.sub(r"[×·]", "*", written).replace("÷", "/").replace("^", "**").replace(",", ".")
    try:
        return _evaluated(ast.parse(spelled, mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError):
        return None


def _evaluated(node: ast.expr) -> Fraction:
    match node:
        case ast.Constant(value=int() | float() as number):
            return Fraction(str(number))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_evaluated(operand)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            exponent = _evaluated(right)
            if exponent.denominator != 1 or not 0 <= exponent <= MAX_EXPONENT:
                raise ValueError("exponent out of range")
            return _evaluated(left) ** int(exponent)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            return _OPERATIONS[type(op)](_evaluated(left), _evaluated(right))
    raise ValueError("no arithmetic")


def _shown(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    return f"{float(value):.6g}"
