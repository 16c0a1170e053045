import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deals", "0008_erased_people"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Segment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("is_sample", models.BooleanField(default=False, editable=False)),
                ("name", models.CharField(max_length=200, unique=True, verbose_name="name")),
                ("countries", models.JSONField(blank=True, default=list, verbose_name="countries")),
                (
                    "industries",
                    models.JSONField(blank=True, default=list, verbose_name="industries"),
                ),
                (
                    "employees_from",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="employees from"
                    ),
                ),
                (
                    "employees_to",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="employees to"),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="SegmentPin",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Suspect",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="TargetList",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("is_sample", models.BooleanField(default=False, editable=False)),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "criteria",
                    models.CharField(blank=True, max_length=500, verbose_name="who belongs on it"),
                ),
                (
                    "source",
                    models.CharField(blank=True, max_length=200, verbose_name="where it is from"),
                ),
            ],
            options={
                "verbose_name": "target list",
                "ordering": ["name", "pk"],
            },
        ),
        migrations.AlterField(
            model_name="bulkjob",
            name="what",
            field=models.CharField(
                choices=[
                    ("lose", "Lost"),
                    ("disqualify", "Not a fit"),
                    ("owner", "Owner"),
                    ("stage", "Stage"),
                    ("product", "Product"),
                    ("target_list", "Target list"),
                    ("segment", "Segment"),
                    ("undo", "Undo"),
                ],
                max_length=20,
                verbose_name="what",
            ),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(
                fields=["country", "industry", "employees"], name="account_by_country"
            ),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(fields=["industry", "employees"], name="account_by_industry"),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(fields=["employees"], name="account_by_employees"),
        ),
        migrations.AddConstraint(
            model_name="segment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("employees_from", None),
                    ("employees_to", None),
                    ("employees_from__lte", models.F("employees_to")),
                    _connector="OR",
                ),
                name="segment_employees_in_order",
            ),
        ),
        migrations.AddField(
            model_name="segmentpin",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="pins", to="deals.account"
            ),
        ),
        migrations.AddField(
            model_name="segmentpin",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="segmentpin",
            name="segment",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="pins",
                to="deals.segment",
            ),
        ),
        migrations.AddField(
            model_name="suspect",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="suspect_on",
                to="deals.account",
            ),
        ),
        migrations.AddField(
            model_name="suspect",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="targetlist",
            name="owner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="target_lists",
                to=settings.AUTH_USER_MODEL,
                verbose_name="owner",
            ),
        ),
        migrations.AddField(
            model_name="suspect",
            name="target_list",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="suspects",
                to="deals.targetlist",
            ),
        ),
        migrations.AddField(
            model_name="deal",
            name="target_list",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deals",
                to="deals.targetlist",
                verbose_name="target list",
            ),
        ),
        migrations.AddIndex(
            model_name="deal",
            index=models.Index(
                condition=models.Q(("target_list__isnull", False)),
                fields=["target_list", "status", "stage"],
                name="deal_of_target_list",
            ),
        ),
        migrations.AddConstraint(
            model_name="segmentpin",
            constraint=models.UniqueConstraint(
                fields=("segment", "account"), name="pin_once_a_segment"
            ),
        ),
        migrations.AddConstraint(
            model_name="suspect",
            constraint=models.UniqueConstraint(
                fields=("target_list", "account"), name="suspect_once_a_list"
            ),
        ),
    ]
