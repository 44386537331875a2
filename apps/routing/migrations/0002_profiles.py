import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Profiles as sums that fade. Nothing ever wrote the table that they replace."""

    dependencies = [
        ("routing", "0001_initial"),
        ("tenants", "0001_initial"),
    ]

    operations = [
        migrations.DeleteModel(name="ModelProfile"),
        migrations.CreateModel(
            name="ModelProfile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_token", models.JSONField(default=dict)),
                ("speed", models.JSONField(default=dict)),
                ("answered", models.FloatField(default=0.0)),
                ("errors", models.FloatField(default=0.0)),
                ("refused", models.FloatField(default=0.0)),
                ("truncated", models.FloatField(default=0.0)),
                ("cost", models.FloatField(default=0.0)),
                ("paced_at", models.DateTimeField(null=True)),
                ("model", models.CharField(max_length=128)),
                ("changed_at", models.DateTimeField()),
                ("untold", models.BooleanField(default=False)),
                ("told_at", models.DateTimeField(null=True)),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tenants.tenant"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("untold", True)), fields=["untold"], name="routing_profile_untold")
                ],
                "constraints": [models.UniqueConstraint(fields=("tenant", "model"), name="routing_profile_once")],
            },
        ),
        migrations.CreateModel(
            name="ProfileCell",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_token", models.JSONField(default=dict)),
                ("speed", models.JSONField(default=dict)),
                ("answered", models.FloatField(default=0.0)),
                ("errors", models.FloatField(default=0.0)),
                ("refused", models.FloatField(default=0.0)),
                ("truncated", models.FloatField(default=0.0)),
                ("cost", models.FloatField(default=0.0)),
                ("paced_at", models.DateTimeField(null=True)),
                ("model", models.CharField(max_length=128)),
                ("task", models.CharField(max_length=40)),
                ("domain", models.CharField(max_length=40)),
                ("short", models.FloatField(default=0.0)),
                ("total", models.FloatField(default=0.0)),
                ("squares", models.FloatField(default=0.0)),
                ("seen", models.FloatField(default=0.0)),
                ("rated_at", models.DateTimeField(null=True)),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tenants.tenant"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "model", "task", "domain"), name="routing_profile_cell")
                ],
            },
        ),
        migrations.CreateModel(
            name="ProfileDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_token", models.JSONField(default=dict)),
                ("speed", models.JSONField(default=dict)),
                ("answered", models.FloatField(default=0.0)),
                ("errors", models.FloatField(default=0.0)),
                ("refused", models.FloatField(default=0.0)),
                ("truncated", models.FloatField(default=0.0)),
                ("cost", models.FloatField(default=0.0)),
                ("paced_at", models.DateTimeField(null=True)),
                ("model", models.CharField(max_length=128)),
                ("day", models.DateField()),
                ("short", models.FloatField(default=0.0)),
                ("total", models.FloatField(default=0.0)),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tenants.tenant"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["day"], name="routing_day")],
                "constraints": [models.UniqueConstraint(fields=("tenant", "model", "day"), name="routing_profile_day")],
            },
        ),
        migrations.RemoveConstraint(
            model_name="outcome",
            name="routing_outcome_once",
        ),
        migrations.AddField(
            model_name="outcome",
            name="importance",
            field=models.FloatField(default=1.0),
        ),
        migrations.AddField(
            model_name="outcome",
            name="mark",
            field=models.FloatField(default=0.0),
        ),
        migrations.AddField(
            model_name="outcome",
            name="propensity",
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name="outcome",
            name="weight",
            field=models.FloatField(default=0.0),
        ),
        migrations.AlterField(
            model_name="outcome",
            name="complexity",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddIndex(
            model_name="outcome",
            index=models.Index(fields=["at"], name="routing_outcome_age"),
        ),
        migrations.AddConstraint(
            model_name="outcome",
            constraint=models.UniqueConstraint(
                fields=("tenant", "turn_id", "model", "signal"), name="routing_outcome_once"
            ),
        ),
    ]
