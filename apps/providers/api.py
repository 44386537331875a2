"""REST: what one may use, and the operator's catalogue. Keys are written, never read."""

from dataclasses import asdict
from typing import Any, cast

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import clock
from apps.core.api import TenantView
from apps.domain.catalogue import Hosting
from apps.domain.errors import InvalidRequest, NotFound
from apps.domain.ids import TeamId
from apps.identity.api_auth import Permitted
from apps.identity.values import Principal
from apps.providers import prices, selectors, services
from apps.providers.models import Provider
from apps.providers.values import CatalogueEntry, ProviderRecord
from apps.tenants import roles
from apps.tenants import selectors as tenants

HOSTINGS = [hosting.value for hosting in Hosting]


class TimeoutsForm(serializers.Serializer[Any]):
    """Seconds; what is left out takes the default."""

    connect_s = serializers.FloatField(required=False)
    first_token_s = serializers.FloatField(required=False)
    between_tokens_s = serializers.FloatField(required=False)
    total_s = serializers.FloatField(required=False)


class ProviderForm(serializers.Serializer[Any]):
    """A provider. `api_key`: left out, the stored key stays; empty, it is removed."""

    name = serializers.CharField(read_only=True)
    adapter = serializers.CharField(max_length=32)
    base_url = serializers.CharField(max_length=500)
    hosting = serializers.ChoiceField(HOSTINGS)
    region = serializers.CharField(required=False, allow_blank=True, max_length=32)
    timeouts = TimeoutsForm(required=False)
    token_limit = serializers.ChoiceField(Provider.TokenLimit.values, required=False, allow_blank=True)
    max_concurrency = serializers.IntegerField(required=False, min_value=1)
    enabled = serializers.BooleanField(required=False)
    api_key = serializers.CharField(write_only=True, required=False, allow_blank=True, max_length=4096)
    has_key = serializers.BooleanField(read_only=True)
    reachable = serializers.BooleanField(read_only=True)


class UsableModel(serializers.Serializer[Any]):
    """A model that one may ask."""

    name = serializers.CharField(read_only=True)
    hosting = serializers.ChoiceField(HOSTINGS, read_only=True)
    region = serializers.CharField(read_only=True)
    context_tokens = serializers.IntegerField(read_only=True)
    max_output_tokens = serializers.IntegerField(read_only=True)
    price = serializers.DictField(read_only=True, allow_null=True, help_text="USD per million tokens, exact decimals.")
    capabilities = serializers.ListField(child=serializers.CharField(), read_only=True)
    healthy = serializers.BooleanField(read_only=True)


class ModelForm(serializers.Serializer[Any]):
    """A model of the catalogue; `upstream` is its provider's name for it."""

    name = serializers.CharField(read_only=True)
    provider = serializers.CharField(max_length=64)
    upstream = serializers.CharField(max_length=200)
    context_tokens = serializers.IntegerField(min_value=1)
    max_output_tokens = serializers.IntegerField(min_value=1)
    price = serializers.DictField(
        allow_null=True, help_text="USD per million tokens as decimal strings; null: unknown."
    )
    capabilities = serializers.ListField(child=serializers.CharField(), required=False)
    strengths = serializers.DictField(child=serializers.FloatField(), required=False)
    enabled = serializers.BooleanField(required=False)


class Models(TenantView):
    """`GET /api/v1/models/`: what the caller may ask, by name."""

    permission_classes = [Permitted]
    operations = {"GET": "models.read"}
    required_scopes = frozenset({"models"})

    @extend_schema(
        operation_id="models_list",
        parameters=[
            OpenApiParameter("team", int, description="Only what this team may use."),
            OpenApiParameter("company", bool, description="All that the company may use; for its admins."),
        ],
        responses=UsableModel(many=True),
    )
    def get(self, request: Request) -> Response:
        """Models that the caller's teams may use; with `team` those of one of them."""
        principal = _principal(request)
        if request.query_params.get("company") == "true":
            roles.require(principal.person, "teams.write")
            allowed = tenants.tenant(principal.tenant).models
        else:
            allowed = _allowed(principal, _team(principal, request.query_params.get("team")))
        entries = [e for e in selectors.catalogue() if allowed is None or e.candidate.model in allowed]
        return Response([_usable(entry) for entry in entries])


class OperatorView(TenantView):
    """The catalogue belongs to the installation: operators only."""

    permission_classes = [Permitted]
    operations = {"GET": "catalogue.read", "PUT": "catalogue.write", "DELETE": "catalogue.write"}
    required_scopes = frozenset({"admin"})

    def by_whom(self) -> dict[str, Any]:
        """Actor and time, as every verb wants them."""
        return {"actor": _principal(self.request).actor, "at": clock.now()}


