"""REST routes of turns, below `/api/v1/`."""

from django.urls import path

from apps.turns.api import ReceiptView, TurnView

urlpatterns = [
    path("turns/<uuid:turn>/", TurnView.as_view(), name="turn"),
    path("turns/<uuid:turn>/receipt/", ReceiptView.as_view(), name="turn-receipt"),
]
