"""Production: nothing is made up, and what is weak, missing, open or meant for tests is refused with a sentence."""

import os

from django.core.exceptions import ImproperlyConfigured

from openroute_site.settings.base import *  # noqa: F403
from openroute_site.settings.environment import env
from openroute_site.settings.safety import defects

OPENROUTE_DEMO_ALLOWED = False

# `__Host-`: the browser takes these cookies over https only, for this host only, and no subdomain can plant them.
SESSION_COOKIE_NAME = "__Host-sessionid"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrftoken"
CSRF_COOKIE_SECURE = True
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # probes speak http to the process itself
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=365 * 24 * 60 * 60)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_INCLUDE_SUBDOMAINS", default=False)

if _defects := defects(globals(), os.environ):
    raise ImproperlyConfigured(
        "OpenRoute does not start in production:\n" + "\n".join(f"- {line}" for line in _defects)
    )
