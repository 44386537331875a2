"""The REST surface under /api/v1 and its schema."""

from typing import Any

from apps.domain.limits import MAX_BODY_BYTES

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.identity.api_auth.BearerAuthentication",
        "apps.identity.api_auth.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["apps.identity.api_auth.Permitted"],
    "DEFAULT_PARSER_CLASSES": ["apps.core.parsers.JSONBody"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "apps.core.pages.PageNumberPages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "apps.core.api.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "OpenRoute",
    "DESCRIPTION": "Conversations, policies, budgets and audit of an installation. Errors have one form: `Error`.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "COMPONENT_SPLIT_REQUEST": True,  # what may be written and what is read are two shapes (promise P04)
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "ENUM_NAME_OVERRIDES": {
        "RoleEnum": "apps.tenants.models.Role",
        "LabRunStateEnum": "apps.lab.models.Run.State",
        "LabAnswerStateEnum": "apps.lab.models.RunAnswer.State",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "apps.core.schema.add_other_surfaces",
        "apps.core.schema.add_errors",
    ],
}
# Surfaces that DRF does not serve describe their paths themselves: dotted names of `{path: path item}`.
OPENROUTE_SCHEMA_PATHS = [
    "apps.core.schema.PLATFORM_PATHS",
    "apps.identity.schema.ACCOUNTS_PATHS",
    "apps.gateway.schema.PATHS",
]

DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
FILE_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
