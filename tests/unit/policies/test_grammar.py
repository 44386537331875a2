"""The policy document: read strictly, each mistake named by its path, all of them at once."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.domain.policy import PRESETS, Condition, Constraint, PersonLevel, Policy, Rule
from apps.domain.privacy import PrivacyAction
from apps.policies import grammar
from apps.policies.grammar import InvalidPolicy
from apps.policies.selectors import with_floor

FULL: dict[str, Any] = {
    "sensitivity": {
        "force_self_hosted": ["PERSON", "IBAN_CODE", "SECRET"],
        "person": "context",
        "action": "mask",
        "mask_types": ["PERSON"],
        "threshold": 0.5,
        "allow": ["+49 30 1234"],
        "channels": {"api": {"person": "off"}, "team:research": {"action": "refuse"}},
        "dictionaries": {"projects": ["Bluebird", "Project Falcon"]},
    },
    "rules": [
        {"when": {"intent.domain": "legal"}, "require": {"region": "eu"}},
        {"name": "interns stay small", "when": {"team": "interns"}, "deny": {"models": ["gpt-large"]}},
        {"when": {"intent.complexity": {"min": 4}, "tag": ["a", "b"]}, "require": {"capabilities": ["tools"]}},
    ],
    "routes": [{"when": {"intent.task": "coding"}, "use": ["coder", "gpt-mini"]}],
    "max_output_tokens": 2000,
    "strategy": "rules",
    "dial": 0.2,
    "retention_days": 90,
    "mirror": "metadata",
    "titles": False,
    "api_content": "sealed",
}


def mistakes(document: Any) -> dict[str, str]:
    with pytest.raises(InvalidPolicy) as caught:
        grammar.parse(document, version=1)
    return caught.value.fields


@pytest.mark.parametrize("name", ["learned", "adaptive", "cascade", "vote", "vote:5", "budget", "fixed:gpt-mini"])
def test_every_strategy_may_be_named(name: str) -> None:
    assert grammar.parse({"strategy": name}, version=1).strategy == name


class TestParse:
    def test_reads_every_key_of_the_published_grammar(self) -> None:
        policy = grammar.parse(FULL, version=7)

        assert (policy.version, policy.strategy, policy.dial, policy.max_output_tokens) == (7, "rules", 0.2, 2000)
        assert (policy.retention_days, policy.mirror, policy.titles, policy.api_content) == (
            90,
            "metadata",
            False,
            "sealed",
        )
        assert policy.sensitivity.action is PrivacyAction.MASK
        assert policy.dictionaries == {"projects": ("Bluebird", "Project Falcon")}
        assert policy.routes[0].use == ("coder", "gpt-mini")

    def test_an_empty_document_is_the_default_policy(self) -> None:
        assert grammar.parse({}, version=0) == Policy(version=0)

    def test_a_channel_changes_only_what_it_names(self) -> None:
        policy = grammar.parse(FULL, version=1)
        api = policy.sensitivity_for(channel="api", team=None)

        assert api.person is PersonLevel.OFF
        assert api.force_self_hosted == policy.sensitivity.force_self_hosted
        assert policy.sensitivity_for(channel="chat", team="research").action is PrivacyAction.REFUSE

    @pytest.mark.parametrize("name", PRESETS)
    def test_a_preset_lies_below_what_the_profile_says(self, name: str) -> None:
        policy = grammar.parse(
            {
                "sensitivity": {
                    "preset": name,
                    "person": "any",
                    "action": "refuse",
                    "allow": ["Nord"],
                    "channels": {"api": {"preset": "source_code"}, "chat": {"threshold": 0.9}},
                }
            },
            version=1,
        )
        own, api, chat = policy.sensitivity, policy.channels["api"], policy.channels["chat"]

        assert own == replace(
            PRESETS[name], person=PersonLevel.ANY, action=PrivacyAction.REFUSE, allow=frozenset({"nord"})
        )
        assert api == replace(PRESETS["source_code"], action=PrivacyAction.REFUSE, allow=frozenset({"nord"}))
        assert chat == replace(own, threshold=0.9)

    def test_keeps_the_companys_own_terms_inside_on_every_channel_once_it_lists_some(self) -> None:
        policy = grammar.parse(FULL, version=1)

        profiles = (policy.sensitivity, *policy.channels.values())
        assert all("DICTIONARY" in profile.force_self_hosted for profile in profiles)

    def test_reads_a_bare_off_of_yaml_as_the_word(self) -> None:
        policy = grammar.parse({"sensitivity": {"person": False}}, version=1)

        assert policy.sensitivity.person is PersonLevel.OFF

    def test_a_rule_is_a_condition_and_a_constraint_with_words_for_people(self) -> None:
        rule = grammar.parse(FULL, version=1).rules[0]

        assert rule == Rule(
            (Condition("intent.domain", frozenset({"legal"})),),
            Constraint("require", "region", frozenset({"eu"}), "rule 1: when domain is legal, region must be eu"),
        )
        assert grammar.parse(FULL, version=1).rules[1].constraint.origin == "interns stay small"


class TestMistakes:
    @pytest.mark.parametrize(
        ("document", "path", "says"),
        [
            ({"rulez": []}, "rulez", "rules"),
            ({"rules": [{"when": {"intent.domain": "legl"}, "deny": {"models": ["x"]}}]},
             "rules[0].when.intent.domain", "legal"),
            ({"rules": [{"when": {"mood": "good"}, "deny": {"models": ["x"]}}]}, "rules[0].when.mood", "no such key"),
            ({"rules": [{"require": {"region": "eu"}, "deny": {"region": "us"}}]}, "rules[0]", "exactly one"),
            ({"rules": [{}]}, "rules[0]", "exactly one"),
            ({"rules": [{"deny": {"region": "us", "models": ["x"]}}]}, "rules[0].deny", "exactly one"),
            ({"rules": [{"deny": {"hosting": "cloud"}}]}, "rules[0].deny.hosting", "commercial"),
            ({"rules": [{"when": {"intent.complexity": {"min": 5, "max": 2}}, "deny": {"models": ["x"]}}]},
             "rules[0].when.intent.complexity", "empty"),
            ({"rules": [{"when": {"team": {"min": 5}}, "deny": {"models": ["x"]}}]}, "rules[0].when.team", "range"),
            ({"rules": {}}, "rules", "list"),
            ({"routes": [{"when": {}}]}, "routes[0]", "use"),
            ({"sensitivity": {"action": "hide"}}, "sensitivity.action", "mask"),
            ({"sensitivity": {"channels": {"chatt": {}}}}, "sensitivity.channels.chatt", "chat"),
            ({"sensitivity": {"preset": "strickt"}}, "sensitivity.preset", "strict"),
            ({"sensitivity": {"threshold": 2}}, "sensitivity.threshold", "0 to 1"),
            ({"sensitivity": {"dictionaries": ["x"]}}, "sensitivity.dictionaries", "mapping"),
            ({"strategy": "cheepest"}, "strategy", "cheapest"),
            ({"strategy": "fixed:"}, "strategy", "fixed:MODEL"),
            ({"strategy": "vote:9"}, "strategy", "between 2 and 5 models vote"),
            ({"strategy": "vote:all"}, "strategy", "between 2 and 5 models vote"),
            ({"max_output_tokens": 0}, "max_output_tokens", "1 to"),
            ({"max_output_tokens": True}, "max_output_tokens", "whole"),
            ({"titles": "yes"}, "titles", "true or false"),
            ([], "", "mapping"),
        ],
    )  # fmt: skip
    def test_are_named_by_path_with_what_to_do(self, document: Any, path: str, says: str) -> None:
        found = mistakes(document)

        assert list(found) == [path]
        assert says in found[path]

    def test_are_told_all_at_once(self) -> None:
        found = mistakes({"strategy": "x", "mirror": "half", "rules": [{"deny": {"region": 5}}]})

        assert sorted(found) == ["mirror", "rules[0].deny.region", "strategy"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*FULL, "when", "deny", "x"]), inner, max_size=3)
    ),
    max_leaves=12,
)


class TestAnything:
    @given(document=JSON)
    def test_is_either_a_policy_or_named_mistakes(self, document: Any) -> None:
        try:
            found = grammar.parse(document, version=1)
        except InvalidPolicy as error:
            found = error.fields

        assert isinstance(found, Policy) or found


class TestFloor:
    def test_cannot_be_lowered_nor_masked_by_a_tenant(self) -> None:
        policy = with_floor(grammar.parse(FULL, version=1), frozenset({"US_SSN", "PERSON"}))

        assert {"US_SSN", "PERSON"} <= policy.sensitivity.force_self_hosted
        assert policy.sensitivity.mask_types == frozenset()
        assert all("US_SSN" in profile.force_self_hosted for profile in policy.channels.values())
