from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("turns", "0006_answer_entities"),
    ]

    operations = [
        migrations.AddField(
            model_name="attempt",
            name="hosting",
            field=models.CharField(blank=True, db_default="", default="", max_length=12),
        ),
    ]
