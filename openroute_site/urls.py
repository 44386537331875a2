"""The routes of Django; `/v1` and `/ws` are dispatched before Django (see dispatch.py)."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path, re_path

from openroute_site import docs, frontend

# An app that has a `urls.py` is mounted by having it.
_API_APPS = (
    "tenants",
    "identity",
    "policies",
    "privacy",
    "providers",
    "budgets",
    "audit",
    "turns",
    "chat",
    "lab",
    "operations",
)


def _mounted(prefix: str, module: str) -> list[URLPattern | URLResolver]:
    return [path(prefix, include(module))] if find_spec(module) else []


# Whatever has no surface of its own and is no missing file: a page instead of an old script would hide the mistake.
_CLIENT_ROUTES = (
    r"^(?!(?:api|v1|ws|accounts|scim|static|assets)(?:/|$))"
    r"(?!.*\.(?:css|html|ico|js|json|map|php|png|svg|txt|webmanifest|woff2?|xml)$)"
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("apps.core.urls")),
    path("api/schema/", docs.SchemaView.as_view(), name="schema"),
    path("api/docs/", docs.DocsView.as_view(url_name="schema"), name="docs"),
    *(resolver for app in _API_APPS for resolver in _mounted("api/v1/", f"apps.{app}.urls")),
    *_mounted("accounts/", "apps.identity.accounts_urls"),
    re_path(_CLIENT_ROUTES, frontend.index, name="frontend"),
]

handler400 = "apps.core.http_errors.bad_request"
handler403 = "apps.core.http_errors.permission_denied"
handler404 = "apps.core.http_errors.not_found"
handler500 = "apps.core.api.server_error"
