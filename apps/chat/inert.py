"""Makes text that people and models wrote safe to stand in a Markdown file (promise P23). Pure.

Whatever opens the file must load nothing by itself: pictures become links and HTML becomes text. Code keeps its
characters, where it is code for every reader beyond doubt.
"""

import re
from collections.abc import Iterator
from typing import Final

_FENCE: Final = re.compile(r"(`{3,}|~{3,})(.*)", re.DOTALL)
_HIDDEN_FENCE: Final = re.compile(r"^[\s>*+\-0-9.)]+(?:```|~~~)", re.MULTILINE)
_LIVE: Final = re.compile(r"!(?=\[)|<(?=[A-Za-z/!?])")


def has_clear_code(written: str) -> bool:
    """Whether readers agree where its blocks of code end; of one in a list, in a quotation or indented they do not."""
    return _HIDDEN_FENCE.search(written) is None


def text(written: str, *, keeps_code: bool) -> str:
    """The text without anything that acts by itself. A block of code that is not closed is closed at its end.

    `keeps_code`: code stays as it is. Only where this text and all before it in the file have clear code.
    """
    lines = re.split(r"\r\n?|\n", written)
    return "\n".join(_outside_code(lines) if keeps_code else map(_plain, lines))


def line(written: str) -> str:
    """One line of text in which nothing means anything to Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>()#|~!])", r"\\\1", " ".join(written.split()))


def _plain(text: str) -> str:
    return _LIVE.sub(lambda found: "\\" + found[0], text)


def _outside_code(lines: list[str]) -> Iterator[str]:
    fence = ""
    for each in lines:
        found = _FENCE.match(each)
        if fence:
            yield each
            if found and found[1].startswith(fence) and not found[2].strip():
                fence = ""
        elif found and not ("`" in found[1] and "`" in found[2]):
            fence = found[1]
            yield each
        else:
            yield _plain(each)
    if fence:
        yield fence
