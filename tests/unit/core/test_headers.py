import pytest

from apps.core import headers
from apps.core.headers import Message


class TestRequestId:
    def test_takes_over_a_harmless_one(self) -> None:
        assert headers.request_id({"headers": [(b"x-request-id", b"proxy-0123456789")]}) == "proxy-0123456789"

    @pytest.mark.parametrize("given", [b"", b"short", b"a" * 65, b"line\nbreak-12345", b"umlaut-\xc3\xa4-12345"])
    def test_makes_its_own_instead_of_any_other(self, given: bytes) -> None:
        made = headers.request_id({"headers": [(b"x-request-id", given)]})

        assert len(made) == 32
        assert made.encode() != given


class TestAdding:
    async def test_keeps_what_the_application_has_set(self) -> None:
        sent: list[Message] = []

        async def keep(message: Message) -> None:
            sent.append(message)

        send = headers.adding(keep, headers.DATA_HEADERS)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"Cache-Control", b"max-age=60")]})
        await send({"type": "http.response.body", "body": b"x"})

        names = [name.lower() for name, _ in sent[0]["headers"]]
        assert names.count(b"cache-control") == 1
        assert (b"x-content-type-options", b"nosniff") in sent[0]["headers"]
        assert sent[1] == {"type": "http.response.body", "body": b"x"}
