import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("deals", "0003_lean_indexes")]

    operations = [
        migrations.CreateModel(
            name="ConfidenceStated",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("percent", models.PositiveSmallIntegerField(verbose_name="confidence, %")),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("confirmed", "Confirmed"),
                            ("delivering", "Delivering"),
                            ("delivered", "Delivered"),
                            ("accepted", "Accepted"),
                            ("issue", "Issue"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="confirmed",
                        editable=False,
                        max_length=10,
                    ),
                ),
                (
                    "promised_on",
                    models.DateField(blank=True, null=True, verbose_name="promised for"),
                ),
                (
                    "delivered_on",
                    models.DateField(blank=True, null=True, verbose_name="delivered on"),
                ),
                (
                    "accepted_on",
                    models.DateField(blank=True, null=True, verbose_name="accepted on"),
                ),
                (
                    "satisfaction",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="satisfaction, 0–10"
                    ),
                ),
                ("issue", models.TextField(blank=True, verbose_name="what the issue is")),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("sent_on", models.DateField(verbose_name="sent on")),
                (
                    "amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=16,
                        null=True,
                        verbose_name="amount",
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("offer", models.TextField(blank=True, verbose_name="what it offers, in short")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("sent", "Sent"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="sent",
                        editable=False,
                        max_length=10,
                    ),
                ),
                (
                    "answered_on",
                    models.DateField(blank=True, null=True, verbose_name="answered on"),
                ),
                ("words", models.TextField(blank=True, verbose_name="in the buyer’s words")),
                ("objections", models.JSONField(blank=True, default=list)),
            ],
            options={
                "ordering": ["-sent_on", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="ValueCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("after_days", models.PositiveSmallIntegerField()),
                ("due_on", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[("due", "Due"), ("done", "Done"), ("skipped", "Left out")],
                        default="due",
                        max_length=10,
                    ),
                ),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "satisfaction",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="satisfaction, 0–10"
                    ),
                ),
                ("words", models.TextField(blank=True, verbose_name="in the customer’s words")),
            ],
            options={
                "ordering": ["due_on", "pk"],
            },
        ),
        migrations.AddField(
            model_name="deal",
            name="confidence",
            field=models.PositiveSmallIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="deal",
            name="parked_because",
            field=models.CharField(blank=True, editable=False, max_length=300),
        ),
        migrations.AddField(
            model_name="deal",
            name="parked_until",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="deal",
            name="repeat_of",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="repeats",
                to="deals.deal",
            ),
        ),
        migrations.AlterField(
            model_name="stagechange",
            name="to_stage",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries",
                to="deals.stage",
            ),
        ),
        migrations.AddIndex(
            model_name="deal",
            index=models.Index(
                condition=models.Q(("parked_until__isnull", False)),
                fields=["parked_until"],
                name="deal_parked",
            ),
        ),
        migrations.AddIndex(
            model_name="deal",
            index=models.Index(
                condition=models.Q(("repeat_of__isnull", False)),
                fields=["repeat_of"],
                name="deal_repeat_of",
            ),
        ),
        migrations.AddConstraint(
            model_name="deal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("parked_because", ""), ("parked_until", None)),
                    models.Q(
                        ("parked_until__isnull", False),
                        models.Q(("parked_because", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="deal_parked_iff_because",
            ),
        ),
        migrations.AddField(
            model_name="confidencestated",
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
            model_name="confidencestated",
            name="deal",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="confidences",
                to="deals.deal",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="deal",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="orders", to="deals.deal"
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="outcome",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="order",
                to="deals.outcome",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
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
            model_name="proposal",
            name="deal",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="proposals",
                to="deals.deal",
            ),
        ),
        migrations.AddField(
            model_name="valuecheck",
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
            model_name="valuecheck",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="checks", to="deals.order"
            ),
        ),
        migrations.AddIndex(
            model_name="confidencestated",
            index=models.Index(fields=["deal", "-at"], name="confidence_of_deal"),
        ),
        migrations.AddConstraint(
            model_name="confidencestated",
            constraint=models.CheckConstraint(
                condition=models.Q(("percent__lte", 100)), name="confidence_percent"
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["state", "promised_on"], name="order_by_state"),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "withdrawn"), _negated=True),
                fields=("deal",),
                name="order_one_standing",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("satisfaction", None), ("satisfaction__lte", 10), _connector="OR"
                ),
                name="order_satisfaction_range",
            ),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(fields=["deal", "-sent_on"], name="proposal_of_deal"),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(fields=["state", "sent_on"], name="proposal_by_state"),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_on", None), ("state__in", ["sent", "withdrawn"])),
                    models.Q(
                        ("answered_on__isnull", False), ("state__in", ["accepted", "declined"])
                    ),
                    _connector="OR",
                ),
                name="proposal_answered_on_iff_answered",
            ),
        ),
        migrations.AddIndex(
            model_name="valuecheck",
            index=models.Index(
                condition=models.Q(("state", "due")), fields=["due_on"], name="value_check_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="valuecheck",
            constraint=models.UniqueConstraint(
                fields=("order", "after_days"), name="value_check_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="valuecheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at", None), ("state", "due")),
                    models.Q(models.Q(("state", "due"), _negated=True), ("done_at__isnull", False)),
                    _connector="OR",
                ),
                name="value_check_done_at_iff_done",
            ),
        ),
    ]
