"""The audit trail over REST: for compliance officers their company's, for operators the installation's.

Reading is itself on record, before anything is shown (promise P25).
"""

from dataclasses import asdict
from typing import Any, ClassVar, Final, cast

from django.utils.module_loading import import_string
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from apps.audit import kinds, selectors, services
from apps.core import clock, db
from apps.core.api import TenantView
from apps.core.pages import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE
from apps.domain.ids import INSTALLATION, TenantId

PERMISSION: Final = "apps.identity.api_auth.Permitted"
"""Who may do what is decided above this app, so it is reached by its name; it denies by default."""


class EventFilters(serializers.Serializer[Any]):
    """What to look for. `kind` ending in a dot finds all kinds of that noun (`turn.`)."""

    kind = serializers.RegexField(r"^[a-z_]+\.[a-z_]*$", max_length=48, required=False, default="")
    actor = serializers.RegexField(r"^(system|(user|key|operator):[0-9]{1,19})$", required=False, default="")
    subject = serializers.CharField(max_length=128, required=False, default="")
    since = serializers.DateTimeField(required=False, default=None)
    until = serializers.DateTimeField(required=False, default=None)
    cursor = serializers.IntegerField(min_value=1, required=False, default=None)
    page_size = serializers.IntegerField(
        min_value=1, max_value=MAX_PAGE_SIZE, required=False, default=DEFAULT_PAGE_SIZE
    )


class EventOutput(serializers.Serializer[Any]):
    """One entry; see the published format."""

    seq = serializers.IntegerField()
    at = serializers.DateTimeField()
    kind = serializers.CharField()
    actor = serializers.CharField()
    subject = serializers.CharField()
    body = serializers.DictField()
    prev_hash = serializers.CharField(help_text="Hash of the entry before; 64 zeros before the first.")
    hash = serializers.CharField()


class EventPage(serializers.Serializer[Any]):
    """Entries, newest first; `cursor` continues behind the last one and is null at the end."""

    results = EventOutput(many=True)
    cursor = serializers.IntegerField(allow_null=True)


class ChainOutput(serializers.Serializer[Any]):
    """Where the chain stands. `intact` is null before the first verification; the key is what auditors compare."""

    entries = serializers.IntegerField()
    hash = serializers.CharField()
    checkpoint_seq = serializers.IntegerField()
    checkpoint_at = serializers.DateTimeField(allow_null=True)
    verified_at = serializers.DateTimeField(allow_null=True)
    intact = serializers.BooleanField(allow_null=True)
    first_problem = serializers.CharField(help_text="Where the last verification found the first fault; may be empty.")
    key_id = serializers.CharField()
    public_key = serializers.CharField()


class ProblemOutput(serializers.Serializer[Any]):
    """One finding of a verification."""

    code = serializers.CharField()
    where = serializers.CharField()
    detail = serializers.CharField()


class VerificationOutput(serializers.Serializer[Any]):
    """The result of a verification that has just been made."""

    intact = serializers.BooleanField()
    entries = serializers.IntegerField()
    checkpoints = serializers.IntegerField()
    problems = ProblemOutput(many=True)


class AuditView(TenantView):
    """Closed unless `operations` opens a method to a role; keys need the scope `admin`."""

    required_scopes: ClassVar[frozenset[str]] = frozenset({"admin"})
    operations: ClassVar[dict[str, str]] = {}

    def get_permissions(self) -> list[BasePermission]:
        return [import_string(PERMISSION)()]

    @property
    def chain(self) -> TenantId:
        """Whose trail is shown."""
        return self.tenant

    @property
    def actor(self) -> str:
        """Who asks, as the trail names him; the permission let nobody in without a name."""
        return str(cast(Any, self.request.user).actor)


class EventsView(AuditView):
    """`GET /api/v1/audit/`"""

    operations: ClassVar[dict[str, str]] = {"GET": "audit.read"}

    @extend_schema(operation_id="audit_list", parameters=[EventFilters], responses=EventPage)
    def get(self, request: Request) -> Response:
        asked = EventFilters(data=request.query_params)
        asked.is_valid(raise_exception=True)
        values = dict(asked.validated_data)
        cursor, size = values.pop("cursor"), values.pop("page_size")
        filters = selectors.Filters(**values)
        with db.atomic():
            page = selectors.events(tenant=self.chain, filters=filters, cursor=cursor, size=size)
            body = {name: value for name, value in asdict(filters).items() if value} | {"entries": len(page.entries)}
            services.append(tenant=self.chain, kind="audit.read", actor=self.actor, body=body, at=clock.now())
        return Response({"results": [asdict(entry) for entry in page.entries], "cursor": page.cursor})


class InstallationEventsView(EventsView):
    """`GET /api/v1/audit/installation/`: providers, models, companies and operators."""

    operations: ClassVar[dict[str, str]] = {"GET": "installation.audit"}

    @extend_schema(operation_id="audit_installation_list", parameters=[EventFilters], responses=EventPage)
    def get(self, request: Request) -> Response:
        return super().get(request)

    @property
    def chain(self) -> TenantId:
        return INSTALLATION


class StatusView(AuditView):
    """`GET /api/v1/audit/status/`"""

    operations: ClassVar[dict[str, str]] = {"GET": "audit.read"}

    @extend_schema(operation_id="audit_status", responses=ChainOutput)
    def get(self, request: Request) -> Response:
        return Response(asdict(selectors.status(self.chain)))


class VerifyView(AuditView):
    """`POST /api/v1/audit/verify/`: verify the whole chain now, about a second per 80,000 entries."""

    operations: ClassVar[dict[str, str]] = {"POST": "audit.export"}

    @extend_schema(operation_id="audit_verify", request=None, responses=VerificationOutput)
    def post(self, request: Request) -> Response:
        report = services.verify(tenant=self.chain, actor=self.actor, at=clock.now())
        return Response(
            {
                "intact": report.intact,
                "entries": report.entries,
                "checkpoints": report.checkpoints,
                "problems": [asdict(problem) for problem in report.problems],
            }
        )


class KindsView(AuditView):
    """`GET /api/v1/audit/kinds/`: the published list of audited events."""

    operations: ClassVar[dict[str, str]] = {"GET": "audit.read"}

    @extend_schema(
        operation_id="audit_kinds", responses={200: {"type": "object", "additionalProperties": {"type": "string"}}}
    )
    def get(self, request: Request) -> Response:
        return Response(dict(kinds.KINDS))
