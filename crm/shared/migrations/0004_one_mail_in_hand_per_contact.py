"""Of one contact only one mail is claimed or going out at a time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shared", "0003_mail_lanes")]

    operations = [
        migrations.AddConstraint(
            model_name="outgoingmail",
            constraint=models.UniqueConstraint(
                condition=models.Q(("audience", "buyer"), ("state__in", ["claimed", "sending"])),
                fields=("contact_id",),
                name="mail_one_in_hand_per_contact",
            ),
        ),
    ]
