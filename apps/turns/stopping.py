"""How a running answer is stopped from outside: a signal that cancels the task that streams, and says that it did."""

import asyncio


class StopSignal:
    """One per turn. `request` may come at any time; it takes effect once the answer streams."""

    def __init__(self) -> None:
        self._task: asyncio.Task[object] | None = None
        self.requested = False

    def request(self) -> None:
        """Stop the answer as soon as it can be stopped. A second request changes nothing."""
        if self.requested:
            return
        self.requested = True
        if self._task is not None:
            self._task.cancel()

    def arm(self) -> None:
        """From here on a request interrupts this task. Raises `CancelledError` when one came before."""
        self._task = asyncio.current_task()
        if self.requested:
            assert self._task is not None
            self._task.cancel()

    def disarm(self) -> bool:
        """The answer ends; True when it was stopped by a request, whose cancellation is then taken back."""
        task, self._task = self._task, None
        if task is None or not self.requested:
            return False
        return task.uncancel() == 0
