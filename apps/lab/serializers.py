"""The REST forms of runs, answers, alarms and the schedule. Sums are micro-dollars."""

from typing import Any

from rest_framework import serializers

from apps.core.serializers import Strict
from apps.domain.intent import TASKS
from apps.domain.privacy import Sensitivity
from apps.lab.models import Run, RunAnswer
from apps.lab.suite_serializers import expected
from apps.lab.values import (
    DEFAULT_BUDGET,
    DEFAULT_OUTPUT_TOKENS,
    DEFAULT_RATE,
    MAX_MODELS,
    MAX_RATE,
    Bounds,
    Wanted,
)
from apps.routing.evaluation import KINDS, MAX_QUESTIONS

MAX_BUDGET = 10**12
PHASES = ("learning", "watching", "unsteady")


def _models() -> "serializers.ListField":
    return serializers.ListField(
        child=serializers.CharField(max_length=128),
        max_length=MAX_MODELS,
        required=False,
        default=list,
        help_text="Empty: all that the company has.",
    )


class LabSaidSerializer(serializers.Serializer[Any]):
    """The stable code of a sentence with its parameters, for other languages."""

    code = serializers.CharField()
    params = serializers.DictField()


class LabReasonSerializer(serializers.Serializer[Any]):
    """A sentence for people, and what it says."""

    detail = serializers.CharField()
    said = LabSaidSerializer(allow_null=True)


class LabRunStartSerializer(Strict):
    """A run to be started."""

    suite = serializers.CharField(max_length=40)
    models = _models()
    judge = serializers.CharField(
        max_length=128, required=False, default="", allow_blank=True,
        help_text="Empty: the best permitted model other than the judged one.",
    )  # fmt: skip
    budget_microusd = serializers.IntegerField(
        min_value=0, max_value=MAX_BUDGET, required=False, default=DEFAULT_BUDGET
    )
    calls_per_minute = serializers.IntegerField(
        min_value=1, max_value=MAX_RATE, required=False, default=DEFAULT_RATE, help_text="With those of judges."
    )
    sample = serializers.IntegerField(
        min_value=1, max_value=MAX_QUESTIONS, required=False, default=None, allow_null=True,
        help_text="So many questions, drawn by the seed; null: all.",
    )  # fmt: skip
    seed = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False, default=0)
    max_output_tokens = serializers.IntegerField(
        min_value=16, max_value=100_000, required=False, default=DEFAULT_OUTPUT_TOKENS
    )

    def wanted(self) -> Wanted:
        """The run that the body asks for."""
        values = dict(self.validated_data)
        bounds = Bounds(values.pop("budget_microusd"), values.pop("calls_per_minute"))
        return Wanted(bounds=bounds, models=tuple(values.pop("models")), **values)


class LabRunBoundsSerializer(Strict):
    """Other bounds to go on with; what is left out stays."""

    budget_microusd = serializers.IntegerField(min_value=0, max_value=MAX_BUDGET, required=False)
    calls_per_minute = serializers.IntegerField(min_value=1, max_value=MAX_RATE, required=False)


class LabRunSerializer(serializers.Serializer[Any]):
    """A run and how far it is."""

    id = serializers.UUIDField()
    suite = serializers.CharField()
    version = serializers.IntegerField()
    models = serializers.ListField(child=serializers.CharField())
    judge = serializers.CharField()
    state = serializers.ChoiceField(choices=Run.State.choices)
    reason = LabReasonSerializer(allow_null=True, help_text="Why it does not go on.")
    budget_microusd = serializers.IntegerField()
    calls_per_minute = serializers.IntegerField()
    cost_microusd = serializers.IntegerField()
    seed = serializers.IntegerField()
    max_output_tokens = serializers.IntegerField()
    total = serializers.IntegerField(help_text="Answers: questions times models.")
    checked = serializers.IntegerField()
    failed = serializers.IntegerField()
    skipped = serializers.IntegerField()
    started_by = serializers.CharField(help_text="Empty for somebody who is gone.")
    scheduled = serializers.BooleanField(help_text="It asked canaries by the schedule.")
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


class LabResultSerializer(serializers.Serializer[Any]):
    """One line of the table: a model over a task, or over all (`*`)."""

    model = serializers.CharField()
    task = serializers.CharField()
    mean = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(help_text="Of the 95 % interval.")
    high = serializers.FloatField()
    n = serializers.IntegerField(help_text="Checked answers.")
    failed = serializers.IntegerField()
    skipped = serializers.IntegerField()
    cost_microusd = serializers.IntegerField()
    first_token_ms = serializers.IntegerField(allow_null=True, help_text="Median over the answers that came.")
    duration_ms = serializers.IntegerField(allow_null=True, help_text="Median over the answers that came.")


class LabRunDetailSerializer(LabRunSerializer):
    """A run with what it says so far."""

    results = LabResultSerializer(many=True)


