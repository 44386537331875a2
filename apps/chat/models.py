"""Conversations are trees of messages: an edit or another answer is a sibling, nothing is overwritten."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models

from apps.core.tenancy import TenantManager
from apps.domain.ids import new_id


class Conversation(models.Model):
    """A dialogue of one person, paid for by one team.

    `label` is the highest `Sensitivity` of its messages on any branch, for lists and the mirror; what a new question
    inherits is decided by its own branch (promise P19). `version` grows with every change of the row.
    `active_at` is the time of the newest question and orders lists; `updated_at` that of the newest change of what a
    list shows besides: title, label, pinned, archived, deleted. So renaming does not move a conversation, and asking
    does not announce one.
    """

    class TitleSource(models.TextChoices):
        WORDS = "words"  # the first words of the first question
        MODEL = "model"
        PERSON = "person"

    id = models.UUIDField(primary_key=True, default=new_id)
    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+", db_index=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    team = models.ForeignKey("tenants.Team", models.SET_NULL, null=True, related_name="+", db_index=False)
    title = models.CharField(max_length=200, blank=True, default="")
    title_source = models.CharField(max_length=6, choices=TitleSource.choices, default=TitleSource.WORDS)
    label = models.PositiveSmallIntegerField(default=0)
    leaf_id = models.UUIDField(null=True)
    """The newest message: where a question without a parent goes on."""
    version = models.BigIntegerField(default=1)
    pinned = models.BooleanField(default=False)
    archived = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    active_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        indexes = [
            models.Index(
                fields=["owner", "archived", "-active_at", "-id"],
                name="chat_conversation_list",
                condition=models.Q(deleted_at=None),
            ),
            models.Index(
                fields=["owner", "-active_at", "-id"],
                name="chat_conversation_pinned",
                condition=models.Q(deleted_at=None, pinned=True),
            ),
            models.Index(fields=["updated_at"], name="chat_conversation_updated"),
        ]


class Message(models.Model):
    """A question or an answer. The answer's row is written when its turn opens, so that every device sees it run.

    `label` is the highest of what was found in the text and of what it was derived from; `label_source` says which of
    the two it was. `found` is the label that it had before an exception of compliance changed it (see `relabelling`);
    null for one that no exception ever touched. `turn_id` is the turn that asked or answered; `error` is the code of a
    failed or refused turn.
    """

    class Role(models.TextChoices):
        USER = "user"
        ASSISTANT = "assistant"

    class State(models.TextChoices):
        OK = "ok"
        STREAMING = "streaming"
        PARTIAL = "partial"  # failed after some text, which is kept
        FAILED = "failed"
        REFUSED = "refused"  # by privacy, policy or budget: never sent to any model
        STOPPED = "stopped"

    class LabelSource(models.TextChoices):
        OWN = "own"  # found in this very text
        DERIVED = "derived"  # inherited from what went before

    id = models.UUIDField(primary_key=True, default=new_id)
    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+", db_index=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="+", db_index=False)
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="+")
    turn_id = models.UUIDField(null=True, db_index=True)
    role = models.CharField(max_length=9, choices=Role.choices)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    text = models.TextField(blank=True, default="")
    state = models.CharField(max_length=9, choices=State.choices, default=State.OK)
    label = models.PositiveSmallIntegerField(default=0)
    label_source = models.CharField(max_length=7, choices=LabelSource.choices, default=LabelSource.OWN)
    found = models.PositiveSmallIntegerField(null=True)
    model = models.CharField(max_length=128, blank=True, default="")
    hosting = models.CharField(max_length=12, blank=True, default="")
    parts = models.JSONField(null=True)
    """Who wrote an answer that several models were asked for: see `apps.chat.parts`."""
    finish = models.CharField(max_length=16, blank=True, default="")
    error = models.CharField(max_length=40, blank=True, default="")
    version = models.BigIntegerField(default=1)
    created_at = models.DateTimeField()

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        # Ids are time-ordered and the server's, so this is also the order of a conversation.
        indexes = [models.Index(fields=["conversation", "id"], name="chat_message_conversation")]


class Feedback(models.Model):
    """What a person thinks of an answer; one verdict each, the newest counts."""

    class Verdict(models.TextChoices):
        UP = "up"
        DOWN = "down"

    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+", db_index=False)
    message = models.ForeignKey(Message, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    verdict = models.CharField(max_length=4, choices=Verdict.choices)
    reason = models.CharField(max_length=1000, blank=True, default="")
    at = models.DateTimeField()

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "user"], name="chat_feedback_unique")]


class Share(models.Model):
    """Who else may read a conversation: one person, or the members of one team. Revoking removes the row."""

    id = models.UUIDField(primary_key=True, default=new_id)
    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+", db_index=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="shares")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    team = models.ForeignKey("tenants.Team", models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField()

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "user"], name="chat_share_user", condition=models.Q(user__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["conversation", "team"], name="chat_share_team", condition=models.Q(team__isnull=False)
            ),
            models.CheckConstraint(
                name="chat_share_one_reader",
                condition=models.Q(user__isnull=True, team__isnull=False)
                | models.Q(user__isnull=False, team__isnull=True),
            ),
        ]


class Draft(models.Model):
    """What a person has typed and not sent: one for each conversation, and one for a new conversation (null).

    One that was sent or emptied stays for a day with no text (`size_bytes` 0), so that other devices hear of it.
    """

    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+", db_index=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, null=True, related_name="+")
    text = models.TextField()
    size_bytes = models.PositiveIntegerField()
    updated_at = models.DateTimeField()

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        indexes = [
            models.Index(fields=["owner", "-updated_at"], name="chat_draft_owner"),
            models.Index(fields=["updated_at"], name="chat_draft_updated"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "conversation"],
                name="chat_draft_conversation",
                condition=models.Q(conversation__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["owner"], name="chat_draft_new", condition=models.Q(conversation__isnull=True)
            ),
        ]


class Attachment(models.Model):
    """A file of a person, as text or as an image; it belongs to the message that it was sent with, once it was sent.

    Of documents only the text is kept, of images the bytes. What no message took is removed after a day.
    """

    class Kind(models.TextChoices):
        TEXT = "text"
        IMAGE = "image"

    id = models.UUIDField(primary_key=True, default=new_id)
    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+", db_index=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    message = models.ForeignKey(Message, models.CASCADE, null=True, related_name="attachments")
    kind = models.CharField(max_length=5, choices=Kind.choices)
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100)
    size_bytes = models.PositiveIntegerField()
    characters = models.PositiveIntegerField(default=0)
    """Code points of `text`."""
    shortened = models.BooleanField(default=False)
    """Whether the file held more text than is kept."""
    text = models.TextField(blank=True, default="")
    image = models.BinaryField(null=True)
    created_at = models.DateTimeField()

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="chat_attachment_owner"),
            models.Index(
                fields=["created_at"], name="chat_attachment_unsent", condition=models.Q(message__isnull=True)
            ),
        ]


class SearchEntry(models.Model):
    """What the full-text index knows of one title (`message` is null) or one message: its folded words in order.

    The databases' own indexes hang on this table (see `search.engines`). SQLite drops its triggers when a migration
    alters the table: such a migration ends with `engines.install`.
    """

    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+", db_index=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="+", db_index=False)
    message = models.ForeignKey(Message, models.CASCADE, null=True, related_name="+")
    piece = models.PositiveSmallIntegerField(default=0)
    words = models.TextField()

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        indexes = [models.Index(fields=["conversation", "id"], name="chat_search_conversation")]
