from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("deals", "0009_target_lists_and_segments")]

    operations = [
        migrations.AddField("account", "name_key", models.TextField(default="", editable=False)),
        migrations.AddField("contact", "name_key", models.TextField(default="", editable=False)),
        migrations.AddIndex("account", models.Index(fields=["name_key"], name="account_by_key")),
        migrations.AddIndex("contact", models.Index(fields=["name_key"], name="contact_by_key")),
    ]