class Providers(OperatorView):
    """`GET /api/v1/operator/providers/`"""

    @extend_schema(operation_id="operator_providers_list", responses=ProviderForm(many=True))
    def get(self, request: Request) -> Response:
        """All providers, by name."""
        return Response([_provider(record) for record in selectors.providers()])


class ProviderDetail(OperatorView):
    """`/api/v1/operator/providers/NAME/`"""

    @extend_schema(operation_id="operator_providers_read", responses=ProviderForm)
    def get(self, request: Request, name: str) -> Response:
        """One provider."""
        return Response(_provider(_found(name)))

    @extend_schema(operation_id="operator_providers_put", request=ProviderForm, responses=ProviderForm)
    def put(self, request: Request, name: str) -> Response:
        """Create it, or bring it to these settings; what is left out takes its default."""
        values = _checked(ProviderForm, request)
        services.put_provider(name=name, **values, **self.by_whom())
        return Response(_provider(_found(name)))

    @extend_schema(operation_id="operator_providers_delete", responses={204: None})
    def delete(self, request: Request, name: str) -> Response:
        """Remove it; its models must be removed before."""
        if not services.remove_provider(name=name, **self.by_whom()):
            raise NotFound
        return Response(status=204)


class OperatorModels(OperatorView):
    """`GET /api/v1/operator/models/`"""

    @extend_schema(operation_id="operator_models_list", responses=ModelForm(many=True))
    def get(self, request: Request) -> Response:
        """All models, the disabled ones too, by name."""
        return Response(list(selectors.models()))


class OperatorModelDetail(OperatorView):
    """`/api/v1/operator/models/NAME/`"""

    @extend_schema(operation_id="operator_models_read", responses=ModelForm)
    def get(self, request: Request, name: str) -> Response:
        """One model."""
        return Response(_found_model(name))

    @extend_schema(operation_id="operator_models_put", request=ModelForm, responses=ModelForm)
    def put(self, request: Request, name: str) -> Response:
        """Create it, or bring it to these settings; what is left out takes its default."""
        services.put_model(name=name, **_checked(ModelForm, request), **self.by_whom())
        return Response(_found_model(name))

    @extend_schema(operation_id="operator_models_delete", responses={204: None})
    def delete(self, request: Request, name: str) -> Response:
        """Remove it."""
        if not services.remove_model(name=name, **self.by_whom()):
            raise NotFound
        return Response(status=204)


def _principal(request: Request) -> Principal:
    return cast(Principal, request.user)  # what identity's authentication classes put there


def _checked(form: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The values that may be written. A field that nobody may write, or that nobody knows, is refused by its name."""
    made = form(data=request.data)
    made.is_valid(raise_exception=True)
    writable = {name for name, field in made.fields.items() if not field.read_only}
    if unknown := sorted(set(request.data) - writable):
        raise InvalidRequest(
            f"{unknown[0]} may not be written here.", fields=dict.fromkeys(unknown, "may not be written")
        )
    return dict(made.validated_data)


def _found(name: str) -> ProviderRecord:
    record = selectors.provider(name)
    if record is None:
        raise NotFound
    return record


def _found_model(name: str) -> dict[str, Any]:
    found = selectors.model(name)
    if found is None:
        raise NotFound
    return found


def _team(principal: Principal, given: str | None) -> TeamId | None:
    """The team that was asked for; another's answers like one that does not exist."""
    if given is None:
        return principal.key.team if principal.key is not None else None
    if not given.isdecimal() or TeamId(int(given)) not in principal.person.teams:
        raise NotFound
    return TeamId(int(given))


def _allowed(principal: Principal, team: TeamId | None) -> frozenset[str] | None:
    """Names that tenant and teams leave; None: all."""
    of_tenant = tenants.tenant(principal.tenant).models
    asked = principal.person.teams if team is None else (team,)
    of_teams = [tenants.team(principal.tenant, each).models for each in asked]
    if not of_teams or None in of_teams:
        return of_tenant
    union = frozenset[str]().union(*(names for names in of_teams if names is not None))
    return union if of_tenant is None else union & of_tenant


def _usable(entry: CatalogueEntry) -> dict[str, Any]:
    candidate = entry.candidate
    return {
        "name": candidate.model,
        "hosting": candidate.hosting.value,
        "region": candidate.region,
        "context_tokens": candidate.context_tokens,
        "max_output_tokens": candidate.max_output_tokens,
        "price": None if candidate.price is None else prices.as_json(candidate.price),
        "capabilities": sorted(candidate.capabilities),
        "healthy": candidate.healthy,
    }


def _provider(record: ProviderRecord) -> dict[str, Any]:
    shown = {name: value for name, value in asdict(record).items() if name not in {"id", "sealed_key"}}
    return {**shown, "hosting": record.hosting.value, "has_key": bool(record.sealed_key)}
