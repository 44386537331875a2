"""The whole document: one key per matter, every default stated once, in `domain.policy.Policy`."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from apps.domain.errors import InvalidRequest
from apps.domain.policy import STRATEGIES, Policy
from apps.policies.grammar.reading import Reader, did_you_mean
from apps.policies.grammar.rules import read_routes, read_rules
from apps.policies.grammar.sensitivity import read_sensitivity

KEYS = (
    "sensitivity", "rules", "routes", "max_output_tokens", "strategy", "dial", "retention_days", "mirror", "titles",
    "learning", "api_content",
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


def _strategy(reader: Reader) -> str:
    name = reader.text("balanced")
    if name in STRATEGIES or (name.startswith("fixed:") and name != "fixed:"):
        return name
    known = ", ".join(STRATEGIES)
    reader.wrong(f"There is no strategy {name!r}: use fixed:MODEL, {known}.{did_you_mean(name, STRATEGIES)}")
    return "balanced"
