"""Rules can only narrow: whatever is added, in whatever order, nothing is permitted that was not before."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from apps.domain.catalogue import Candidate, Hosting
from apps.domain.policy import TARGETS, Condition, Constraint, Facts, Policy, Rule, stays_inside
from apps.domain.privacy import Sensitivity
from tests.support.turn_values import candidate

NAMES = ("a", "b", "c")
REGIONS = ("eu", "us")
CANDIDATES = st.builds(
    lambda name, hosting, region, tools: candidate(
        name, hosting=hosting, region=region, provider_name=f"p{name}", capabilities=frozenset(tools)
    ),
    st.sampled_from(NAMES),
    st.sampled_from(Hosting),
    st.sampled_from(REGIONS),
    st.sets(st.sampled_from(["tools", "vision"])),
)
VALUES = {
    "models": st.sets(st.sampled_from(NAMES)),
    "providers": st.sets(st.sampled_from([f"p{name}" for name in NAMES])),
    "hosting": st.sets(st.sampled_from([hosting.value for hosting in Hosting])),
    "region": st.sets(st.sampled_from(REGIONS)),
    "capabilities": st.sets(st.sampled_from(["tools", "vision"])),
}
CONSTRAINTS = st.sampled_from(TARGETS).flatmap(
    lambda target: st.builds(
        lambda kind, values: Constraint(kind, target, frozenset(values), "a rule"),
        st.sampled_from(["require", "deny"]),
        VALUES[target],
    )
)
CONDITIONS = st.one_of(
    st.builds(lambda words: Condition("intent.domain", frozenset(words)), st.sets(st.sampled_from(["legal", "math"]))),
    st.builds(lambda low: Condition("intent.complexity", minimum=float(low)), st.integers(1, 5)),
    st.builds(lambda tags: Condition("tag", frozenset(tags)), st.sets(st.sampled_from(["x", "y"]))),
)
RULES = st.lists(st.builds(Rule, st.lists(CONDITIONS, max_size=2).map(tuple), CONSTRAINTS), max_size=6)
FACTS = st.fixed_dictionaries(
    {
        "intent.domain": st.sampled_from(["legal", "math"]),
        "intent.complexity": st.integers(1, 5),
        "tag": st.frozensets(st.sampled_from(["x", "y"])),
    }
)


def permitted(rules: Sequence[Rule], facts: Facts, candidates: Sequence[Candidate]) -> list[Candidate]:
    constraints = Policy(version=1, rules=tuple(rules)).constraints(facts)
    return [entry for entry in candidates if all(constraint.permits(entry) for constraint in constraints)]


class TestRules:
    @given(rules=RULES, more=RULES, facts=FACTS, candidates=st.lists(CANDIDATES, max_size=6))
    def test_adding_some_never_permits_more(
        self, rules: list[Rule], more: list[Rule], facts: Facts, candidates: list[Candidate]
    ) -> None:
        before = permitted(rules, facts, candidates)

        assert all(entry in before for entry in permitted([*rules, *more], facts, candidates))

    @given(rules=RULES, facts=FACTS, candidates=st.lists(CANDIDATES, max_size=6), seed=st.randoms())
    def test_their_order_never_matters(
        self, rules: list[Rule], facts: Facts, candidates: list[Candidate], seed: object
    ) -> None:
        shuffled = list(rules)
        seed.shuffle(shuffled)  # type: ignore[attr-defined]

        assert permitted(rules, facts, candidates) == permitted(shuffled, facts, candidates)

    @given(rule=st.builds(Rule, st.lists(CONDITIONS, min_size=1, max_size=2).map(tuple), CONSTRAINTS))
    def test_a_fact_that_is_not_known_never_fits(self, rule: Rule) -> None:
        assert not rule.applies({})


class TestLabel:
    @given(label=st.sampled_from(Sensitivity), entry=CANDIDATES)
    def test_keeps_everything_but_clean_text_inside(self, label: Sensitivity, entry: Candidate) -> None:
        constraint = stays_inside(label)
        allowed = constraint is None or constraint.permits(entry)

        assert allowed == (label is Sensitivity.CLEAN or entry.hosting is Hosting.SELF_HOSTED)
