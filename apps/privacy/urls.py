"""REST routes of privacy, below `/api/v1/`."""

from django.urls import path

from apps.privacy.api import CoverageView

urlpatterns = [path("privacy/coverage/", CoverageView.as_view(), name="privacy-coverage")]
