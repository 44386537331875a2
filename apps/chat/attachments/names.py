"""Names of files, as they may be kept and shown: one line, no path, nothing invisible, of bounded length. Pure."""

import re
import unicodedata
from pathlib import PurePosixPath
from typing import Final

from apps.chat.attachments.limits import MAX_NAME_CHARACTERS

UNNAMED: Final = "file"
_FORBIDDEN: Final = re.compile(r'["<>|?*`]')
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
MAX_SUFFIX: Final = 16


def safe(name: str) -> str:
    """The name without folders, quotes, control and format characters; of a long one the ending stays."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(" " if unicodedata.category(char) in _INVISIBLE else char for char in last)
    words = " ".join(_FORBIDDEN.sub("_", visible).split()).strip(". ") or UNNAMED
    if len(words) <= MAX_NAME_CHARACTERS:
        return words
    ending = PurePosixPath(words).suffix[:MAX_SUFFIX]
    return words[: MAX_NAME_CHARACTERS - len(ending) - 1].rstrip(". ") + "…" + ending


def suffix(name: str) -> str:
    """The ending of a name in lower case without its dot, or nothing."""
    return PurePosixPath(name.lower()).suffix.removeprefix(".")
