"""What happened, and what was acknowledged to whom."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

LAST: Final = 60


@dataclass
class Promise:
    """One question of the chat that was accepted. `ended` is the type of the frame that ended it, `text` its answer."""

    who: str
    text: str
    question: str
    ended: str = ""
    answer: str = ""


@dataclass
class Diary:
    """Acts in order, figures, promises, and what went wrong at once."""

    began: float = field(default_factory=time.monotonic)
    acts: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    chats: dict[str, Promise] = field(default_factory=dict)
    """By turn."""
    answered: set[str] = field(default_factory=set)
    """Turns of the developer API whose whole answer was received."""
    wrongs: list[str] = field(default_factory=list)

    def note(self, who: str, act: str, what: str = "") -> None:
        self.counts[act] += 1
        self.acts.append(f"{time.monotonic() - self.began:7.2f} {who}: {act} {what}".rstrip())

    def wrong(self, who: str, what: str) -> None:
        self.note(who, "WRONG", what)
        self.wrongs.append(f"{who}: {what}")

    def told(self, about: str = "") -> str:
        """The acts that concern a turn which `about` names, and the last ones, one a line."""
        turns = {turn for turn in (*self.chats, *self.answered) if turn in about}
        concerned = [act for act in self.acts[:-LAST] if any(turn in act for turn in turns)]
        return "\n".join([*concerned, "...", *self.acts[-LAST:]])
