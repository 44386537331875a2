"""What the detector covers, for whoever writes the policy."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import TenantView
from apps.domain.policy import SensitivitySettings
from apps.identity.api_auth import Permitted
from apps.privacy import services


class CoverageSerializer(serializers.Serializer[Any]):
    """What this installation finds, and how."""

    mode = serializers.CharField(help_text="`patterns`, and the model of names beside them.")
    covered = serializers.ListField(child=serializers.CharField(), help_text="Entity types that are found.")
    not_covered = serializers.ListField(
        child=serializers.CharField(), help_text="Types that a policy may name and nothing finds: they stop no text."
    )
    by_default = serializers.ListField(
        child=serializers.CharField(), help_text="Types that keep a text inside unless a policy says something else."
    )
    languages = serializers.ListField(child=serializers.CharField())
    normalisations = serializers.ListField(child=serializers.CharField())
    countries = serializers.ListField(
        child=serializers.CharField(), help_text="ISO 3166 codes of those whose national identifiers are known."
    )


class CoverageView(TenantView):
    """`/api/v1/privacy/coverage/`."""

    permission_classes = [Permitted]
    required_scopes: ClassVar[frozenset[str]] = frozenset({"admin"})
    operations: ClassVar[dict[str, str]] = {"GET": "policies.read"}

    @extend_schema(operation_id="privacy_coverage", responses=CoverageSerializer, tags=["policy"])
    def get(self, request: Request) -> Response:
        """Entity types, languages, normalisations, and the detector that is at work."""
        found = services.coverage()
        return Response(
            {
                "mode": found.mode,
                "covered": found.covered,
                "not_covered": found.not_covered,
                "by_default": sorted(SensitivitySettings().force_self_hosted),
                "languages": found.languages,
                "normalisations": found.normalisations,
                "countries": found.countries,
            }
        )
