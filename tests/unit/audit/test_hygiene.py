"""Only ids, whole numbers and short words reach the trail."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.audit import canonical, hygiene, kinds
from apps.audit.hygiene import UnfitForAudit
from apps.domain.catalogue import Hosting

SCALARS = st.none() | st.booleans() | st.text(max_size=20) | st.integers(-(1 << 63), (1 << 63) - 1)


class TestABody:
    def test_takes_ids_numbers_and_words(self) -> None:
        values = {
            "turn": UUID(int=7), "count": 3, "ok": True, "none": None, "hosting": Hosting.COMMERCIAL,
            "models": ("b", "a"), "types": frozenset({"b", "a"}), "at": datetime(2026, 11, 25, tzinfo=UTC),
            "entities": {"PERSON": 2},
        }  # fmt: skip

        assert hygiene.body(values) == (
            '{"at":"2026-11-25T00:00:00.000000Z","count":3,"entities":{"PERSON":2},"hosting":"commercial",'
            '"models":["b","a"],"none":null,"ok":true,"turn":"00000000-0000-0000-0000-000000000007","types":["a","b"]}'
        )

    @pytest.mark.parametrize(
        "value",
        [
            0.5, float("nan"), b"bytes", object(), 1 << 63, "x" * 201, ["x"] * 201, {"a": {"b": {"c": 1}}},
            {"a key with blanks": 1}, {"k" * 65: 1}, {1: 2},
        ],
    )  # fmt: skip
    def test_refuses_what_is_long_deep_or_foreign(self, value: Any) -> None:
        with pytest.raises(UnfitForAudit):
            hygiene.body({"key": value})

    def test_refuses_more_than_fits(self) -> None:
        with pytest.raises(UnfitForAudit):
            hygiene.body({f"k{number}": "x" * 200 for number in range(60)})

    @pytest.mark.parametrize("text", ["\x00", "a\nb", "\x1b[31m", "\x85", "\u202eevil", "\ud800", "\u2028", "\x7f"])
    def test_shows_what_does_not_print(self, text: str) -> None:
        shown = hygiene.body({"key": text})

        assert shown.isascii()
        assert json.loads(shown)["key"].startswith(("\\u", "a\\u"))

    @given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.text(max_size=30)))
    def test_is_always_one_printable_line(self, values: dict[str, str]) -> None:
        text = hygiene.body(values)

        assert text.isprintable()
        assert set(json.loads(text)) == set(values)

    @given(
        st.dictionaries(
            st.from_regex(r"[A-Za-z0-9_.:/-]{1,8}", fullmatch=True), SCALARS | st.lists(SCALARS, max_size=3)
        )
    )
    def test_has_the_published_canonical_form(self, values: dict[str, Any]) -> None:
        text = hygiene.body(values)

        assert text == canonical.render(json.loads(text))


class TestAnActor:
    @pytest.mark.parametrize("actor", ["system", "user:1", "key:42", "operator:7"])
    def test_is_a_kind_with_an_id(self, actor: str) -> None:
        assert hygiene.actor(actor) == actor

    @pytest.mark.parametrize(
        "actor", ["", "user", "user:", "user:0", "user:x", "erin@acme.example", "user:1\n", "root:1"]
    )
    def test_is_nothing_else(self, actor: str) -> None:
        with pytest.raises(UnfitForAudit):
            hygiene.actor(actor)


class TestASubject:
    def test_is_bounded_after_escaping(self) -> None:
        assert hygiene.subject("x" * 128) == "x" * 128
        with pytest.raises(UnfitForAudit):
            hygiene.subject("\x00" * 60)


class TestAKind:
    def test_is_published_with_a_sentence(self) -> None:
        assert all(
            name.count(".") == 1 and text.endswith(".") and len(name) <= 48 for name, text in kinds.KINDS.items()
        )

    def test_that_is_not_published_is_refused(self) -> None:
        with pytest.raises(kinds.UnknownKind):
            kinds.check("turn.imagined")
