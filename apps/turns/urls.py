"""REST routes of turns, below `/api/v1/`."""

from django.urls import path

from apps.turns.api import ReceiptView, TurnView
from apps.turns.preview_api import PreviewView
from apps.turns.profiles_api import ModelHistory, ModelProfiles
from apps.turns.strategies_api import StrategiesView
from apps.turns.trying_api import TrialView
from apps.turns.usage_api import OwnDays

urlpatterns = [
    path("models/profiles/", ModelProfiles.as_view(), name="model-profiles"),
    path("models/profiles/<path:model>/history/", ModelHistory.as_view(), name="model-history"),
    path("privacy/try/", TrialView.as_view(), name="privacy-try"),
    path("routing/preview/", PreviewView.as_view(), name="routing-preview"),
    path("routing/strategies/", StrategiesView.as_view(), name="routing-strategies"),
    path("usage/days/", OwnDays.as_view(), name="usage-days"),
    path("turns/<uuid:turn>/", TurnView.as_view(), name="turn"),
    path("turns/<uuid:turn>/receipt/", ReceiptView.as_view(), name="turn-receipt"),
]
