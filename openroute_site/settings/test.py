"""What pytest and mypy use: one transaction per test, everything inline on its connection."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

if "REDIS_URL" in os.environ:
    # Each worker of a test run has a numbered database of its own: what one remembers or publishes, no other sees.
    _worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    os.environ["REDIS_URL"] = urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{_worker + 1}").geturl()

from openroute_site.settings.base import *  # noqa: F403

# Fixed and worthless: a test never meets a secret of the installation.
SECRET_KEY = "test-secret-key-that-protects-nothing-and-is-long-enough-to-pass"  # noqa: S105
FIELD_ENCRYPTION_KEYS = []
AUDIT_SIGNING_KEY = ""
METRICS_TOKEN = "test-metrics-token"  # noqa: S105
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "testserver"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
SERVESTATIC_USE_FINDERS = False  # listing every static file would cost each test client half a second

STATE_DIR = Path(tempfile.mkdtemp(prefix="openroute-test-"))
atexit.register(shutil.rmtree, STATE_DIR, ignore_errors=True)
STATIC_ROOT = STATE_DIR / "static"
MEDIA_ROOT = STATE_DIR / "media"
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {}

# The writer and in_db run on the test's own connection, inside the event loop; suites with real transactions switch
# OPENROUTE_INLINE off and use a database file.
OPENROUTE_INLINE = True
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
