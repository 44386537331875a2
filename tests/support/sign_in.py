"""A browser that signs in, and what tests ask of its answers."""

import re
from typing import Any

from django.test import Client

from apps.tenants.models import User
from tests.support.factories.tenants import PASSWORD

WRONG = "E-mail or password is wrong."


def try_to_sign_in(client: Client, company: str, login: str, password: str = PASSWORD, **extra: Any) -> Any:
    """Post the form as a browser does, over the CSRF check."""
    address = f"/accounts/{company}/login/"
    client.get(address)
    token = client.cookies["csrftoken"].value
    body = {"login": login, "password": password, "csrfmiddlewaretoken": token}
    return client.post(address, body, **extra)


def same_page(answer: Any) -> str:
    """The page without what differs from request to request."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", answer.content.decode())


def signed_in(user: User, **headers: str) -> Client:
    """A client with a session of this person; changes send the CSRF token."""
    client = Client(enforce_csrf_checks=True, **headers)  # type: ignore[arg-type]
    answer = try_to_sign_in(client, user.tenant.slug, user.email)
    assert answer.status_code == 302, answer.content
    client.defaults["HTTP_X_CSRFTOKEN"] = client.cookies["csrftoken"].value
    return client
