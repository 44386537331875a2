"""The policy over REST: read it, change it or propose a change, confirm what somebody else proposed."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import clock
from apps.core.api import TenantView
from apps.domain.policy import PRESETS
from apps.identity.api_auth import Permitted
from apps.identity.values import Principal
from apps.policies import selectors, services
from apps.policies.values import ProposalRecord
from apps.tenants import roles
from apps.tenants.values import Person


class PolicyRead(serializers.Serializer[Any]):
    """The policy in force; version 0 and an empty document are the defaults."""

    version = serializers.IntegerField()
    document = serializers.DictField()


class PolicyWrite(serializers.Serializer[Any]):
    """A whole new document, in the form of the configuration file's `policy:` section."""

    document = serializers.DictField()
    comment = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    base = serializers.IntegerField(
        min_value=0,
        required=False,
        allow_null=True,
        default=None,
        help_text="The version that the document was made from: 409 where another one is in force by now.",
    )


class VersionRead(serializers.Serializer[Any]):
    """One version of the history."""

    version = serializers.IntegerField()
    document = serializers.DictField()
    author = serializers.CharField()
    confirmed_by = serializers.CharField()
    comment = serializers.CharField()
    at = serializers.DateTimeField()


class ProposalRead(serializers.Serializer[Any]):
    """A change that waits for a second person."""

    id = serializers.IntegerField()
    document = serializers.DictField()
    base = serializers.IntegerField()
    author = serializers.IntegerField()
    comment = serializers.CharField()
    state = serializers.ChoiceField(choices=["waiting", "confirmed", "rejected"])
    at = serializers.DateTimeField()


class _View(TenantView):
    permission_classes = [Permitted]
    required_scopes: ClassVar[frozenset[str]] = frozenset({"admin"})

    @property
    def person(self) -> Person:
        assert isinstance(self.request.user, Principal)
        return self.request.user.person


class PolicyView(_View):
    """`/api/v1/policy/`."""

    def _require(self) -> None:
        """Admins and officers may both propose; what each may change is decided by what the change touches."""
        if not roles.allows(self.person, "policies.write"):
            roles.require(self.person, "policies.write_privacy")

    @extend_schema(operation_id="policy_retrieve", responses=PolicyRead, tags=["policy"])
    def get(self, request: Request) -> Response:
        """The policy in force."""
        roles.require(self.person, "policies.read")
        version = selectors.current(self.tenant).version
        return Response(PolicyRead({"version": version, "document": selectors.document(self.tenant)}).data)

    @extend_schema(
        operation_id="policy_update",
        request=PolicyWrite,
        responses={200: PolicyRead, 202: ProposalRead},
        tags=["policy"],
    )
    def put(self, request: Request) -> Response:
        """Replace the policy. A change of privacy, retention or mirroring answers 202 and waits for a second person."""
        self._require()
        wanted = PolicyWrite(data=request.data)
        wanted.is_valid(raise_exception=True)
        outcome = services.propose(tenant=self.tenant, person=self.person, at=clock.now(), **wanted.validated_data)
        if isinstance(outcome, ProposalRecord):
            return Response(ProposalRead(outcome).data, status=status.HTTP_202_ACCEPTED)
        return Response(PolicyRead({"version": outcome, "document": wanted.validated_data["document"]}).data)


class HistoryView(_View):
    """`/api/v1/policy/versions/`."""

    operations: ClassVar[dict[str, str]] = {"GET": "policies.read"}

    @extend_schema(operation_id="policy_versions_list", responses=VersionRead(many=True), tags=["policy"])
    def get(self, request: Request) -> Response:
        """The newest hundred versions, newest first."""
        return Response(VersionRead(selectors.history(self.tenant), many=True).data)


class ProposalList(_View):
    """`/api/v1/policy/proposals/`."""

    operations: ClassVar[dict[str, str]] = {"GET": "policies.read"}

    @extend_schema(operation_id="policy_proposals_list", responses=ProposalRead(many=True), tags=["policy"])
    def get(self, request: Request) -> Response:
        """What waits for a second person, oldest first."""
        return Response(ProposalRead(selectors.waiting(self.tenant), many=True).data)


class PresetRead(serializers.Serializer[Any]):
    """Where a profile of `sensitivity` may begin: `preset: NAME`, below what the profile says itself."""

    name = serializers.CharField()
    force_self_hosted = serializers.ListField(child=serializers.CharField(), help_text="Types that count.")
    person = serializers.ChoiceField(choices=["off", "context", "any"])
    threshold = serializers.FloatField(help_text="Findings below it do not count, in [0, 1].")


class PresetList(_View):
    """`/api/v1/policy/presets/`."""

    operations: ClassVar[dict[str, str]] = {"GET": "policies.read"}

    @extend_schema(operation_id="policy_presets_list", responses=PresetRead(many=True), tags=["policy"])
    def get(self, request: Request) -> Response:
        """The presets; `balanced` is what holds where nothing is said."""
        shown = [
            {
                "name": name,
                "force_self_hosted": sorted(preset.force_self_hosted),
                "person": preset.person.value,
                "threshold": preset.threshold,
            }
            for name, preset in PRESETS.items()
        ]
        return Response(PresetRead(shown, many=True).data)


class ConfirmView(_View):
    """`/api/v1/policy/proposals/{id}/confirm/`."""

    operations: ClassVar[dict[str, str]] = {"POST": "policies.read"}

    @extend_schema(operation_id="policy_proposals_confirm", request=None, responses=PolicyRead, tags=["policy"])
    def post(self, request: Request, proposal: int) -> Response:
        """Put somebody else's proposal into force; one of the two must be a compliance officer."""
        version = services.confirm(tenant=self.tenant, proposal=proposal, person=self.person, at=clock.now())
        return Response(PolicyRead({"version": version, "document": selectors.document(self.tenant)}).data)


class RejectView(_View):
    """`/api/v1/policy/proposals/{id}/reject/`."""

    operations: ClassVar[dict[str, str]] = {"POST": "policies.read"}

    @extend_schema(operation_id="policy_proposals_reject", request=None, responses={204: None}, tags=["policy"])
    def post(self, request: Request, proposal: int) -> Response:
        """Reject a proposal, or withdraw one's own."""
        services.reject(tenant=self.tenant, proposal=proposal, person=self.person, at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)
