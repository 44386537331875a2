"""How journeys talk to a real server: as a program over the developer API, as a browser over REST and the socket."""

import asyncio
import itertools
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any, Self
from uuid import uuid4

import httpx
import websockets

from tests.support.server import RealServer
from tests.support.world import PASSWORD, Company

Frame = dict[str, Any]
Message = dict[str, Any]


def user(text: str, **rest: Any) -> Message:
    return {"role": "user", "content": text, **rest}


_accounts = itertools.count(37_040_044_053_201_300)


def iban() -> str:
    """A valid German IBAN that no other test uses."""
    account = f"{next(_accounts):018d}"
    return f"DE{98 - int(account + '131400') % 97:02d}{account}"


class Api:
    """A program with an API key, speaking OpenAI's protocol by hand."""

    def __init__(self, server: RealServer, key: str) -> None:
        self.client = httpx.AsyncClient(
            base_url=server.url,
            headers={"Authorization": f"Bearer {key}"},
            timeout=30,
            limits=httpx.Limits(max_connections=None, keepalive_expiry=2),  # before the server closes it
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()

    async def ask(self, *messages: Message | str, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:
        """One chat completion, whole unless `stream` is set; read to its end either way."""
        said = [user(message) if isinstance(message, str) else message for message in messages]
        request = {"model": "auto", "messages": said, **body}
        return await self.client.post("/v1/chat/completions", json=request, headers=headers)

    async def record(self, turn: str) -> dict[str, Any]:
        """The decision record of a turn."""
        answer = await self.client.get(f"/api/v1/turns/{turn}/")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def events(answer: httpx.Response) -> list[dict[str, Any]]:
    """The chunks of a streamed answer; `[DONE]` is told by `is_done`."""
    lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


def is_done(answer: httpx.Response) -> bool:
    return answer.text.endswith("data: [DONE]\n\n")


def streamed_text(answer: httpx.Response) -> str:
    choices = [choice for event in events(answer) for choice in event.get("choices", ())]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


def code(answer: httpx.Response) -> str:
    """The stable code of an error in OpenAI's form."""
    return str(answer.json()["error"]["code"])


class Browser:
    """Somebody who signs in with a password and holds the cookies."""

    def __init__(self, server: RealServer, company: Company, who: str = "erin") -> None:
        self.http = httpx.Client(base_url=server.url, timeout=30, headers={"Origin": server.url})
        address = f"/accounts/{company.slug}/login/"
        self.http.get(address)
        form = {
            "login": company.email(who),
            "password": PASSWORD,
            "csrfmiddlewaretoken": self.http.cookies["csrftoken"],
        }
        answer = self.http.post(address, data=form)
        assert answer.status_code == 302, answer.text[:500]

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())

    def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """A change as the page makes it, with the CSRF token."""
        return self.http.request(method, path, json=body, headers={"X-CSRFToken": self.http.cookies["csrftoken"]})

    def sign_out(self) -> None:
        token = {"csrfmiddlewaretoken": self.http.cookies["csrftoken"]}
        answer = self.http.post("/accounts/logout/", data=token)
        assert answer.status_code in {200, 302}, answer.text[:500]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()


class Socket:
    """One connection to the chat's websocket, signed in by key or by a browser's cookies."""

    def __init__(self, server: RealServer, *, key: str = "", browser: Browser | None = None) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        if browser is not None:
            headers = {"Cookie": browser.cookie}
        self._opening = websockets.connect(
            server.ws_url,
            additional_headers=headers,
            origin=websockets.Origin(server.url) if browser else None,
            max_size=None,
            max_queue=None,  # a test that does not read on is no slow reader
            proxy=None,
            close_timeout=1,
            compression=None,
        )

    async def __aenter__(self) -> Self:
        self.wire = await self._opening
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.wire.close()

    async def send(self, type: str, **fields: Any) -> None:  # noqa: A002 - the name on the wire
        await self.wire.send(json.dumps({"type": type, **fields}))

    async def next(self, timeout: float = 20) -> Frame:
        async with asyncio.timeout(timeout):
            frame: Frame = json.loads(await self.wire.recv())
        return frame

    async def until(self, *types: str, timeout: float = 20) -> list[Frame]:
        """Frames up to and with the first one of these types; other conversations' news is left out."""
        frames: list[Frame] = []
        async with asyncio.timeout(timeout):
            while not frames or frames[-1]["type"] not in types:
                frames.append(await self.next(timeout))
        return frames

    async def ask(self, text: str, **fields: Any) -> Frame:
        """Ask and return `accepted`."""
        await self.send("ask", **({"id": str(uuid4()), "text": text} | fields))
        return await self.accepted()

    async def accepted(self) -> Frame:
        frames = await self.until("accepted", "error")
        assert frames[-1]["type"] == "accepted", frames[-1]
        return frames[-1]

    async def answer(self, text: str, **fields: Any) -> tuple[Frame, list[Frame]]:
        """Ask and read to the end: `accepted`, and every frame after it."""
        accepted = await self.ask(text, **fields)
        return accepted, await self.until("completed", "failed")

    async def closed(self, timeout: float) -> int:
        """The code with which the server closes within so many seconds; frames before it are dropped.

        1006 where the connection broke before the code arrived, as it does for a client that is still sending.
        """
        async with asyncio.timeout(timeout):
            while True:
                try:
                    await self.wire.recv()
                except websockets.ConnectionClosed as closed:
                    return closed.rcvd.code if closed.rcvd else 1006


class Transcript:
    """The text that a client shows: deltas by their offset, a switch cuts it back. Holes and repeats are failures.

    A switch comes before text that precedes it: whoever missed both is owed that text, whatever its number.
    """

    def __init__(self, text: str = "", seq: int = 0) -> None:
        self.text, self.seq, self.owed = text, seq, 0

    def take(self, *frames: Frame) -> "Transcript":
        for frame in frames:
            is_owed = frame["type"] == "delta" and len(self.text) < self.owed
            if frame["type"] == "switched":
                self.text, self.owed = self.text[: frame["keeps"]], frame["keeps"]
            elif frame["type"] == "delta":
                assert frame["at"] == len(self.text), f"{frame['at']} after {len(self.text)} code points"
                self.text += frame["text"]
            if "seq" in frame:
                assert frame["seq"] > self.seq or is_owed, f"frame {frame['seq']} after {self.seq}"
                self.seq = max(self.seq, frame["seq"])
        return self


def of_type(frames: list[Frame], kind: str) -> list[Frame]:
    return [frame for frame in frames if frame["type"] == kind]


async def within(seconds: float, holds: Callable[[], bool | Awaitable[bool]]) -> float:
    """Wait until it holds; how long that took, in seconds. Fails when it takes longer."""
    began = time.monotonic()
    while True:
        found = holds()
        if found if isinstance(found, bool) else await found:
            return time.monotonic() - began
        assert time.monotonic() - began < seconds, f"it did not come true within {seconds} s"
        await asyncio.sleep(0.05)
