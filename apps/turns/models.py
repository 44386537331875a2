"""One row per question, one per attempt at a model, and the text of running answers."""

from typing import ClassVar, Self

from django.db import models

from apps.core.crypto import EncryptedTextField
from apps.core.tenancy import TenantManager


class Turn(models.Model):
    """One question with its one decision and one outcome.

    `owner` is the boot id of the web process that answers; when its heartbeat is stale the sweeper closes the turn.
    `decision` holds features, candidates and reasons, never text. Sums are micro-dollars. `client_id` is the asker's
    own id of a question of the chat, and `body_hash` a keyed hash of what they asked with it.
    """

    class State(models.TextChoices):
        OPEN = "open"
        COMPLETED = "completed"
        FAILED = "failed"
        STOPPED = "stopped"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True)
    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+", db_index=False)
    team_id = models.BigIntegerField(null=True)
    user_id = models.BigIntegerField()
    key_id = models.BigIntegerField(null=True)
    channel = models.CharField(max_length=12)
    recorder = models.CharField(max_length=16)
    state = models.CharField(max_length=10, choices=State.choices)
    owner = models.UUIDField(null=True)
    conversation_id = models.UUIDField(null=True)
    answer_id = models.UUIDField(null=True)
    client_id = models.CharField(max_length=64, blank=True, default="")
    body_hash = models.CharField(max_length=64, blank=True, default="", db_default="")
    asked_model = models.CharField(max_length=128)
    model = models.CharField(max_length=128, blank=True, default="")
    hosting = models.CharField(max_length=12, blank=True, default="")
    strategy = models.CharField(max_length=64, blank=True, default="")
    sensitivity = models.CharField(max_length=12)
    decision = models.JSONField(default=dict)
    answer_entities = models.JSONField(null=True)
    """Types and counts of what was found in the answer itself."""
    vote = models.JSONField(null=True)
    """How the models that were asked at once have voted: attempts and numbers of clusters, never text."""
    policy_version = models.BigIntegerField(default=0)
    reserved = models.BigIntegerField(default=0)
    granted_tokens = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    finish = models.CharField(max_length=16, blank=True, default="")
    code = models.CharField(max_length=40, blank=True, default="")
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    estimated = models.BooleanField(default=False)
    cost = models.BigIntegerField(null=True)
    opened_at = models.DateTimeField()
    first_token_ms = models.PositiveIntegerField(null=True)
    closed_at = models.DateTimeField(null=True)
    stop_asked = models.BooleanField(default=False, db_default=False)
    """By its asker, in another process than the owner's."""

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        indexes = [
            models.Index(fields=["owner"], name="turns_turn_open", condition=models.Q(state="open")),
            models.Index(fields=["tenant", "opened_at"], name="turns_turn_opened"),
            models.Index(fields=["tenant", "user_id", "opened_at"], name="turns_turn_user"),
            models.Index(fields=["conversation_id"], name="turns_turn_conversation"),
            models.Index(fields=["tenant", "user_id", "client_id"], name="turns_turn_client"),
        ]


class Attempt(models.Model):
    """One call of one model within a turn, on record before it is sent. `number` counts from 1.

    `keeps` is how many code points of the answer stood when it was sent: its own text begins there. `hosting` is where
    the model ran then. `code` says why it gave way, from the moment on at which the next one is asked.
    """

    class State(models.TextChoices):
        SENT = "sent"
        ANSWERED = "answered"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True)
    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+", db_index=False)
    turn_id = models.UUIDField(db_index=True)
    number = models.PositiveSmallIntegerField()
    model = models.CharField(max_length=128)
    provider = models.CharField(max_length=64)
    hosting = models.CharField(max_length=12, blank=True, default="", db_default="")
    state = models.CharField(max_length=10, choices=State.choices)
    code = models.CharField(max_length=40, blank=True, default="")
    reserved = models.BigIntegerField(default=0)
    cost = models.BigIntegerField(null=True)
    keeps = models.PositiveIntegerField(default=0, db_default=0)
    sent_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["turn_id", "number"], name="turns_attempt_number")]


class TurnChunk(models.Model):
    """A piece of a running answer, written every 250 ms off the token path: what survives kill -9 and feeds `resume`.

    `at` is the code-point offset of its start in the answer.
    """

    id = models.BigAutoField(primary_key=True)
    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+", db_index=False)
    turn_id = models.UUIDField()
    at = models.PositiveIntegerField()
    seq = models.PositiveIntegerField()
    text = models.TextField()
    written_at = models.DateTimeField()

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        indexes = [
            models.Index(fields=["turn_id", "at"], name="turns_chunk_turn"),
            models.Index(fields=["written_at"], name="turns_chunk_written"),
        ]


class IdempotencyKey(models.Model):
    """A caller's own id of a question, so that a retry is the same question (promise P28). Kept for 24 hours.

    `digest` is a keyed hash of tenant, user or key, surface, and the caller's id; `body_hash` one of the request.
    `answer` holds the whole answer, encrypted; it is empty while the turn runs and for the chat. A turn that fails
    frees the id: `expires_at` is then the time of its end.
    """

    digest = models.CharField(primary_key=True, max_length=64)
    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+")
    turn_id = models.UUIDField()
    body_hash = models.CharField(max_length=64)
    answer = EncryptedTextField(blank=True, default="")
    expires_at = models.DateTimeField(db_index=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        indexes = [models.Index(fields=["turn_id"], name="turns_key_turn")]
