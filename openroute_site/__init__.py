"""Wires the apps together and decides nothing."""

from openroute_site.celery import app as celery_app

__all__ = ["celery_app"]
