"""Background work. Job rows are the queue (core/jobs.py); a message only wakes the worker, so losing one loses time."""

from datetime import timedelta
from typing import Any

from openroute_site.settings.environment import env
from openroute_site.settings.parts.paths import STATE_DIR

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="") or env.str("REDIS_URL", default="") or "filesystem://"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A publisher that cannot reach the broker gives up at once: the beat's sweep finds the row anyway.
CELERY_TASK_PUBLISH_RETRY = False

CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {}
if CELERY_BROKER_URL.startswith("filesystem:"):
    _messages = STATE_DIR / "broker" / "messages"
    _control = STATE_DIR / "broker" / "control"
    for _folder in (_messages, _control):
        _folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_messages),
        "data_folder_out": str(_messages),
        "control_folder": str(_control),
    }
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2, "socket_timeout": 5}

CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]  # no pickle: a message is data, never code
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_TIMEZONE = "UTC"

# What happens at intervals. The default scheduler keeps its state in a dbm file and dies where Python has no gdbm; this
# one keeps none and counts from its start, so nothing that must happen once a day stands here. A message expires by the
# worker's clock, which may differ from beat's by more than the shortest interval: hence a minute at least.
CELERY_BEAT_SCHEDULER = "apps.core.beat:SteadyScheduler"
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    task: {"task": task, "schedule": timedelta(seconds=seconds), "options": {"expires": max(60, seconds)}}
    for task, seconds in {
        "apps.core.tasks.run_due_jobs": 5,
        "apps.core.tasks.plan_day": 600,
        "apps.audit.tasks.checkpoint_all": 300,
        "budgets.ensure_periods": 600,
        "providers.check_health": 30,
        "routing.tell": 60,
        "turns.sweep": 15,
        "chat.end_exceptions": 60,
        "operations.learn": 30,
        "lab.start_canaries": 600,
        "lab.end_given_up": 60,
    }.items()
}
# What happens once a day: jobs of kind `core.daily`, made up for after an outage.
OPENROUTE_DAILY = {
    "audit.verify": "apps.audit.tasks.verify_all",
    "chat.drafts": "apps.chat.tasks.forget_old_drafts",
    "chat.unsent_attachments": "apps.chat.attachments.tasks.remove_unsent",
    "lab.forget_old": "apps.lab.tasks.forget_old",
    "identity.dead_sessions": "apps.identity.tasks.remove_dead_sessions",
    "privacy.expire_verdicts": "apps.privacy.tasks.expire_verdicts",
    "routing.forget_old": "apps.routing.tasks.forget_old",
    "turns.forget_old": "apps.turns.tasks.forget_old",
}
