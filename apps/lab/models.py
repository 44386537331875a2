"""Suites of questions, runs over them with every answer, the schedule of canaries, and alarms about changed models."""

from typing import ClassVar, Self

from django.db import models

from apps.core.tenancy import TenantManager


class Suite(models.Model):
    """A suite by its short name. Its questions stand in versions, so that a run keeps those that it began with."""

    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+", db_index=False)
    slug = models.SlugField(max_length=40, db_index=False)
    name = models.CharField(max_length=120)
    shipped = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "slug"], name="lab_suite_slug")]


class SuiteVersion(models.Model):
    """The questions of a suite as they were uploaded: `lines` is JSONL, `digest` its SHA-256."""

    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+")
    suite = models.ForeignKey(Suite, models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    questions = models.PositiveIntegerField()
    lines = models.TextField()
    created_by = models.ForeignKey("tenants.User", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["suite", "number"], name="lab_suite_version")]


class Schedule(models.Model):
    """Canaries of a company: which models are asked again how often, and who answers for it. One row per company.

    `learn_from` is how many questions of the suite the canaries are chosen from. Amounts are micro-dollars a run.
    """

    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+", db_index=False)
    suite = models.ForeignKey(Suite, models.CASCADE, related_name="+")
    enabled = models.BooleanField(default=False)
    model_names = models.JSONField(default=list)
    every_days = models.PositiveSmallIntegerField(default=7)
    learn_from = models.PositiveSmallIntegerField(default=120)
    budget = models.BigIntegerField()
    rate = models.PositiveIntegerField()
    user = models.ForeignKey("tenants.User", models.SET_NULL, null=True, related_name="+")
    next_at = models.DateTimeField()

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant"], name="lab_schedule_tenant")]
        indexes = [models.Index(fields=["next_at"], name="lab_schedule_due", condition=models.Q(enabled=True))]


class Run(models.Model):
    """One run of a suite over some models, asked in the name of `user`, who needs the right to at every moment.

    `budget` and `cost` are micro-dollars, `rate` is calls of models a minute, judges included. `reason` says why it
    does not go on, as `{"detail", "said"}`. `starts` counts how often it was set going. `judge` is empty for the best
    permitted model other than the judged one. The counts are of answers, not of calls.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        PAUSED = "paused"
        COMPLETED = "completed"
        FAILED = "failed"
        STOPPED = "stopped"

    id = models.UUIDField(primary_key=True)
    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+", db_index=False)
    version = models.ForeignKey(SuiteVersion, models.CASCADE, related_name="+")
    schedule = models.ForeignKey(Schedule, models.SET_NULL, null=True, related_name="+")
    user = models.ForeignKey("tenants.User", models.SET_NULL, null=True, related_name="+")
    model_names = models.JSONField()
    judge = models.CharField(max_length=128, blank=True, default="")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    reason = models.JSONField(null=True)
    budget = models.BigIntegerField()
    rate = models.PositiveIntegerField()
    seed = models.PositiveIntegerField(default=0)
    max_output_tokens = models.PositiveIntegerField()
    starts = models.PositiveIntegerField(default=1)
    total = models.PositiveIntegerField(default=0)
    checked = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    cost = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        indexes = [models.Index(fields=["tenant", "created_at"], name="lab_run_created")]


class RunAnswer(models.Model):
    """One question to one model within a run, or one call of the judge about its answer (`role`).

    The row exists before the question is asked. The recorder fills it in the very transactions that open and settle
    the turn, so that an answer that was paid for is here and is never asked for again. `value` is the quality in [0, 1]
    once it is known; `code` says why there is none. `answered_by` is who answered: the judge, for its calls. `label` is
    the sensitivity of question and answer together.
    """

    class Role(models.TextChoices):
        ANSWER = "answer"
        FIRST = "first"  # the judge saw the answer first, then the reference
        SECOND = "second"  # the other way round

    class State(models.TextChoices):
        WAITING = "waiting"
        ASKING = "asking"
        ANSWERED = "answered"
        JUDGING = "judging"
        CHECKED = "checked"
        FAILED = "failed"
        SKIPPED = "skipped"

    id = models.UUIDField(primary_key=True)
    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+", db_index=False)
    run = models.ForeignKey(Run, models.CASCADE, related_name="answers", db_index=False)
    place = models.PositiveIntegerField()
    question = models.CharField(max_length=80)
    model = models.CharField(max_length=128)
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.ANSWER)
    task = models.CharField(max_length=40)
    domain = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    code = models.CharField(max_length=40, blank=True, default="")
    reason = models.JSONField(null=True)
    text = models.TextField(blank=True, default="")
    value = models.FloatField(null=True)
    label = models.PositiveSmallIntegerField(default=0)
    answered_by = models.CharField(max_length=128, blank=True, default="")
    finish = models.CharField(max_length=16, blank=True, default="")
    cost = models.BigIntegerField(default=0)
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    first_token_ms = models.PositiveIntegerField(null=True)
    duration_ms = models.PositiveIntegerField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    turn_id = models.UUIDField(null=True)
    asked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "question", "model", "role"], name="lab_answer_once")]
        indexes = [
            models.Index(fields=["run", "state", "role", "place"], name="lab_answer_state"),
            models.Index(fields=["run", "asked_at"], name="lab_answer_asked"),
            models.Index(fields=["run", "role", "place"], name="lab_answer_place"),
        ]


class DriftAlarm(models.Model):
    """A model answered its canaries so badly in a run as it hardly ever would unchanged, with probability `chance`.

    Acknowledged, the model is learnt anew: what it does now is what it is compared with from then on.
    """

    id = models.UUIDField(primary_key=True)
    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+", db_index=False)
    run = models.ForeignKey(Run, models.CASCADE, related_name="+", db_index=False)
    model = models.CharField(max_length=128)
    asked = models.PositiveIntegerField()
    failed = models.PositiveIntegerField()
    expected = models.FloatField()
    chance = models.FloatField()
    raised_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey("tenants.User", models.SET_NULL, null=True, related_name="+")

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "model"], name="lab_alarm_once")]
        indexes = [models.Index(fields=["tenant", "raised_at"], name="lab_alarm_raised")]
