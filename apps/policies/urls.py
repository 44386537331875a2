"""REST routes of policies, below `/api/v1/`."""

from django.urls import path

from apps.policies import api

urlpatterns = [
    path("policy/", api.PolicyView.as_view(), name="policy"),
    path("policy/versions/", api.HistoryView.as_view(), name="policy-versions"),
    path("policy/presets/", api.PresetList.as_view(), name="policy-presets"),
    path("policy/proposals/", api.ProposalList.as_view(), name="policy-proposals"),
    path("policy/proposals/<int:proposal>/confirm/", api.ConfirmView.as_view(), name="policy-confirm"),
    path("policy/proposals/<int:proposal>/reject/", api.RejectView.as_view(), name="policy-reject"),
]
