"""REST routes of the lab, below `/api/v1/`."""

from django.urls import path

from apps.lab import api

urlpatterns = [
    path("lab/suites/", api.SuiteList.as_view(), name="lab-suites"),
    path("lab/suites/<slug:suite>/", api.SuiteDetail.as_view(), name="lab-suite"),
    path("lab/suites/<slug:suite>/questions/", api.QuestionList.as_view(), name="lab-suite-questions"),
    path("lab/runs/", api.RunList.as_view(), name="lab-runs"),
    path("lab/runs/<uuid:run>/", api.RunDetail.as_view(), name="lab-run"),
    path("lab/runs/<uuid:run>/stop/", api.RunStop.as_view(), name="lab-run-stop"),
    path("lab/runs/<uuid:run>/go-on/", api.RunGoOn.as_view(), name="lab-run-go-on"),
    path("lab/runs/<uuid:run>/answers/", api.AnswerList.as_view(), name="lab-run-answers"),
    path("lab/costs/", api.CostList.as_view(), name="lab-costs"),
    path("lab/alarms/", api.AlarmList.as_view(), name="lab-alarms"),
    path("lab/alarms/<uuid:alarm>/acknowledge/", api.AlarmAcknowledge.as_view(), name="lab-alarm-acknowledge"),
    path("lab/schedule/", api.ScheduleView.as_view(), name="lab-schedule"),
]
