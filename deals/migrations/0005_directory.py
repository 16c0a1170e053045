import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from crm.shared.folding import fold
from crm.shared.trigrams import TrigramIndex, Trigrams

BATCH = 2000


def fold_all(apps, schema_editor):
    """What Searchable.names said of each kind of row when this was written."""
    name_of = {
        "Account": lambda row: [row.name, row.website],
        "Contact": lambda row: [
            row.name,
            row.email,
            row.phone,
            "".join(filter(str.isdigit, row.phone)),
            row.account.name if row.account else "",
        ],
        "Deal": lambda row: [row.title, *(one.name for one in (row.account, row.contact) if one)],
    }
    related = {"Account": [], "Contact": ["account"], "Deal": ["account", "contact"]}
    for kind, names in name_of.items():
        model = apps.get_model("deals", kind)
        last = 0
        while rows := list(
            model.objects.filter(pk__gt=last).select_related(*related[kind]).order_by("pk")[:BATCH]
        ):
            for row in rows:
                row.folded = fold(*names(row))
            model.objects.bulk_update(rows, ["folded"], batch_size=500)
            last = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [
        ("deals", "0004_proposals_and_orders"),
        ("shared", "0004_one_mail_in_hand_per_contact"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Trigrams(),
        migrations.AddField("account", "folded", models.TextField(default="", editable=False)),
        migrations.AddField("contact", "folded", models.TextField(default="", editable=False)),
        migrations.AddField("deal", "folded", models.TextField(default="", editable=False)),
        migrations.RunPython(fold_all, migrations.RunPython.noop),
        TrigramIndex("account_folded", table="deals_account", column="folded"),
        TrigramIndex("contact_folded", table="deals_contact", column="folded"),
        TrigramIndex("deal_folded", table="deals_deal", column="folded"),
        *(
            migrations.AddField(
                kind,
                "merged_into",
                models.ForeignKey(
                    f"deals.{kind}",
                    django.db.models.deletion.SET_NULL,
                    null=True,
                    editable=False,
                    related_name="merged",
                ),
            )
            for kind in ("account", "contact")
        ),
        migrations.AddField(
            "contact",
            "do_not_contact_scope",
            models.CharField(
                choices=[
                    ("all", "anything"),
                    ("email", "e-mail"),
                    ("call", "calls"),
                    ("meeting", "visits"),
                ],
                default="all",
                max_length=10,
                verbose_name="does not want",
            ),
        ),
        migrations.AddField(
            "contact",
            "do_not_contact_since",
            models.DateField(blank=True, null=True, verbose_name="asked on"),
        ),
        migrations.CreateModel(
            "Merge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=10)),
                ("kept_id", models.BigIntegerField()),
                ("gone_id", models.BigIntegerField()),
                ("before", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        django.db.models.deletion.SET_NULL,
                        null=True,
                        related_name="+",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        "shared.eventrecord",
                        django.db.models.deletion.SET_NULL,
                        null=True,
                        related_name="+",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [models.Index(fields=["kind", "kept_id"], name="merge_of_kept")],
            },
        ),
    ]
