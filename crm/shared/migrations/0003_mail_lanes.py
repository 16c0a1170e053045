"""How many passes over the mail run at once."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shared", "0002_exchange_rates")]

    operations = [
        migrations.CreateModel(
            name="MailLane",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("closed_until", models.DateTimeField()),
            ],
            options={"ordering": ["pk"]},
        ),
    ]
