"""What the REST API of budgets reads and writes. Amounts are integer micro-dollars."""

from typing import Any

from rest_framework import serializers

from apps.budgets.models import Budget
from apps.budgets.services import MAX_LIMIT, MAX_MODELS

Plain = serializers.Serializer[Any]


class Strict(Plain):
    """Input in which every unknown field is refused (promise P04)."""

    def to_internal_value(self, data: Any) -> Any:
        values = super().to_internal_value(data)
        unknown = set(data) - set(self.fields)
        if unknown:
            raise serializers.ValidationError({str(name)[:64]: "This field cannot be written." for name in unknown})
        return values


class BudgetWrite(Strict):
    """The writable fields of a new budget. `team` empty: the whole company; `models` empty: all models."""

    team = serializers.IntegerField(min_value=1, allow_null=True, default=None)
    period = serializers.ChoiceField(choices=Budget.Period.choices)
    limit_microusd = serializers.IntegerField(min_value=0, max_value=MAX_LIMIT)
    models = serializers.ListField(
        child=serializers.CharField(max_length=128), allow_null=True, default=None, min_length=1, max_length=MAX_MODELS
    )


class LimitWrite(Strict):
    """The one writable field of an existing budget."""

    limit_microusd = serializers.IntegerField(min_value=0, max_value=MAX_LIMIT)


class BudgetRead(Plain):
    """A budget and its running period. Sums of fewer than five people are not shown; `state` always is."""

    id = serializers.IntegerField()
    team = serializers.IntegerField(allow_null=True)
    team_slug = serializers.CharField(allow_null=True)
    period = serializers.CharField()
    models = serializers.ListField(child=serializers.CharField(), allow_null=True)
    limit_microusd = serializers.IntegerField()
    starts = serializers.DateTimeField()
    ends = serializers.DateTimeField(allow_null=True, help_text="Empty for `total`.")
    state = serializers.ChoiceField(choices=["open", "low", "used_up"], help_text="`low`: less than a tenth is left.")
    spent_microusd = serializers.IntegerField(allow_null=True)
    reserved_microusd = serializers.IntegerField(allow_null=True)
    left_microusd = serializers.IntegerField(allow_null=True)


class FigureRead(Plain):
    """Sums. `estimated_microusd` is the part of the cost that rests on upper bounds."""

    turns = serializers.IntegerField()
    input_tokens = serializers.IntegerField()
    output_tokens = serializers.IntegerField()
    cost_microusd = serializers.IntegerField()
    estimated_microusd = serializers.IntegerField()


class ModelFigureRead(FigureRead):
    """One's own sums of one model."""

    model = serializers.CharField()


class TeamFigureRead(Plain):
    """A team's sums, empty for fewer than five people."""

    team = serializers.IntegerField()
    team_slug = serializers.CharField()
    figures = FigureRead(allow_null=True)


class UsageRead(Plain):
    """The usage of one month. `teams` and `company` are there for those who may see them."""

    starts = serializers.DateTimeField()
    ends = serializers.DateTimeField()
    mine = FigureRead()
    by_model = ModelFigureRead(many=True)
    teams = TeamFigureRead(many=True)
    company = FigureRead(allow_null=True)


class UsageQuery(Strict):
    """Which month, in the company's time zone; the running one when it is left out."""

    month = serializers.RegexField(r"^(?:19|2[0-9])[0-9]{2}-(?:0[1-9]|1[0-2])\Z", required=False)
