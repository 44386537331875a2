"""REST routes of budgets, below /api/v1/."""

from django.urls import path

from apps.budgets import api

urlpatterns = [
    path("budgets/", api.BudgetList.as_view(), name="budgets"),
    path("budgets/<int:budget>/", api.BudgetDetail.as_view(), name="budget"),
    path("usage/", api.Usage.as_view(), name="usage"),
]
