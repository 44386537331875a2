"""Sentences for people that a machine can tell as well: their words in English, with a stable code and parameters.

A page in another language builds its own sentence from `code` and `params`; whoever does not care reads the text.
"""

from collections.abc import Mapping
from typing import Any, Self


class Sentence(str):
    """Text with what it says. Parts that are cut out of it are plain text again."""

    code: str
    params: Mapping[str, Any]

    def __new__(cls, text: str, code: str, params: Mapping[str, Any]) -> Self:
        made = super().__new__(cls, text)
        made.code, made.params = code, params
        return made


def say(code: str, template: str, /, **params: Any) -> Sentence:
    """The sentence: `template` with its `{names}` filled in from `params`, which are values of JSON.

    Amounts are micro-dollars, chances are hundredths. What only other languages need stands in no template.
    """
    return Sentence(template.format(**params), code, params)


def said(text: str) -> dict[str, Any] | None:
    """`{"code", "params"}` of a sentence as JSON shows it; None for text that nobody gave a code."""
    return {"code": text.code, "params": dict(text.params)} if isinstance(text, Sentence) else None
