from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0003_search"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="parts",
            field=models.JSONField(null=True),
        ),
    ]
