"""The Celery application. Tasks live in each app's `tasks.py`; broker and schedule in settings/parts/celery.py."""

import os
import sys

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openroute_site.settings.production")

app = Celery("openroute")
app.config_from_object("django.conf:settings", namespace="CELERY")
if "beat" not in sys.argv:  # beat sends names; the tasks themselves would bring it the whole detector, 100 MB
    app.autodiscover_tasks()
app.set_default()  # otherwise other threads than the main one would publish through an app without our broker


@setup_logging.connect
def _keep_djangos_logging(**_: object) -> None:
    """A receiver is enough: Celery then leaves the loggers as Django's settings configured them."""
