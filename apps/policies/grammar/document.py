"""The whole document: one key per matter, every default stated once, in `domain.policy.Policy`."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from apps.domain.errors import InvalidRequest
from apps.domain.policy import STRATEGIES, VOTERS, Policy, TeamRouting, is_strategy
from apps.policies.grammar.reading import Reader, did_you_mean
from apps.policies.grammar.rules import read_routes, read_rules
from apps.policies.grammar.sensitivity import read_sensitivity

KEYS = (
    "sensitivity", "rules", "routes", "max_output_tokens", "strategy", "dial", "retention_days", "mirror", "titles",
    "learning", "api_content", "teams",
)  # fmt: skip
PRIVACY_KEYS = frozenset({"sensitivity", "retention_days", "mirror", "api_content"})
"""What takes effect only with a second person's confirmation, one of the two a compliance officer (promise P25)."""


class InvalidPolicy(InvalidRequest):
    """The document has mistakes; `fields` names each by its path. Nothing is changed."""

    def __init__(self, mistakes: Mapping[str, str]) -> None:
        count = "a mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        super().__init__(f"The policy has {count}; nothing was changed. See `fields`.", fields=mistakes)


def parse(document: Mapping[str, Any], *, version: int) -> Policy:
    """The policy that a document describes; what it leaves out keeps its default.

    Raises:
        InvalidPolicy: names every mistake by its path, such as `rules[2].when.intent.domain`.
    """
    mistakes: dict[str, str] = {}
    keys = Reader("", document, mistakes).keys(KEYS)
    policy = _limits(Policy(version=version), keys)
    if "sensitivity" in keys:
        settings, channels, dictionaries = read_sensitivity(keys["sensitivity"])
        policy = replace(policy, sensitivity=settings, channels=channels, dictionaries=dictionaries)
    if "rules" in keys:
        policy = replace(policy, rules=read_rules(keys["rules"]))
    if "routes" in keys:
        policy = replace(policy, routes=read_routes(keys["routes"]))
    if mistakes:
        raise InvalidPolicy(mistakes)
    return policy


def _limits(policy: Policy, keys: Mapping[str, Reader]) -> Policy:
    changes: dict[str, Any] = {}
    if "max_output_tokens" in keys:
        changes["max_output_tokens"] = keys["max_output_tokens"].whole(least=1, most=1_000_000, default=4000)
    if "strategy" in keys:
        changes["strategy"] = _strategy(keys["strategy"])
    if "dial" in keys:
        changes["dial"] = keys["dial"].fraction(policy.dial)
    if "teams" in keys:
        changes["teams"] = _teams(keys["teams"])
    if "retention_days" in keys:
        changes["retention_days"] = keys["retention_days"].whole(least=1, most=36_500, default=365)
    if "mirror" in keys:
        changes["mirror"] = keys["mirror"].choice(("full", "metadata", "off"), policy.mirror)
    if "titles" in keys:
        changes["titles"] = keys["titles"].flag(policy.titles)
    if "learning" in keys:
        changes["learning"] = keys["learning"].flag(policy.learning)
    if "api_content" in keys:
        changes["api_content"] = keys["api_content"].choice(("none", "sealed"), policy.api_content)
    return replace(policy, **changes)


def _teams(reader: Reader) -> Mapping[str, TeamRouting]:
    if not isinstance(reader.value, Mapping):
        reader.wrong("This must be a mapping from a team to its `strategy` and `dial`.")
        return {}
    return {str(slug): _team(reader.at(slug).keys(("strategy", "dial"))) for slug in reader.value}


def _team(keys: Mapping[str, Reader]) -> TeamRouting:
    return TeamRouting(
        strategy=_strategy(keys["strategy"]) if "strategy" in keys else None,
        dial=keys["dial"].fraction(0.5) if "dial" in keys else None,
    )


def _strategy(reader: Reader) -> str:
    name = reader.text("balanced")
    if is_strategy(name) or (name.startswith("fixed:") and name != "fixed:"):
        return name
    if name.startswith("vote:"):
        reader.wrong(f"{name!r}: between {VOTERS[0]} and {VOTERS[-1]} models vote, such as vote:{VOTERS[0]}.")
        return "balanced"
    known = ", ".join(STRATEGIES)
    reader.wrong(f"There is no strategy {name!r}: use fixed:MODEL, {known}.{did_you_mean(name, STRATEGIES)}")
    return "balanced"
