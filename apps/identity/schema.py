"""The pages under `/accounts/` in the OpenAPI schema; DRF does not serve them. Named in OPENROUTE_SCHEMA_PATHS."""

from collections.abc import Mapping
from typing import Any

Item = dict[str, Any]

_PAGE: Mapping[str, Any] = {"text/html": {"schema": {"type": "string"}}}
_COMPANY: Mapping[str, Any] = {
    "name": "company",
    "in": "path",
    "required": True,
    "description": "Short name of the company; the answer is the same whether it exists or not.",
    "schema": {"type": "string", "pattern": "^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$"},
}


def _operation(name: str, summary: str, responses: Mapping[str, str], fields: tuple[str, ...] = ()) -> Item:
    operation: Item = {
        "operationId": f"accounts_{name}",
        "summary": summary,
        "tags": ["accounts"],
        "security": [{}],
        "responses": {
            status: {"description": text} | ({} if status == "302" else {"content": dict(_PAGE)})
            for status, text in responses.items()
        },
    }
    if fields:
        form = {
            "type": "object",
            "required": list(fields),
            "properties": {field: {"type": "string"} for field in fields},
        }
        operation["requestBody"] = {
            "required": True,
            "content": {"application/x-www-form-urlencoded": {"schema": form}},
        }
    return operation


TOKEN = "csrfmiddlewaretoken"  # noqa: S105
ACCOUNTS_PATHS: Mapping[str, Item] = {
    "/accounts/": {
        "get": _operation("company_page", "The page that asks for the company.", {"200": "The page."}),
        "post": _operation(
            "choose_company",
            "Go on to the company's sign-in.",
            {
                "302": "To the sign-in page.",
                "200": "The page again: no short name.",
                "403": "The CSRF token is missing.",
            },
            ("company", TOKEN),
        ),
    },
    "/accounts/{company}/": {
        "parameters": [dict(_COMPANY)],
        "get": _operation("start", "Where the sign-in of a company starts.", {"302": "To the sign-in page."}),
    },
    "/accounts/{company}/login/": {
        "parameters": [dict(_COMPANY)],
        "get": _operation("sign_in_page", "The sign-in page.", {"200": "The page.", "302": "Signed in already."}),
        "post": _operation(
            "sign_in",
            "Sign in with e-mail and password.",
            {
                "302": "Signed in: the session cookie is set.",
                "200": "The page again: something is wrong, and it is not told what.",
                "403": "The CSRF token is missing.",
                "429": "Too many failed tries; `Retry-After` says when the next one counts, at most 900 seconds.",
            },
            ("login", "password", TOKEN),
        ),
    },
    "/accounts/logout/": {
        "post": _operation(
            "sign_out",
            "End this session.",
            {"302": "To the sign-in page.", "403": "The CSRF token is missing."},
            (TOKEN,),
        )
    },
    "/accounts/language/": {
        "post": _operation(
            "language", "Choose the language of these pages.", {"302": "Back to the page."}, ("language", TOKEN)
        )
    },
}
