from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("deals", "0005_directory")]

    operations = [
        migrations.AddField(
            model_name="outcome",
            name="no_competitor",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddConstraint(
            model_name="outcome",
            constraint=models.CheckConstraint(condition=models.Q(("no_competitor", False), ("competitor", None), _connector="OR"), name="outcome_competitor_or_none"),
        ),
    ]
