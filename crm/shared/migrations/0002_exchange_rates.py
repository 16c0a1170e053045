"""Dated rates to the organisation's currency."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shared", "0001_people_events_mail")]

    operations = [
        migrations.CreateModel(
            name="ExchangeRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("on", models.DateField(verbose_name="from")),
                (
                    "rate",
                    models.DecimalField(decimal_places=10, max_digits=20, verbose_name="rate"),
                ),
            ],
            options={
                "ordering": ["currency", "-on"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("currency", "on"), name="exchange_rate_once_a_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rate__gt", 0)), name="exchange_rate_above_zero"
                    ),
                ],
            },
        )
    ]
