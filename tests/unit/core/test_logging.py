import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core import logging
from apps.domain.errors import InvalidRequest


def through(event: dict[str, Any], style: str = "json") -> str:
    for processor in (logging.hide_secrets, logging.bound_values, *logging.renderer(style)):
        event = processor(None, "info", event)
    return str(event)


def raised(error: Exception) -> Any:
    with pytest.raises(type(error)) as caught:
        raise error
    return caught._excinfo


class TestBoundValues:
    @given(st.text())
    def test_keeps_one_event_on_one_line_of_printable_text(self, text: str) -> None:
        line = through({"event": "x", "value": text}, "people")

        assert len(line.splitlines()) == 1
        line.encode()

    def test_cuts_a_long_value_and_says_how_long_it_was(self) -> None:
        written = json.loads(through({"event": "x", "value": "a" * 10_000}))["value"]

        assert len(written) < 600
        assert written.endswith("(10000 characters)")

    def test_leaves_numbers_alone(self) -> None:
        assert json.loads(through({"event": "x", "count": 3, "share": 0.5})) == {"event": "x", "count": 3, "share": 0.5}


class TestHideSecrets:
    def test_blanks_what_is_named_like_a_secret(self) -> None:
        for name in ("password", "api_key", "Authorization", "session_cookie", "METRICS_TOKEN"):
            assert "hunter2" not in through({"event": "x", name: "hunter2"})

    def test_keeps_counts_of_tokens(self) -> None:
        assert json.loads(through({"event": "x", "output_tokens": 12}))["output_tokens"] == 12


class TestTraceback:
    def test_withholds_a_message_that_may_quote_content(self) -> None:
        line = through({"event": "x", "exc_info": raised(ValueError("could not parse: my secret plan"))})

        assert "secret plan" not in line
        assert "ValueError" in line

    def test_withholds_it_in_causes_too(self) -> None:
        inner = ValueError("my secret plan")
        outer = InvalidRequest("The body is no valid JSON.")
        outer.__cause__ = inner

        line = through({"event": "x", "exc_info": raised(outer)})

        assert "secret plan" not in line
        assert "The body is no valid JSON." in line

    def test_says_where_it_rose(self) -> None:
        assert "test_logging.py" in through({"event": "x", "exc_info": raised(KeyError("x"))})
