"""The catalogue. Providers and models belong to the installation, not to a tenant."""

from typing import ClassVar

from django.db import models

from apps.core.crypto import EncryptedTextField
from apps.domain.catalogue import Hosting


class Provider(models.Model):
    """Where models are reached and with which key. `hosting` is what the operator says, never what is guessed.

    `timeouts` holds seconds by the names of `values.Timeouts`. `reachable` is the last finding of the periodic check.
    """

    class TokenLimit(models.TextChoices):
        """The request field that bounds an answer's length; automatic: the adapter knows."""

        AUTOMATIC = ""
        MAX_TOKENS = "max_tokens"
        MAX_COMPLETION_TOKENS = "max_completion_tokens"

    name = models.CharField(max_length=64, unique=True)
    adapter = models.CharField(max_length=32)
    base_url = models.CharField(max_length=500)
    api_key = EncryptedTextField(blank=True, default="")
    hosting = models.CharField(max_length=11, choices=[(hosting.value, hosting.value) for hosting in Hosting])
    region = models.CharField(max_length=32, blank=True, default="")
    timeouts = models.JSONField(default=dict)
    token_limit = models.CharField(max_length=24, choices=TokenLimit.choices, blank=True, default=TokenLimit.AUTOMATIC)
    max_concurrency = models.PositiveIntegerField(default=1000)
    enabled = models.BooleanField(default=True)
    reachable = models.BooleanField(default=True)
    checked_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["Provider"]] = models.Manager()


class Model(models.Model):
    """A model under the name that people and API clients see; `upstream` is what its provider calls it.

    `price` holds exact decimal strings in USD per million tokens; null: nobody has entered one, so it is never called.
    """

    name = models.CharField(max_length=128, unique=True)
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    upstream = models.CharField(max_length=200)
    context_tokens = models.PositiveIntegerField()
    max_output_tokens = models.PositiveIntegerField()
    price = models.JSONField(null=True)
    capabilities = models.JSONField(default=list)
    strengths = models.JSONField(default=dict)
    enabled = models.BooleanField(default=True)

    objects: ClassVar[models.Manager["Model"]] = models.Manager()
