"""Wake-ups from a thread of their own: a broker that is away takes seconds to fail, and nobody waits for them."""

import threading
from collections.abc import Callable
from typing import Final

import structlog
from kombu.exceptions import KombuError

log = structlog.get_logger(__name__)

EVERY_S: Final = 1.0
LAST_CHANCE_S: Final = 1.0


class Waker:
    """Calls `send` soon after each `wake`, at most once in `every_s` seconds, and never for nothing.

    A wake-up that is asked for while another is under way, or came too soon after it, is sent when the time is over, so
    that none is lost. The thread lives only while there is something to send.
    """

    def __init__(self, send: Callable[[], object], *, every_s: float = EVERY_S) -> None:
        self._send = send
        self._every_s = every_s
        self._lock = threading.Lock()
        self._is_asked = False
        self._thread: threading.Thread | None = None
        self._has_sent = threading.Event()

    def wake(self) -> None:
        """Never waits and never fails. Callable from any thread."""
        with self._lock:
            self._is_asked = True
            if self._thread is None or not self._thread.is_alive():  # a child after fork has none, whoever ran it
                self._has_sent.clear()
                self._thread = threading.Thread(target=self._run, name="openroute-waker", daemon=True)
                self._thread.start()

    def last_chance(self) -> None:
        """A program that ends waits so long for what it has asked for; what is lost costs a few seconds (beat)."""
        if self._thread is not None and self._thread.is_alive():
            self._has_sent.wait(LAST_CHANCE_S)

    def _run(self) -> None:
        pause = threading.Event()
        while self._take():
            try:
                self._send()
            except (KombuError, OSError) as error:
                log.warning("jobs.broker_away", error=type(error).__name__)
            self._has_sent.set()
            pause.wait(self._every_s)

    def _take(self) -> bool:
        with self._lock:
            is_asked, self._is_asked = self._is_asked, False
            if not is_asked:
                self._thread = None
            return is_asked
