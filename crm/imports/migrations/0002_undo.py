"""What an import wrote, row by row, and its way back."""

import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("imports", "0001_imports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("thing", models.CharField(max_length=20)),
                ("row_id", models.BigIntegerField()),
                ("is_new", models.BooleanField()),
                ("version", models.PositiveIntegerField(default=0)),
                (
                    "former",
                    models.JSONField(
                        default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder
                    ),
                ),
                ("kept", models.CharField(blank=True, max_length=300)),
                ("name", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.RemoveIndex(
            model_name="import",
            name="import_to_run",
        ),
        migrations.AddField(
            model_name="import",
            name="undone",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="import",
            name="undone_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="import",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "Not started"),
                    ("queued", "Waiting"),
                    ("running", "Running"),
                    ("done", "Done"),
                    ("failed", "Stopped"),
                    ("undoing", "Being taken back"),
                    ("undone", "Taken back"),
                ],
                default="draft",
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="import",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "running", "undoing"])),
                fields=["lease_until"],
                name="import_to_run",
            ),
        ),
        migrations.AddField(
            model_name="importchange",
            name="belongs_to",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="changes",
                to="imports.import",
            ),
        ),
        migrations.AddIndex(
            model_name="importchange",
            index=models.Index(fields=["belongs_to", "id"], name="import_change_in_order"),
        ),
        migrations.AddIndex(
            model_name="importchange",
            index=models.Index(fields=["row_id", "thing"], name="import_change_of_row"),
        ),
    ]
