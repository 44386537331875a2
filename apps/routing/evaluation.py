"""What other apps use of the engine's evaluation: suites of questions, the rules that judge answers, canaries."""

from apps.routing.engine.evaluation import drift
from apps.routing.engine.evaluation.checks import KINDS, Executed, Judged
from apps.routing.engine.evaluation.questions import GENERAL, MAX_QUESTIONS, Question, SuiteRefused, parse

__all__ = ["GENERAL", "KINDS", "MAX_QUESTIONS", "Executed", "Judged", "Question", "SuiteRefused", "drift", "parse"]
