"""The developer API in the OpenAPI schema: DRF does not serve it, so it describes itself (`OPENROUTE_SCHEMA_PATHS`)."""

from collections.abc import Mapping
from typing import Any, Final

Schema = dict[str, Any]

_ERROR: Final[Schema] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "code", "param"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "code": {"type": "string"},
                "param": {"type": ["string", "null"]},
            },
        }
    },
}
_ERRORS: Final[Mapping[str, str]] = {
    "400": "`invalid_request`, `context_too_long`: `param` names the field.",
    "401": "`unauthenticated`: the key is missing, unknown, expired or revoked.",
    "402": "`budget_exceeded`.",
    "403": "`permission_denied`, `no_permitted_model`, `refused_by_policy`.",
    "404": "`model_not_found`, `not_found`.",
    "405": "`method_not_allowed`.",
    "408": "`request_timeout`: the body did not arrive in time.",
    "409": "`turn_running`: the first request with this Idempotency-Key is still being answered.",
    "413": "`too_large`: more than 10 MB, or a text of more than 1 MB.",
    "422": "`invalid_request`: this Idempotency-Key was used with another body.",
    "429": "`rate_limited`, with Retry-After.",
    "502": "`provider_unavailable`.",
    "503": "`overloaded`, `classification_unavailable`, `audit_unavailable`, with Retry-After.",
    "504": "`provider_unavailable`: it did not answer in time.",
}
_MODEL: Final[Schema] = {
    "type": "object",
    "required": ["id", "object", "created", "owned_by"],
    "properties": {
        "id": {"type": "string"},
        "object": {"const": "model"},
        "created": {"type": "integer"},
        "owned_by": {"type": "string"},
        "openroute": {"type": "object", "additionalProperties": True},
    },
}
_REQUEST: Final[Schema] = {
    "type": "object",
    "description": "OpenAI's request. Fields that would change the answer and cannot be honoured are refused by name.",
    "required": ["model", "messages"],
    "properties": {
        "model": {"type": "string", "description": "A name, `auto`, or `auto:STRATEGY`."},
        "messages": {"type": "array", "minItems": 1, "maxItems": 2000, "items": {"type": "object"}},
        "tools": {"type": "array", "maxItems": 128, "items": {"type": "object"}},
        "tool_choice": {"type": ["string", "object"]},
        "parallel_tool_calls": {"type": "boolean"},
        "response_format": {"type": "object"},
        "stream": {"type": "boolean"},
        "stream_options": {"type": "object", "properties": {"include_usage": {"type": "boolean"}}},
        "temperature": {"type": "number", "minimum": 0, "maximum": 2},
        "top_p": {"type": "number", "minimum": 0, "maximum": 1},
        "frequency_penalty": {"type": "number", "minimum": -2, "maximum": 2},
        "presence_penalty": {"type": "number", "minimum": -2, "maximum": 2},
        "seed": {"type": "integer"},
        "stop": {"type": ["string", "array"]},
        "n": {"const": 1},
        "max_completion_tokens": {"type": "integer", "minimum": 1},
        "max_tokens": {"type": "integer", "minimum": 1, "deprecated": True},
        "reasoning_effort": {"type": "string"},
        "user": {"type": "string", "maxLength": 512},
        "metadata": {
            "type": "object",
            "properties": {
                "openroute": {
                    "type": ["object", "string"],
                    "description": "Hints that can only narrow, as an object or its JSON text.",
                    "properties": {
                        "tags": {"type": "array", "items": {"type": "string"}},
                        "max_cost_usd": {"type": ["number", "string"]},
                        "session": {"type": "string"},
                    },
                }
            },
        },
    },
}
_ANSWER: Final[Schema] = {
    "type": "object",
    "description": "OpenAI's completion, with `openroute`: turn, route, attempts, cost and reasons.",
    "required": ["id", "object", "created", "model", "choices", "usage", "openroute"],
    "additionalProperties": True,
}


def _json(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}


def _operation(summary: str, content: Schema, *errors: str) -> Schema:
    replies = {status: {"description": _ERRORS[status], "content": _json(_ERROR)} for status in errors}
    return {
        "summary": summary,
        "tags": ["developer API"],
        "security": [{"apiKey": []}],
        "responses": {"200": {"description": "OK", "content": content}, **replies},
    }


_LIST: Final[Schema] = {
    "type": "object",
    "properties": {"object": {"const": "list"}, "data": {"type": "array", "items": _MODEL}},
}
_READ: Final = ("400", "401", "403", "404", "405", "503")

PATHS: Final[Mapping[str, Schema]] = {
    "/v1/models": {"get": _operation("The models that the key's team may use", _json(_LIST), *_READ)},
    "/v1/models/{model}": {
        "get": _operation("One model", _json(_MODEL), *_READ)
        | {"parameters": [{"name": "model", "in": "path", "required": True, "schema": {"type": "string"}}]}
    },
    "/v1/chat/completions": {
        "post": _operation(
            "Answer a question, whole or as server-sent events",
            _json(_ANSWER) | {"text/event-stream": {"schema": {"type": "string"}}},
            *_ERRORS,
        )
        | {
            "requestBody": {"required": True, "content": _json(_REQUEST)},
            "parameters": [
                {
                    "name": "Idempotency-Key",
                    "in": "header",
                    "description": "The answer is kept encrypted for 24 hours; a retry gets it again.",
                    "schema": {"type": "string", "maxLength": 200},
                }
            ],
        }
    },
}
