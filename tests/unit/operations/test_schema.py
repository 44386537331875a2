"""The grammar: every mistake by its path, all of them at once, and never a secret."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.domain.limits import RateLimits
from apps.operations.config import load, schema
from apps.operations.config.document import BudgetEntry, Configuration, SeatEntry
from apps.operations.config.errors import InvalidConfiguration
from apps.operations.config.shape import UNSET

EXAMPLE = Path(__file__).parents[3] / "docker" / "openroute.example.yaml"
ENVIRONMENT = {
    "OPENAI_API_KEY": "sk-very-secret",
    "RESEARCH_KEY": "or-0123456789abcdef",
    "INITIAL_PASSWORD": "very secret too",
}


def validate(text: str, environment: dict[str, str] | None = None) -> Configuration:
    return schema.validate(load.parse(text.encode()), (environment or {}).get)


def problems(text: str, environment: dict[str, str] | None = None) -> dict[str, str]:
    with pytest.raises(InvalidConfiguration) as refusal:
        validate(text, environment)
    return {problem.path: problem.message for problem in refusal.value.problems}


class TestTheExample:
    @pytest.fixture
    def example(self) -> Configuration:
        return schema.validate(load.read(EXAMPLE), ENVIRONMENT.get)

    def test_is_valid(self, example: Configuration) -> None:
        assert [provider.name for provider in example.providers] == ["openai", "house"]
        assert [tenant.slug for tenant in example.tenants] == ["acme"]

    def test_has_exact_money(self, example: Configuration) -> None:
        price = example.models[0].price
        assert price is not None
        assert (price["input"], price["cached_input"], price["tiers"][0]["output"]) == ("0.25", "0.025", "3")
        assert example.tenants[0].budgets == (BudgetEntry("month", 5_000_000_000, None),)

    def test_has_secrets_from_the_environment(self, example: Configuration) -> None:
        research = example.tenants[0].teams[0]
        assert example.providers[0].api_key == "sk-very-secret"
        assert research.api_keys[0].value == "or-0123456789abcdef"

    def test_shows_no_secret_when_it_is_printed(self, example: Configuration) -> None:
        assert not any(secret in repr(example) for secret in ENVIRONMENT.values())

    def test_tells_what_is_left_out_from_what_is_null(self, example: Configuration) -> None:
        acme = example.tenants[0]
        assert acme.models is None
        assert acme.teams[1].models is UNSET
        assert acme.users[1].password is UNSET

    def test_reads_seats_in_both_forms(self, example: Configuration) -> None:
        assert example.tenants[0].users[0].teams == (SeatEntry("research", True), SeatEntry("interns", False))
        assert example.tenants[0].users[2].rate_limits == RateLimits(30, None)

    def test_keeps_off_a_word(self, example: Configuration) -> None:
        policy: Any = example.tenants[0].policy
        assert policy["sensitivity"]["channels"] == {"api": {"person": "off"}}


class TestProblems:
    def test_are_all_told_at_once(self) -> None:
        found = problems("""
            providers: [{name: a b, adapter: openai, base_url: ftp://x}]
            models: [{name: m, provider: p, upstream: u, context_tokens: 0, max_output_tokens: 1.5}]
            tenants: [{slug: Acme, timezone: Berlin, budgets: [{period: monthly, limit: much}]}]
        """)

        assert found.keys() == {
            "providers[0].name", "providers[0].base_url", "models[0].context_tokens", "models[0].max_output_tokens",
            "tenants[0].slug", "tenants[0].timezone", "tenants[0].budgets[0].period", "tenants[0].budgets[0].limit",
        }  # fmt: skip

    def test_name_a_key_that_was_probably_meant(self) -> None:
        assert problems("tenants: [{slug: a, budgest: []}]") == {
            "tenants[0].budgest": "there is no key 'budgest'; did you mean 'budgets'?"
        }

    def test_name_a_word_that_was_probably_meant(self) -> None:
        found = problems("tenants: [{slug: a, users: [{email: a@b.example, role: compliance_oficer}]}]")

        assert "did you mean 'compliance_officer'?" in found["tenants[0].users[0].role"]

    @pytest.mark.parametrize(
        ("limit", "words"),
        [
            ("-1", "must be a number"), ('"1,000"', "must be a number"), ("1e3", "must be a number"),
            ("0.0000001", "at most 6 decimal places"), ("2000000000", "must lie between"), ("true", "must be a number"),
            ("[1]", "must be a number"), ("", "must be a number"), (".inf", "must be a number"),
        ],
    )  # fmt: skip
    def test_name_what_is_no_money(self, limit: str, words: str) -> None:
        text = f"tenants: [{{slug: a, teams: [{{slug: b, budgets: [{{period: day, limit: {limit}}}]}}]}}]"

        assert words in problems(text)["tenants[0].teams[0].budgets[0].limit"]

    def test_name_what_stands_twice(self) -> None:
        found = problems("""
            models: []
            tenants:
            - slug: a
              budgets: [{period: day, limit: 1}, {period: day, limit: 2, models: [m]}, {period: day, limit: 3}]
              users: [{email: a@b.example}, {email: A@B.example}]
            - slug: a
        """)

        assert found == {
            "tenants[0].budgets[2].period": "'day' stands at tenants[0].budgets[0] already.",
            "tenants[0].users[1].email": "'a@b.example' stands at tenants[0].users[0] already.",
            "tenants[1].slug": "'a' stands at tenants[0] already.",
        }

    def test_name_each_variable_that_is_missing(self) -> None:
        text = "providers: [{name: p, adapter: openai, base_url: 'http://${HOST}:${PORT}/v1', api_key: ${KEY}}]"
        with pytest.raises(InvalidConfiguration) as refusal:
            validate(text, {"HOST": "h"})

        assert [str(problem) for problem in refusal.value.problems] == [
            "providers[0].base_url: the environment variable PORT is not set.",
            "providers[0].api_key: the environment variable KEY is not set.",
        ]

    def test_never_repeat_a_secret(self) -> None:
        found = problems(
            """
            providers: [{name: p, adapter: openai, base_url: ${URL}, api_key: ${EMPTY}}]
            tenants: [{slug: a, teams: [{slug: t, api_keys: [{name: k, user: a@b.example, value: ${KEY}}]}]}]
            """,
            {"URL": "s3cret url", "KEY": "s3cret key", "EMPTY": ""},
        )

        assert len(found) == 3
        assert "s3cret" not in str(found)

    def test_say_that_variables_are_not_replaced_everywhere(self) -> None:
        (message,) = problems("tenants: [{slug: a, name: ${NAME}}]").values()

        assert "api_key, base_url, password and value only" in message

    @pytest.mark.parametrize("text", ["[]", "text", "5", "tenants: {a: 1}", "tenants: [5]", "models: null"])
    def test_name_a_wrong_form(self, text: str) -> None:
        assert problems(text)


KEYS = [
    "providers",
    "models",
    "tenants",
    "slug",
    "name",
    "users",
    "teams",
    "budgets",
    "period",
    "limit",
    "policy",
    "value",
]

plain = st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=8)
data = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=25,
)


class TestAnything:
    @given(data)
    def test_is_valid_or_refused_with_reasons(self, data: Any) -> None:
        try:
            outcome: Any = schema.validate(data, lambda name: None)
        except InvalidConfiguration as refusal:
            outcome = refusal.problems

        assert isinstance(outcome, Configuration) or all(problem.message for problem in outcome)
        assert outcome
