"""The OpenAPI schema and its page, for people and keys that are known. No inline script: the page fetches its own."""

from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.renderers import JSONRenderer, TemplateHTMLRenderer
from rest_framework.response import Response
from rest_framework.views import APIView


class RefusingInJson(APIView):
    """Read only; whatever the reply looks like, a refusal is JSON, as everywhere under /api."""

    http_method_names = ["get", "head"]

    def handle_exception(self, exc: Exception) -> Response:
        """DRF's, rendered as JSON."""
        self.request.accepted_renderer = JSONRenderer()
        self.request.accepted_media_type = JSONRenderer.media_type
        return super().handle_exception(exc)


class SchemaView(RefusingInJson, SpectacularAPIView):
    """`/api/schema/`: OpenAPI 3.1 as JSON, or as YAML by the Accept header or `?format=yaml`."""

    renderer_classes = [OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer, OpenApiYamlRenderer2]


@method_decorator(csp_update({"style-src": "'unsafe-inline'"}), name="dispatch")
class DocsView(RefusingInJson, SpectacularSwaggerSplitView):
    """`/api/docs/`: Swagger UI from this server's own files. It sets styles inline, which only this page may."""

    renderer_classes = [TemplateHTMLRenderer]
