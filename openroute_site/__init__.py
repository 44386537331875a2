"""Wires the apps together and decides nothing."""

import os

# Before numpy is imported: products of a few rows are slower on several threads, and each thread holds memory.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from openroute_site.celery import app as celery_app

__all__ = ["celery_app"]
