"""Mounted under `/api/v1/`."""

from django.urls import path

from apps.audit import api

urlpatterns = [
    path("audit/", api.EventsView.as_view()),
    path("audit/installation/", api.InstallationEventsView.as_view()),
    path("audit/kinds/", api.KindsView.as_view()),
    path("audit/status/", api.StatusView.as_view()),
    path("audit/verify/", api.VerifyView.as_view()),
]
