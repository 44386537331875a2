"""The full-text index, and the entries of everything that was said before it."""

from collections.abc import Iterator
from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from apps.chat.search import engines, index

BATCH = 500


def install(apps: Any, schema_editor: Any) -> None:
    for statement in engines.engine(schema_editor.connection).install():
        schema_editor.execute(statement)


def remove(apps: Any, schema_editor: Any) -> None:
    for statement in engines.engine(schema_editor.connection).remove():
        schema_editor.execute(statement)


def fill(apps: Any, schema_editor: Any) -> None:
    entry = apps.get_model("chat", "SearchEntry")
    for rows in _batches(apps.get_model("chat", "Conversation"), ("tenant_id", "title"), schema_editor):
        found = [
            values
            for row in rows
            for values in index.entries(
                tenant=row["tenant_id"], conversation=row["pk"], message=None, text=row["title"]
            )
        ]
        entry.objects.bulk_create([entry(**values) for values in found])
    for rows in _batches(apps.get_model("chat", "Message"), ("tenant_id", "conversation_id", "text"), schema_editor):
        found = [
            values
            for row in rows
            for values in index.entries(
                tenant=row["tenant_id"], conversation=row["conversation_id"], message=row["pk"], text=row["text"]
            )
        ]
        entry.objects.bulk_create([entry(**values) for values in found])


def _batches(model: Any, names: tuple[str, ...], schema_editor: Any) -> Iterator[list[dict[str, Any]]]:
    rows = model.objects.using(schema_editor.connection.alias).order_by("pk").values("pk", *names)
    found = list(rows[:BATCH])
    while found:
        yield found
        found = list(rows.filter(pk__gt=found[-1]["pk"])[:BATCH])


class Migration(migrations.Migration):
    dependencies = [("chat", "0002_shares_drafts_attachments"), ("tenants", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("piece", models.PositiveSmallIntegerField(default=0)),
                ("words", models.TextField()),
                (
                    "conversation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="chat.conversation",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="chat.message"
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["conversation", "id"], name="chat_search_conversation")]},
        ),
        migrations.RunPython(install, remove),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
