"""What drf-spectacular cannot see by itself: the surfaces beside DRF, and the errors that every operation may give."""

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from apps.core.http_errors import SENTENCES

Schema = dict[str, Any]

METHODS = frozenset({"get", "put", "post", "delete", "patch"})

ERROR: Mapping[str, Any] = {
    "type": "object",
    "description": "The form of every error. `code` is stable, `detail` is for people, `fields` names what is wrong.",
    "required": ["code", "detail", "fields"],
    "properties": {
        "code": {"type": "string", "examples": sorted(SENTENCES)},
        "detail": {"type": "string"},
        "fields": {"type": "object", "additionalProperties": {"type": "string"}},
        "said": {
            "type": "object",
            "description": "Where `detail` has a stable code: that code and its parameters, for other languages.",
            "required": ["code", "params"],
            "properties": {
                "code": {"type": "string"},
                "params": {"type": "object", "additionalProperties": True},
            },
        },
    },
}
EVERYWHERE = ("400", "401", "403", "404", "429", "503")
WITH_BODY = ("413", "415")


def _probe(summary: str, *, unready: bool = False) -> Schema:
    answer = {"application/json": {"schema": {"type": "object", "required": ["status"], "additionalProperties": True}}}
    responses: Schema = {"200": {"description": "Yes.", "content": answer}}
    if unready:
        responses["503"] = {"description": "A store is away.", "content": answer}
    return {"get": {"summary": summary, "tags": ["platform"], "security": [{}], "responses": responses}}


PLATFORM_PATHS: Mapping[str, Schema] = {
    "/healthz": _probe("Is the process alive?"),
    "/readyz": _probe("Are its stores reachable? Details only with the metrics token.", unready=True),
    "/api/docs/": {
        "get": {
            "summary": "This schema as a page for people.",
            "tags": ["platform"],
            "security": [{"apiKey": []}, {"session": []}],
            "responses": {
                "200": {"description": "The page.", "content": {"text/html": {"schema": {"type": "string"}}}}
            },
        }
    },
    "/metrics": {
        "get": {
            "summary": "Metrics for Prometheus; wants `Authorization: Bearer METRICS_TOKEN`.",
            "tags": ["platform"],
            "security": [{"metricsToken": []}],
            "responses": {
                "200": {"description": "The text format.", "content": {"text/plain": {"schema": {"type": "string"}}}},
                "401": {"description": "The token is missing or wrong."},
            },
        }
    },
}


def add_other_surfaces(result: Schema, generator: Any, request: Any, public: bool) -> Schema:
    """Add the paths that `OPENROUTE_SCHEMA_PATHS` names, and the schemes by which their callers are known."""
    for name in settings.OPENROUTE_SCHEMA_PATHS:
        for path, item in deepcopy(import_string(name)).items():
            result["paths"].setdefault(path, {}).update(_operations(path, item))
    schemes = result.setdefault("components", {}).setdefault("securitySchemes", {})
    schemes["metricsToken"] = {"type": "http", "scheme": "bearer"}
    return result


def _operations(path: str, item: Schema) -> Schema:
    """The operations of a path item, each complete in itself: drf-spectacular expects nothing else on a path."""
    shared = item.pop("parameters", [])
    name = re.sub(r"\W+", "_", path).strip("_")
    for method in METHODS & item.keys():
        operation = item[method]
        operation.setdefault("operationId", f"{name}_{method}")
        if shared:
            operation["parameters"] = [*shared, *operation.get("parameters", [])]
    return item


def add_errors(result: Schema, generator: Any, request: Any, public: bool) -> Schema:
    """Give each operation under /api the error replies that it does not describe itself."""
    result.setdefault("components", {}).setdefault("schemas", {})["Error"] = dict(ERROR)
    for path, item in result["paths"].items():
        if not path.startswith("/api/"):
            continue
        for method in METHODS & item.keys():
            operation = item[method]
            for status in EVERYWHERE + (WITH_BODY if "requestBody" in operation else ()):
                operation["responses"].setdefault(status, _error_reply(status))
    return result


def _error_reply(status: str) -> Schema:
    sentence = next(text for code, text in SENTENCES.values() if str(int(code)) == status)
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {"description": sentence, "content": content}
