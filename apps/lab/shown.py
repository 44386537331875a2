"""Values of the lab in their REST forms."""

from collections.abc import Mapping
from typing import Any

from apps.domain.privacy import Sensitivity
from apps.lab.results import Result
from apps.lab.selectors import KINDS, UsualCost, expected
from apps.lab.serializers import LabAnswerSerializer
from apps.lab.suite_serializers import SuiteQuestionSerializer
from apps.lab.values import AlarmRecord, AnswerRecord, RunRecord, ScheduleRecord, SuiteRecord
from apps.routing.evaluation import Question


def shown_suite(record: SuiteRecord) -> dict[str, Any]:
    return _fields(record)


def shown_question(question: Question) -> dict[str, Any]:
    fields = {name: getattr(question, name) for name in ("name", "task", "domain", "language", "prompt")}
    return dict(
        SuiteQuestionSerializer({**fields, "check": KINDS[type(question.check)], "expected": expected(question)}).data
    )


def shown_run(record: RunRecord, names: Mapping[Any, str]) -> dict[str, Any]:
    fields = ("id", "suite", "version", "judge", "state", "reason", "seed", "max_output_tokens", "total", "checked")
    more = ("failed", "skipped", "scheduled", "created_at", "started_at", "ended_at")
    return {name: getattr(record, name) for name in (*fields, *more)} | {
        "models": list(record.models),
        "budget_microusd": record.bounds.budget,
        "calls_per_minute": record.bounds.rate,
        "cost_microusd": record.cost,
        "started_by": names.get(record.user, ""),
    }


def shown_result(result: Result) -> dict[str, Any]:
    fields = ("model", "task", "mean", "low", "high", "n", "failed", "skipped", "first_token_ms", "duration_ms")
    return {name: getattr(result, name) for name in fields} | {"cost_microusd": result.cost}


def shown_answer(record: AnswerRecord) -> dict[str, Any]:
    shown = LabAnswerSerializer({**_fields(record), "sensitivity": Sensitivity(record.label).word})
    return dict(shown.data)


def shown_cost(cost: UsualCost) -> dict[str, Any]:
    return {"model": cost.model, "answers": cost.answers, "mean_microusd": cost.mean}


def shown_alarm(record: AlarmRecord, names: Mapping[Any, str]) -> dict[str, Any]:
    return {**_fields(record), "acknowledged_by": names.get(record.acknowledged_by, "")}


def shown_schedule(record: ScheduleRecord) -> dict[str, Any]:
    return {
        "enabled": record.enabled,
        "suite": record.suite,
        "models": list(record.models),
        "every_days": record.every_days,
        "learn_from": record.learn_from,
        "budget_microusd": record.bounds.budget,
        "calls_per_minute": record.bounds.rate,
        "next_at": record.next_at,
        "phases": [{"model": model, "phase": phase} for model, phase in sorted(record.phase.items())],
    }


def _fields(record: AnswerRecord | AlarmRecord | SuiteRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__slots__}
