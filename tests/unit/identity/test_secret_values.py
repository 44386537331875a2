"""Keys of the API and of sessions."""

import pytest

from apps.identity import secret_values


class TestNewKey:
    def test_has_the_published_form(self) -> None:
        value = secret_values.new_key()

        assert value.startswith("or-")
        assert len(value) == 3 + 43
        assert secret_values.is_key(value)

    def test_is_another_one_each_time(self) -> None:
        assert len({secret_values.new_key() for _ in range(100)}) == 100


class TestIsKey:
    @pytest.mark.parametrize(
        "value", ["", "or-", "or-short", "sk-" + "a" * 43, "or-" + "a" * 16 + "\n", "or-äöüäöüäöüäöüäöü"]
    )
    def test_refuses_what_cannot_be_one(self, value: str) -> None:
        assert not secret_values.is_key(value)


class TestHashes:
    def test_of_keys_and_sessions_cannot_be_compared(self) -> None:
        assert secret_values.hash_key("same") != secret_values.hash_session("same")