class LabAnswersQuery(serializers.Serializer[Any]):
    """Which answers. `failed`: those without a quality; `wrong`: checked, and below a half."""

    model = serializers.CharField(max_length=128, required=False, default="")
    task = serializers.ChoiceField(choices=list(TASKS), required=False, default="")
    only = serializers.ChoiceField(choices=["all", "failed", "wrong"], required=False, default="all")
    page = serializers.IntegerField(min_value=1, required=False)
    page_size = serializers.IntegerField(min_value=1, max_value=200, required=False)


class LabVerdictSerializer(serializers.Serializer[Any]):
    """What one call of the judge said; `first`: it saw the answer before the reference."""

    role = serializers.ChoiceField(choices=[RunAnswer.Role.FIRST.value, RunAnswer.Role.SECOND.value])
    judge = serializers.CharField()
    text = serializers.CharField()
    state = serializers.ChoiceField(choices=RunAnswer.State.choices)
    cost_microusd = serializers.IntegerField(source="cost")


class LabAnswerSerializer(serializers.Serializer[Any]):
    """One answer with its question."""

    id = serializers.UUIDField()
    question = serializers.CharField()
    prompt = serializers.CharField()
    task = serializers.CharField()
    domain = serializers.CharField()
    check = serializers.ChoiceField(choices=list(KINDS))
    expected = expected()
    model = serializers.CharField()
    state = serializers.ChoiceField(choices=RunAnswer.State.choices)
    code = serializers.CharField(help_text="Why it has no quality.")
    reason = LabReasonSerializer(allow_null=True)
    text = serializers.CharField()
    value = serializers.FloatField(allow_null=True, help_text="The quality in [0, 1].")
    sensitivity = serializers.ChoiceField(choices=[label.word for label in Sensitivity])
    finish = serializers.CharField()
    cost_microusd = serializers.IntegerField(source="cost", help_text="With its judges.")
    first_token_ms = serializers.IntegerField(allow_null=True)
    duration_ms = serializers.IntegerField(allow_null=True)
    tries = serializers.IntegerField()
    turn = serializers.UUIDField(allow_null=True, help_text="Its decision record: `/api/v1/turns/{turn}/`.")
    asked_at = serializers.DateTimeField(allow_null=True)
    verdicts = LabVerdictSerializer(many=True)


class LabAlarmSerializer(serializers.Serializer[Any]):
    """A model that has silently changed."""

    id = serializers.UUIDField()
    run = serializers.UUIDField()
    model = serializers.CharField()
    asked = serializers.IntegerField()
    failed = serializers.IntegerField()
    expected = serializers.FloatField(help_text="Failures that were to be expected.")
    chance = serializers.FloatField(help_text="How often an unchanged model would do as badly.")
    raised_at = serializers.DateTimeField()
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    acknowledged_by = serializers.CharField(help_text="Empty for nobody, or somebody who is gone.")


class LabAlarmListSerializer(serializers.Serializer[Any]):
    """The newest two hundred, newest first."""

    results = LabAlarmSerializer(many=True)


class LabPhaseSerializer(serializers.Serializer[Any]):
    """How far a model is: it is being learnt, watched, or answers too unsteadily to be watched."""

    model = serializers.CharField()
    phase = serializers.ChoiceField(choices=list(PHASES))


class LabScheduleWriteSerializer(Strict):
    """The schedule of canaries."""

    enabled = serializers.BooleanField()
    suite = serializers.CharField(max_length=40)
    models = _models()
    every_days = serializers.IntegerField(min_value=1, max_value=90, required=False, default=7)
    learn_from = serializers.IntegerField(
        min_value=60, max_value=1_000, required=False, default=120,
        help_text="Questions of which the canaries are chosen, at most 60 for each model.",
    )  # fmt: skip
    budget_microusd = serializers.IntegerField(min_value=0, max_value=MAX_BUDGET, required=False, default=1_000_000)
    calls_per_minute = serializers.IntegerField(min_value=1, max_value=MAX_RATE, required=False, default=DEFAULT_RATE)


class LabScheduleSerializer(serializers.Serializer[Any]):
    """The schedule of canaries; off by default."""

    enabled = serializers.BooleanField()
    suite = serializers.CharField()
    models = serializers.ListField(child=serializers.CharField())
    every_days = serializers.IntegerField()
    learn_from = serializers.IntegerField()
    budget_microusd = serializers.IntegerField()
    calls_per_minute = serializers.IntegerField()
    next_at = serializers.DateTimeField(allow_null=True)
    phases = LabPhaseSerializer(many=True)


class LabCostSerializer(serializers.Serializer[Any]):
    """What an answer of a model has cost lately, with its judges."""

    model = serializers.CharField()
    answers = serializers.IntegerField(help_text="Checked answers that this was seen over.")
    mean_microusd = serializers.IntegerField()


class LabCostListSerializer(serializers.Serializer[Any]):
    """Models that recent runs have asked, by their names."""

    results = LabCostSerializer(many=True)
