from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("turns", "0007_attempt_hosting"),
    ]

    operations = [
        migrations.AddField(
            model_name="turn",
            name="vote",
            field=models.JSONField(null=True),
        ),
    ]
