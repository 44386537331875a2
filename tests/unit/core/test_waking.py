"""Wake-ups of the worker: nobody waits for one, none is lost, and there are not too many."""

import threading
import time

import pytest
from celery import Celery
from kombu.exceptions import OperationalError

from apps.core.waking import Waker
from tests.support.patience import BUSY


class Broker:
    """Counts what it gets; `gate` holds senders up, like a broker that hangs."""

    def __init__(self) -> None:
        self.at: list[float] = []
        self.gate = threading.Event()
        self.gate.set()
        self.error: Exception | None = None

    def send(self) -> None:
        self.at.append(time.monotonic())
        self.gate.wait(10)
        if self.error:
            raise self.error

    def got(self, count: int) -> bool:
        end = time.monotonic() + 5
        while len(self.at) < count and time.monotonic() < end:
            time.sleep(0.005)
        return len(self.at) == count


@pytest.fixture
def broker() -> Broker:
    return Broker()


class TestAWakeUp:
    def test_is_sent_once_for_many_that_come_together_and_once_more_for_the_later_ones(self, broker: Broker) -> None:
        waker = Waker(broker.send, every_s=0.2)
        waker.wake()
        assert broker.got(1)
        for _ in range(1000):
            waker.wake()

        assert broker.got(2)
        time.sleep(0.3)
        assert len(broker.at) == 2
        assert broker.at[1] - broker.at[0] >= 0.2

    def test_is_not_lost_when_it_comes_soon_after_another(self, broker: Broker) -> None:
        waker = Waker(broker.send, every_s=0.2)
        waker.wake()
        assert broker.got(1)
        time.sleep(0.05)
        waker.wake()

        assert broker.got(2)

    def test_keeps_nobody_waiting_for_a_broker_that_hangs(self, broker: Broker) -> None:
        waker = Waker(broker.send, every_s=0.01)
        broker.gate.clear()
        waker.wake()
        assert broker.got(1)
        began = time.monotonic()
        for _ in range(1000):
            waker.wake()
        took = time.monotonic() - began

        assert took < BUSY * 0.2
        broker.gate.set()
        assert broker.got(2)

    @pytest.mark.parametrize("error", [OperationalError("away"), ConnectionRefusedError()])
    def test_is_sent_again_after_a_broker_was_away(self, broker: Broker, error: Exception) -> None:
        waker = Waker(broker.send, every_s=0.05)
        broker.error = error
        waker.wake()
        assert broker.got(1)
        broker.error = None
        time.sleep(0.2)
        waker.wake()

        assert broker.got(2)

    def test_leaves_no_thread_behind(self, broker: Broker) -> None:
        waker = Waker(broker.send, every_s=0.01)
        waker.wake()
        assert broker.got(1)
        end = time.monotonic() + 5
        while any(thread.name == "openroute-waker" for thread in threading.enumerate()) and time.monotonic() < end:
            time.sleep(0.01)

        assert waker._thread is None


class TestTheEndOfAProgram:
    def test_waits_a_moment_for_what_was_asked_for(self, broker: Broker) -> None:
        waker = Waker(broker.send)
        broker.gate.clear()
        waker.wake()
        threading.Timer(0.1, broker.gate.set).start()
        began = time.monotonic()
        waker.last_chance()

        assert 0.05 < time.monotonic() - began < 0.9

    def test_waits_no_longer_than_that(self, broker: Broker) -> None:
        waker = Waker(broker.send)
        broker.gate.clear()
        waker.wake()
        began = time.monotonic()
        waker.last_chance()
        broker.gate.set()

        assert time.monotonic() - began < BUSY * 1.5

    def test_does_not_wait_where_nothing_was_asked_for(self, broker: Broker) -> None:
        began = time.monotonic()
        Waker(broker.send).last_chance()

        assert time.monotonic() - began < BUSY * 0.1


class TestABrokerThatIsDead:
    def test_is_given_up_on_by_the_sender_of_the_real_client(self) -> None:
        app = Celery("test", broker="redis://127.0.0.1:1/0", set_as_current=False)
        app.conf.update(task_publish_retry=False, broker_transport_options={"socket_connect_timeout": 1})
        failed = threading.Event()

        def send() -> None:
            try:
                app.send_task("anything")
            except OperationalError:
                failed.set()
                raise

        Waker(send).wake()

        assert failed.wait(15)
