"""Mounted under /api/v1/."""

from django.urls import path

from apps.providers import api

urlpatterns = [
    path("models/", api.Models.as_view(), name="models"),
    path("operator/providers/", api.Providers.as_view(), name="operator-providers"),
    path("operator/providers/<str:name>/", api.ProviderDetail.as_view(), name="operator-provider"),
    path("operator/models/", api.OperatorModels.as_view(), name="operator-models"),
    path("operator/models/<path:name>/", api.OperatorModelDetail.as_view(), name="operator-model"),
]
