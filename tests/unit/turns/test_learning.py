"""What ended turns tell about models: whose fault it was, whose time it took, and what is left out."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from apps.domain.ids import TurnId, new_id
from apps.turns import learning
from apps.turns.learning import Ended, Features, Tried
from tests.support.turn_values import NOON

FEATURES = Features("coding", "computing", 3, words=100)


def tried(model: str = "small", **changes: Any) -> Tried:
    values: dict[str, Any] = {
        "model": model, "hosting": "commercial", "answered": True, "code": "", "keeps": 0, "sent_at": NOON, "cost": 40
    }  # fmt: skip
    return Tried(**(values | changes))


def failed(model: str = "small", code: str = "provider_unavailable", **changes: Any) -> Tried:
    return tried(model, answered=False, code=code, **changes)


def turn(*attempts: Tried, **changes: Any) -> Ended:
    """A turn of the chat of ten seconds: the first token after two, 160 tokens in the eight that follow."""
    values: dict[str, Any] = {
        "turn": TurnId(new_id()),
        "channel": "chat",
        "state": "completed",
        "finish": "stop",
        "asked_model": "auto",
        "model": attempts[-1].model,
        "sensitivity": "clean",
        "features": FEATURES,
        "drawn": None,
        "together": False,
        "held": False,
        "opened_at": NOON,
        "closed_at": NOON + timedelta(seconds=10),
        "first_token_ms": 2_000,
        "output_tokens": 160,
        "tried": attempts,
    }
    return Ended(**(values | changes))


def ends(of: Ended) -> list[tuple[str, str]]:
    return [(speed.model, speed.end) for speed in learning.speeds(of)]


def signals(of: Ended) -> list[tuple[str, str, float]]:
    return [(seen.model, seen.signal, seen.value) for seen in learning.judged(of)]


class TestSpeeds:
    def test_of_one_answer_are_those_of_its_model(self) -> None:
        of = turn(tried())
        (speed,) = learning.speeds(of)

        assert (speed.source, speed.model, speed.task, speed.domain) == (of.turn, "small", "coding", "computing")
        assert (speed.end, speed.at, speed.cost_micro_usd) == ("answered", of.closed_at, 40)
        assert (speed.first_token_ms, speed.tokens_per_s) == (2_000, 20.0)

    @pytest.mark.parametrize("code", ["provider_unavailable", "rate_limited"])
    def test_of_a_model_that_was_replaced_are_an_error_and_the_time_is_the_others(self, code: str) -> None:
        late = NOON + timedelta(milliseconds=1_500)
        first, second = learning.speeds(turn(failed("small", code, cost=0), tried("large", sent_at=late)))

        assert (first.model, first.end, first.first_token_ms, first.tokens_per_s) == ("small", "error", None, None)
        assert (second.model, second.end, second.first_token_ms, second.tokens_per_s) == (
            "large",
            "answered",
            500,
            None,
        )

    def test_of_an_answer_that_broke_off_give_the_first_token_to_who_wrote_it(self) -> None:
        first, second = learning.speeds(turn(failed("small"), tried("large", keeps=120)))

        assert (first.end, first.first_token_ms) == ("error", 2_000)
        assert (second.end, second.first_token_ms, second.tokens_per_s) == ("answered", None, None)

    @pytest.mark.parametrize(("finish", "end"), [("length", "truncated"), ("content_filter", "refused")])
    def test_tell_how_an_answer_ended(self, finish: str, end: str) -> None:
        assert ends(turn(tried(), finish=finish)) == [("small", end)]

    def test_of_a_question_that_the_provider_refuses_are_a_refusal(self) -> None:
        refused = turn(failed(code="refused_by_policy"), state="failed", finish="")

        assert ends(refused) == [("small", "refused")]
        assert ends(replace(refused, sensitivity="sensitive")) == []  # our own rules may have kept it from there

    @pytest.mark.parametrize("code", ["internal_error", "interrupted", "owner_died", "not_sent", "context_too_long"])
    def test_leave_out_what_was_no_fault_of_the_model(self, code: str) -> None:
        assert ends(turn(failed(code=code), state="failed", finish="")) == []

    def test_leave_out_what_the_reader_stopped(self) -> None:
        assert ends(turn(tried(), state="stopped", finish="stopped")) == []

    def test_leave_out_the_pace_where_nobody_counted_the_tokens_or_there_are_too_few(self) -> None:
        for tokens in (None, learning.LEAST_TOKENS - 1):
            (speed,) = learning.speeds(turn(tried(), output_tokens=tokens))
            assert (speed.first_token_ms, speed.tokens_per_s) == (2_000, None)

    def test_of_models_that_were_asked_at_once_have_no_time_of_their_own(self) -> None:
        both = turn(tried("small"), tried("large"), together=True)

        assert [(speed.model, speed.first_token_ms) for speed in learning.speeds(both)] == [
            ("small", None),
            ("large", None),
        ]

    @pytest.mark.parametrize("channel", ["chat", "api", "lab", "background"])
    def test_are_learnt_from_every_channel(self, channel: str) -> None:
        assert ends(turn(tried(), channel=channel)) == [("small", "answered")]


class TestJudged:
    def test_an_answer_counts_a_little_for_its_model(self) -> None:
        of = turn(tried(), drawn=("small", 0.25))
        (seen,) = learning.judged(of)

        assert (seen.source, seen.model, seen.signal, seen.value, seen.weight) == (
            of.turn,
            "small",
            "answered",
            1,
            0.05,
        )
        assert (seen.task, seen.domain, seen.complexity) == ("coding", "computing", 3)
        assert (seen.propensity, seen.at) == (0.25, of.closed_at)

    def test_a_failure_counts_against_the_model_that_failed(self) -> None:
        assert signals(turn(failed("small"), tried("large"))) == [("small", "failed", 0.0), ("large", "answered", 1.0)]

    def test_only_the_model_that_was_drawn_has_the_chance_of_that(self) -> None:
        helped = turn(failed("small"), tried("large"), drawn=("small", 0.1))

        assert [(seen.model, seen.propensity) for seen in learning.judged(helped)] == [("small", 0.1), ("large", None)]

    def test_an_answer_that_a_checker_turned_down_counts_against_its_model(self) -> None:
        checked = turn(failed("small", "not_good_enough"), tried("large"), held=True)

        assert signals(checked) == [("small", "checked", 0.0), ("large", "answered", 1.0)]
        assert ends(checked) == [("small", "answered"), ("large", "answered")]
        assert {speed.first_token_ms for speed in learning.speeds(checked)} == {None}

    def test_a_turn_that_failed_counts_against_each_that_was_asked(self) -> None:
        lost = turn(failed("small"), failed("large"), state="failed", finish="")

        assert signals(lost) == [("small", "failed", 0.0), ("large", "failed", 0.0)]

    @pytest.mark.parametrize(
        "code", ["rate_limited", "late", "refused_by_policy", "internal_error", "context_too_long"]
    )
    def test_what_says_nothing_about_quality_counts_for_nothing(self, code: str) -> None:
        assert signals(turn(failed("small", code), tried("large"))) == [("large", "answered", 1.0)]

    def test_of_several_answers_the_one_that_was_shown_counts(self) -> None:
        vote = turn(tried("small"), failed("slow"), tried("large"), together=True, model="small")

        assert signals(vote) == [("slow", "failed", 0.0), ("small", "answered", 1.0)]

    @pytest.mark.parametrize("ended", [{"state": "stopped"}, {"finish": "content_filter"}, {"state": "failed"}])
    def test_what_is_no_whole_answer_does_not_count_as_one(self, ended: dict[str, str]) -> None:
        assert signals(turn(tried(), **ended)) == []

    @pytest.mark.parametrize("channel", ["api", "lab", "background"])
    def test_where_nobody_can_complain_nothing_is_judged(self, channel: str) -> None:
        assert signals(turn(failed("small"), tried("large"), channel=channel)) == []
