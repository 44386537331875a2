"""Settings that hold everywhere. Values come from the environment by django-environ; with none set, `make run` works.

What belongs to one library or one concern stands in `parts/`. Nothing here is a secret, and nothing has a default that
production would have to remember to change: it refuses to start instead (production.py).
"""

from csp.constants import NONE, SELF

from openroute_site.settings.environment import BASE_DIR, env, secret, secrets_of
from openroute_site.settings.parts.celery import *  # noqa: F403
from openroute_site.settings.parts.channels import *  # noqa: F403
from openroute_site.settings.parts.database import *  # noqa: F403
from openroute_site.settings.parts.drf import *  # noqa: F403
from openroute_site.settings.parts.firebase import *  # noqa: F403
from openroute_site.settings.parts.identity import *  # noqa: F403
from openroute_site.settings.parts.identity import IDENTITY_APPS, IDENTITY_MIDDLEWARE
from openroute_site.settings.parts.logging import *  # noqa: F403
from openroute_site.settings.parts.paths import *  # noqa: F403
from openroute_site.settings.parts.privacy import *  # noqa: F403
from openroute_site.settings.parts.static import *  # noqa: F403

# Secrets. Empty means missing: local.py makes its own, production.py refuses.
SECRET_KEY = secret("SECRET_KEY")
FIELD_ENCRYPTION_KEYS = secrets_of("FIELD_ENCRYPTION_KEYS")  # Fernet keys; the first encrypts, all decrypt
AUDIT_SIGNING_KEY = secret("AUDIT_SIGNING_KEY")  # Ed25519: 32 bytes in base64, or PEM; the first signs
AUDIT_ANCHOR_URL = env.str("AUDIT_ANCHOR_URL", default="")
METRICS_TOKEN = secret("METRICS_TOKEN")

DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])  # addresses whose X-Forwarded-* headers count

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    *IDENTITY_APPS,
    "apps.core",
    "apps.audit",
    "apps.tenants",
    "apps.identity",
    "apps.policies",
    "apps.privacy",
    "apps.routing",
    "apps.providers",
    "apps.budgets",
    "apps.mirror",
    "apps.turns",
    "apps.chat",
    "apps.gateway",
    "apps.lab",
    "apps.operations",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    *IDENTITY_MIDDLEWARE,
]
ROOT_URLCONF = "openroute_site.urls"
ASGI_APPLICATION = "openroute_site.asgi.application"
AUTH_USER_MODEL = "tenants.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"  # Strict would drop the session on the way back from an identity provider
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "apps.core.http_errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = [origin for origin in ALLOWED_ORIGINS if origin.startswith(("http://", "https://"))]  # noqa: F405
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Scripts and styles are files of this server, nothing is inline. Images of other hosts are refused, so that an answer
# of a model cannot call home by one.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

vars().update(env.email("EMAIL_URL", default="consolemail://"))

# Dotted names, loaded by `import_string`, so that lower apps reach higher ones without importing them.
OPENROUTE_RECORDERS = {
    "chat": "apps.chat.recorder.RECORDER",
    "lab": "apps.lab.recorder.RECORDER",
    "none": "apps.turns.recorders.NO_RECORDER",
}
OPENROUTE_DOCUMENT_SOURCES = {"conversations": "apps.chat.documents.SOURCE"}  # collection -> DocumentSource
OPENROUTE_JOBS = {
    "core.daily": "apps.core.jobs.run_daily",
    "chat.title": "apps.chat.titles.suggest",
    "chat.relabel": "apps.chat.titles.relabel",
    "chat.exception": "apps.chat.lowering.apply",
    "lab.run": "apps.lab.runner.work",
}  # kind -> handler of core.jobs
# What a process must be able to, beside reaching its stores, before /readyz calls it ready.
OPENROUTE_READY_PROBES = {"rights": "apps.turns.runtime.can_check_rights"}
# What /readyz tells to holders of METRICS_TOKEN, beside the stores.
OPENROUTE_READY_DETAILS = {
    "privacy": "apps.privacy.services.coverage",
    "router": "apps.routing.services.learned_from",
}
# Whether a database that holds the demo accounts, whose password everybody knows, may be served.
OPENROUTE_DEMO_ALLOWED = True

# What `manage.py router train` wrote, for the strategy `learned`; empty: it has learned nothing yet.
ROUTER_MODEL = env.str("ROUTER_MODEL", default="")
# What runs code from answers of an evaluation, for which languages: a command without network or files of its own (see
# apps/lab/sandbox.py). Without one such answers are skipped and counted.
OPENROUTE_LAB_SANDBOX = env.list("OPENROUTE_LAB_SANDBOX", default=[])
OPENROUTE_LAB_SANDBOX_LANGUAGES = env.list("OPENROUTE_LAB_SANDBOX_LANGUAGES", default=["python"])

# Pools between the event loop and blocking work (core/threads.py). Inline: tests that live in one transaction.
OPENROUTE_INLINE = False
OPENROUTE_DB_THREADS = env.int("OPENROUTE_DB_THREADS", default=8)
OPENROUTE_PAGE_THREADS = env.int("OPENROUTE_PAGE_THREADS", default=6)
OPENROUTE_CPU_THREADS = env.int("OPENROUTE_CPU_THREADS", default=1)  # apps/adr/0012-scans-in-one-thread.md
OPENROUTE_DRAIN_S = env.float("OPENROUTE_DRAIN_S", default=10.0)
DEMO_MODELS_PORT = env.int("DEMO_MODELS_PORT", default=8100)  # where `make run` starts the demo model server
