from typing import Any

import pytest
from django.core import exceptions as django_errors
from django.db import DataError, OperationalError
from django.http import Http404
from rest_framework import exceptions as drf_errors
from rest_framework import serializers
from rest_framework.response import Response

from apps.core import api
from apps.domain.errors import InvalidRequest, OpenRouteError, RateLimited


def answer(error: Exception) -> Response:
    response = api.exception_handler(error, {})
    assert response is not None
    return response


class Exhausted(OpenRouteError):
    code, status = "budget_exceeded", 402


MAPPED = [
    (Exhausted("The month's budget is used up."), 402, "budget_exceeded"),
    (Http404("no Team matches"), 404, "not_found"),
    (django_errors.ObjectDoesNotExist("User 7"), 404, "not_found"),
    (django_errors.PermissionDenied("because"), 403, "permission_denied"),
    (django_errors.RequestDataTooBig(), 413, "too_large"),
    (django_errors.SuspiciousOperation("x"), 400, "invalid_request"),
    (DataError("integer out of range"), 400, "invalid_request"),
    (OverflowError("int too large"), 400, "invalid_request"),
    (OperationalError("server closed the connection"), 503, "overloaded"),
    (drf_errors.NotAuthenticated(), 401, "unauthenticated"),
    (drf_errors.AuthenticationFailed("key 12 was revoked"), 401, "unauthenticated"),
    (drf_errors.PermissionDenied("x"), 403, "permission_denied"),
    (drf_errors.PermissionDenied("CSRF Failed: CSRF token missing."), 403, "csrf_failed"),
    (drf_errors.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
    (drf_errors.UnsupportedMediaType("text/xml"), 415, "unsupported_media_type"),
    (drf_errors.NotAcceptable(), 406, "not_acceptable"),
    (drf_errors.Throttled(12.3), 429, "rate_limited"),
    (drf_errors.ParseError("broken"), 400, "invalid_request"),
]


class TestExceptionHandler:
    @pytest.mark.parametrize(("error", "status", "code"), MAPPED)
    def test_gives_every_expected_error_the_one_form(self, error: Exception, status: int, code: str) -> None:
        response = answer(error)

        assert (response.status_code, response.data["code"]) == (status, code)
        assert set(response.data) == {"code", "detail", "fields"}
        assert response.data["detail"]

    @pytest.mark.parametrize("error", [Http404("Team 7 of acme"), drf_errors.AuthenticationFailed("Team 7 of acme")])
    def test_does_not_repeat_what_a_framework_knows(self, error: Exception) -> None:
        assert "acme" not in str(answer(error).data)

    def test_says_in_whole_seconds_when_to_come_back(self) -> None:
        assert answer(RateLimited("Slowly.", retry_after_s=0.2)).headers["Retry-After"] == "1"
        assert answer(drf_errors.Throttled(12.3)).headers["Retry-After"] == "13"

    def test_names_wrong_fields_by_their_path(self) -> None:
        assert answer(InvalidRequest("Wrong.", fields={"a.b": "No."})).data["fields"] == {"a.b": "No."}

    def test_lets_a_defect_rise(self) -> None:
        assert api.exception_handler(ZeroDivisionError(), {}) is None


class Limit(serializers.Serializer[Any]):
    amount = serializers.IntegerField()


class Budget(serializers.Serializer[Any]):
    name = serializers.CharField()
    limits = Limit(many=True)


class TestFlatten:
    def test_joins_names_and_positions(self) -> None:
        budget = Budget(data={"limits": [{"amount": 1}, {"amount": "many"}]})
        budget.is_valid()

        assert api.flatten(budget.errors) == {
            "name": "This field is required.",
            "limits[1].amount": "A valid integer is required.",
        }

    def test_calls_the_whole_body_by_its_name(self) -> None:
        assert api.flatten({"non_field_errors": ["Choose one."]}) == {"body": "Choose one."}

    def test_names_the_object_that_is_wrong_as_a_whole(self) -> None:
        assert api.flatten({"limits": {"non_field_errors": ["Expected a list."]}}) == {"limits": "Expected a list."}
