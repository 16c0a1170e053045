"""How often an import was tried at the same place."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("imports", "0003_layouts")]

    operations = [
        migrations.AddField(
            model_name="import",
            name="tries",
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]
