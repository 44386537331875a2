from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("turns", "0005_attempt_keeps"),
    ]

    operations = [
        migrations.AddField(
            model_name="turn",
            name="answer_entities",
            field=models.JSONField(null=True),
        ),
    ]
