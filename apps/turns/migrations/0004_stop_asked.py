from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("turns", "0003_body_hash")]

    operations = [
        migrations.AddField(
            model_name="turn",
            name="stop_asked",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
