"""The decision: limits first, then the strategy, a reason for everybody, and never a way round a limit."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.domain.catalogue import Candidate, Hosting, Profile
from apps.domain.decision import ContextTooLong, Decision, NoPermittedModel, RoutingRequest
from apps.domain.intent import DOMAINS, TASKS, Intent
from apps.domain.policy import Constraint, stays_inside
from apps.domain.privacy import Sensitivity
from apps.routing.engine.decide import STRATEGIES, decide
from tests.support.turn_values import candidate


def intent(task: str = "coding", **changes: Any) -> Intent:
    values: dict[str, Any] = {
        "task": task, "domain": "general", "complexity": 3, "creativity": "low", "length": "medium", "words": 200,
    }  # fmt: skip
    return Intent(**(values | changes))


def routing(strategy: str = "balanced", **changes: Any) -> RoutingRequest:
    values: dict[str, Any] = {
        "intent": intent(), "sensitivity": Sensitivity.CLEAN, "input_tokens": 400, "output_tokens": 1000, "images": 0,
        "needs": frozenset(), "constraints": (), "strategy": strategy,
    }  # fmt: skip
    return RoutingRequest(**(values | changes))


CODER = candidate("coder", output="3", strengths=(("coding", 0.92), ("writing", 0.3)))
WRITER = candidate("writer", output="4", strengths=(("coding", 0.2), ("writing", 0.94)))
LARGE = candidate("large", output="25", strengths=(("coding", 0.9), ("writing", 0.9)))
INSIDE = candidate("inside", output="0", strengths=(("coding", 0.4), ("writing", 0.4)))
ALL = (CODER, WRITER, LARGE, INSIDE)


def order(decision: Decision) -> list[str]:
    return [entry.candidate.model for entry in decision.ranked]


def codes(decision: Decision) -> dict[str, str]:
    return {entry.model: entry.code for entry in decision.rejected}


class TestStrategies:
    def test_balanced_sends_each_kind_of_question_to_its_specialist(self) -> None:
        assert order(decide(routing(), ALL))[0] == "coder"
        assert order(decide(routing(intent=intent("creative_writing")), ALL))[0] == "writer"

    def test_the_dial_turns_from_cost_to_quality(self) -> None:
        better_but_dear = replace(LARGE, strengths=(("coding", 0.99),))
        cheap, dear = (order(decide(routing(dial=dial), (CODER, better_but_dear)))[0] for dial in (0.0, 1.0))

        assert (cheap, dear) == ("coder", "large")

    def test_best_looks_at_quality_alone(self) -> None:
        assert order(decide(routing("best", intent=intent("creative_writing")), ALL))[:2] == ["writer", "large"]

    def test_cheapest_takes_the_cheapest_that_is_good_enough(self) -> None:
        assert order(decide(routing("cheapest"), ALL))[0] == "coder"
        assert order(decide(routing("cheapest", intent=intent(complexity=1)), ALL))[0] == "inside"

    def test_rules_follow_the_routes_and_then_the_balance(self) -> None:
        assert order(decide(routing("rules", preferred=("gone", "large")), ALL)) == [
            "large",
            "coder",
            "inside",
            "writer",
        ]

    def test_fixed_sends_everything_to_one_model(self) -> None:
        assert order(decide(routing("fixed:writer", preferred=("writer",)), ALL))[0] == "writer"

    def test_an_easy_question_needs_no_strong_model(self) -> None:
        easy = intent("factual_qa", complexity=1, words=20)
        small = candidate("small", output="0.4", strengths=(("knowledge", 0.65),))
        large = candidate("large", output="25", strengths=(("knowledge", 0.92),))

        assert order(decide(routing(intent=easy), (small, large)))[0] == "small"


class TestLimits:
    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"price": None}, "unpriced"),
            ({"context_tokens": 140}, "context_too_long"),
        ],
    )
    def test_of_the_candidate(self, changes: dict[str, Any], code: str) -> None:
        decision = decide(routing(), (INSIDE, replace(CODER, **changes)))

        assert codes(decision) == {"coder": code}

    def test_of_capabilities(self) -> None:
        tools = replace(CODER, capabilities=frozenset({"tools"}))
        decision = decide(routing(needs=frozenset({"tools"})), (tools, LARGE))

        assert codes(decision) == {"large": "not_capable"}

    def test_of_the_callers_purse(self) -> None:
        decision = decide(routing(max_cost_micro_usd=10), ALL)

        assert order(decision) == ["inside"]
        assert set(codes(decision).values()) == {"too_dear"}

    def test_a_rule_is_named_in_the_reason(self) -> None:
        rule = Constraint("require", "region", frozenset({"eu"}), "rule 1: when domain is legal, region must be eu")
        decision = decide(routing(constraints=(rule,)), (replace(CODER, region="eu"), LARGE))

        assert "rule 1" in decision.rejected[0].reason

    def test_nobody_left_names_every_rule_that_met(self) -> None:
        rules = (
            Constraint("require", "region", frozenset({"eu"}), "only in Europe"),
            Constraint("deny", "models", frozenset({"coder"}), "no coder"),
        )
        with pytest.raises(NoPermittedModel) as refused:
            decide(routing(constraints=rules), (replace(CODER, region="eu"), LARGE))

        assert "only in Europe" in refused.value.detail
        assert "no coder" in refused.value.detail

    def test_a_text_that_fits_nowhere_is_too_long(self) -> None:
        with pytest.raises(ContextTooLong):
            decide(routing(input_tokens=10**9), ALL)

    def test_the_answer_is_as_long_as_policy_model_and_context_allow(self) -> None:
        tight = replace(CODER, context_tokens=900)
        decision = decide(routing(), (tight, replace(INSIDE, max_output_tokens=300)))

        assert {entry.candidate.model: entry.max_output_tokens for entry in decision.ranked} == {
            "coder": 767,
            "inside": 300,
        }


class TestNamedModel:
    def test_goes_first_and_the_strategy_follows(self) -> None:
        assert order(decide(routing(model="writer"), ALL))[:2] == ["writer", "coder"]

    def test_that_may_not_answer_is_replaced_with_the_reason(self) -> None:
        inside = stays_inside(Sensitivity.SENSITIVE)
        assert inside is not None
        decision = decide(routing(model="large", sensitivity=Sensitivity.SENSITIVE, constraints=(inside,)), ALL)

        assert order(decision) == ["inside"]
        assert decision.reasons[0].startswith("You chose large.")
        assert "private data" in decision.reasons[0]

    @pytest.mark.parametrize(
        ("label", "origin"),
        [
            (Sensitivity.SENSITIVE, "the text stays inside because it contains private data"),
            (Sensitivity.CLEAN, "rule 1: when domain is legal, region must be eu"),
            (Sensitivity.CLEAN, "Europe only"),
        ],
    )
    def test_that_may_not_answer_has_its_reason_told_once(self, label: Sensitivity, origin: str) -> None:
        limit = stays_inside(label) or Constraint("deny", "models", frozenset({"large"}), origin)
        decision = decide(routing(model="large", sensitivity=label, constraints=(limit,)), ALL)

        assert limit.origin == origin
        assert " ".join(decision.reasons).lower().count(origin.lower()) == 1
        assert len(decision.reasons) == len(set(decision.reasons))

    def test_is_told_apart_from_a_rule_whose_name_begins_alike(self) -> None:
        rules = (
            Constraint("deny", "models", frozenset({"large"}), "rule 12"),
            Constraint("deny", "models", frozenset({"writer"}), "rule 1"),
        )
        decision = decide(routing(model="large", constraints=rules), ALL)

        assert decision.reasons == ("You chose large. Excluded by rule 12.", *decision.reasons[1:-1], "Rule 1.")


class TestARefusal:
    def test_names_models_with_the_same_reason_together(self) -> None:
        inside = stays_inside(Sensitivity.SENSITIVE)
        assert inside is not None
        with pytest.raises(NoPermittedModel) as refused:
            decide(
                routing(sensitivity=Sensitivity.SENSITIVE, constraints=(inside,), needs=frozenset({"json"})),
                (CODER, LARGE, INSIDE),
            )

        assert refused.value.detail == (
            "No model may answer this. coder and large are outside the company: the text stays inside because it "
            "contains private data. inside cannot handle json."
        )


class TestCircumstances:
    def test_a_failing_provider_comes_last_with_the_reason(self) -> None:
        decision = decide(routing(), (replace(CODER, healthy=False), LARGE, INSIDE))

        assert order(decision)[-1] == "coder"
        assert "coder does not answer at the moment" in decision.reasons[0]

    def test_a_conversation_keeps_its_model_for_a_hairs_breadth_only(self) -> None:
        close = replace(CODER, model="twin", strengths=(("coding", 0.9),))

        assert order(decide(routing(sticky="twin"), (CODER, close)))[0] == "twin"
        assert order(decide(routing(sticky="writer"), ALL))[0] == "coder"

    def test_measurements_overtake_what_the_operator_believed(self) -> None:
        measured = replace(WRITER, profile=Profile(quality=(("coding", 0.99),), samples=500))

        assert order(decide(routing("best"), (CODER, measured)))[0] == "writer"


CANDIDATES = st.lists(
    st.builds(
        lambda name, price, hosting, region, strength, context, healthy, caps: candidate(
            name, output=price, hosting=hosting, region=region, strengths=(("coding", strength),),
            context_tokens=context, healthy=healthy, capabilities=frozenset(caps),
        ),
        st.sampled_from("abcdefgh"), st.sampled_from(["0", "1", "30"]), st.sampled_from(Hosting),
        st.sampled_from(["eu", "us"]), st.floats(0, 1), st.sampled_from([60, 100_000]), st.booleans(),
        st.sets(st.sampled_from(["tools", "json"])),
    ),
    max_size=8, unique_by=lambda entry: entry.model,
)  # fmt: skip
REQUESTS = st.builds(
    lambda strategy, label, task, domain, complexity, model, sticky, dial, limit, needs, region, sure, told: routing(
        strategy, sensitivity=label, model=model, sticky=sticky, dial=dial, max_cost_micro_usd=limit,
        intent=intent(task, domain=domain, complexity=complexity, confidence=(("task", sure),)),
        needs=frozenset(needs), preferred=("c", "a"), constraints=tuple(filter(None, [region])), **told,
    ),
    st.sampled_from([*sorted(STRATEGIES), "vote:2", "vote:5"]), st.sampled_from(Sensitivity),
    st.sampled_from(TASKS), st.sampled_from(DOMAINS), st.integers(1, 5), st.sampled_from(["auto", "a", "b", "z"]),
    st.sampled_from([None, "a", "d"]), st.floats(0, 1), st.sampled_from([None, 0, 5_000]),
    st.sets(st.sampled_from(["tools"])),
    st.sampled_from([None, Constraint("require", "region", frozenset({"eu"}), "Europe only")]),
    st.sampled_from([0.1, 0.9]),
    st.fixed_dictionaries({
        "seed": st.integers(0, 2**32 - 1), "explores": st.booleans(), "least_gain": st.floats(0, 1),
        "budget_used": st.none() | st.floats(0, 1),
        "predictions": st.sampled_from([(), (("a", 0.9), ("b", 0.2)), (("z", 1.0),)]),
    }),
)  # fmt: skip


class TestWhateverIsAsked:
    @settings(max_examples=300, deadline=None)
    @given(request=REQUESTS, candidates=CANDIDATES, seed=st.randoms())
    def test_private_text_never_leaves_and_everybody_has_a_place(
        self, request: RoutingRequest, candidates: list[Candidate], seed: Any
    ) -> None:
        """No strategy, name, route or loyalty permits what the limits forbid; order of candidates never matters."""
        shuffled = list(candidates)
        seed.shuffle(shuffled)
        try:
            decision = decide(request, candidates)
        except (NoPermittedModel, ContextTooLong):
            with pytest.raises((NoPermittedModel, ContextTooLong)):
                decide(request, shuffled)
            return

        assert decision == decide(request, shuffled)
        assert sorted([*order(decision), *codes(decision)]) == sorted(entry.model for entry in candidates)
        for entry in decision.ranked:
            assert all(constraint.permits(entry.candidate) for constraint in request.constraints)
            assert request.sensitivity is Sensitivity.CLEAN or entry.candidate.hosting is Hosting.SELF_HOSTED
            assert entry.estimate_micro_usd <= entry.worst_case_micro_usd
            assert 0.0 <= entry.score <= 1.0
        assert decision.reasons
        assert all(reason.strip() for reason in decision.reasons)

    @settings(max_examples=300, deadline=None)
    @given(request=REQUESTS, candidates=CANDIDATES)
    def test_all_who_are_asked_keep_to_the_callers_bound_and_chances_add_up(
        self, request: RoutingRequest, candidates: list[Candidate]
    ) -> None:
        """The voters of one question, or the steps of a cascade, are paid one beside the other."""
        try:
            decision = decide(request, candidates)
        except (NoPermittedModel, ContextTooLong):
            return

        asked = decision.ranked[: max(decision.together, decision.steps)]
        assert len(asked) == max(decision.together, decision.steps)
        assert decision.together == 1 or decision.steps == 1
        assert decision.held == (decision.steps > 1)
        if request.max_cost_micro_usd is not None:
            assert sum(entry.worst_case_micro_usd for entry in asked) <= request.max_cost_micro_usd
        chances = [entry.propensity for entry in decision.ranked if entry.propensity is not None]
        assert not chances or sum(chances) == pytest.approx(1.0)
        assert all(0.0 <= chance <= 1.0 for chance in chances)
        assert len(chances) in (0, len(decision.ranked))
