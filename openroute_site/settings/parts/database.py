"""Where rows live. SQLite in the state folder, or PostgreSQL with two logins: the application's and the owner's.

`default` is the application's login: it reads and writes rows, and can neither change tables nor touch the audit trail.
`owner` exists only where DATABASE_OWNER_URL is set: it creates, migrates and grants (core/grants.py), and no code of a
running server uses it.
"""

from typing import Any

from openroute_site.settings.environment import env
from openroute_site.settings.parts.paths import STATE_DIR

_EMBEDDED: dict[str, Any] = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(STATE_DIR / "openroute.sqlite3")}

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db("DATABASE_URL") if "DATABASE_URL" in env.ENVIRON else _EMBEDDED
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE: a transaction that reads first and writes later cannot be refused half-way. The age is per thread.
    DATABASES["default"]["CONN_MAX_AGE"] = 600
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
            "PRAGMA cache_size=-500;"  # kB for each of a dozen connections; the writer's has more (core/page_cache.py)
        ),
    }
else:
    # A server that is silently gone is noticed within seconds. What DATABASE_URL says goes first.
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 5,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
        **DATABASES["default"].get("OPTIONS", {}),
    }
    DATABASES["default"]["CONN_MAX_AGE"] = 0  # psycopg's pool keeps the connections
    # It asks each that it hands out whether it still lives: else as many requests as it has fail after a restart.
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": env.int("DATABASE_POOL_SIZE", default=14),
        "timeout": 10,  # seconds to wait for a connection before the request is refused
        # Seconds after which a lost connection is no longer tried again by itself, but when somebody wants one: the
        # pool doubles its pauses, and would sleep for as long after an outage as that lasted.
        "reconnect_timeout": 5,
    }
    if "DATABASE_OWNER_URL" in env.ENVIRON:
        DATABASES["owner"] = env.db("DATABASE_OWNER_URL")
        DATABASES["owner"]["CONN_MAX_AGE"] = 0

# Whether a login that may do more than the application needs is only warned of. Production refuses to start with it.
OPENROUTE_STRONG_LOGIN_ALLOWED = False
