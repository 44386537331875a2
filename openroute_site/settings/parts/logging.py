"""One line per event: `key=value` for people, JSON for machines. Ids and counts, never content.

Lines go to standard error: what a command prints, JSON lines or a key, stands alone on standard output.
"""

from typing import Any

import structlog

from apps.core.logging import PROCESSORS, renderer
from openroute_site.settings.environment import env

LOG_FORMAT = env.str("LOG_FORMAT", default="console")  # console | json, as the container image sets it
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO").upper()

LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "structured": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": PROCESSORS,
            "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer(LOG_FORMAT)],
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "structured"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        # Django's own handlers would print every line a second time.
        "django": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
        "django.server": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
        "uvicorn.error": {"level": LOG_LEVEL},
        "uvicorn.access": {"level": "WARNING"},  # the dispatcher counts requests; paths may hold search terms
        "daphne": {"level": "WARNING"},
        "presidio-analyzer": {"level": "ERROR"},
        "kombu.connection": {"level": "ERROR"},
        "channels_redis": {"level": "CRITICAL"},  # a stack each second while Redis is away; the hints say so once
        "celery.beat": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
    },
}

structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *PROCESSORS,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
