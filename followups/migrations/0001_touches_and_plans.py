"""Touches, plans, follow-ups, stop rules."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("deals", "0002_delivered_stages_and_reasons"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptOpen",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("until", models.DateField()),
                ("what", models.CharField(max_length=300, verbose_name="what")),
                ("due_at", models.DateTimeField(verbose_name="when")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("call", "Call"),
                            ("email", "E-mail"),
                            ("meeting", "Meeting"),
                            ("form", "Form"),
                            ("social", "Social media"),
                            ("post", "Post"),
                        ],
                        max_length=10,
                        verbose_name="channel",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "deal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="kept_open",
                        to="deals.deal",
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Touch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("call", "Call"),
                            ("email", "E-mail"),
                            ("meeting", "Meeting"),
                            ("form", "Form"),
                            ("social", "Social media"),
                            ("post", "Post"),
                        ],
                        max_length=10,
                        verbose_name="channel",
                    ),
                ),
                (
                    "direction",
                    models.CharField(
                        choices=[("out", "From us"), ("in", "From the buyer")],
                        default="out",
                        max_length=3,
                        verbose_name="direction",
                    ),
                ),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("answered", "Answered"),
                            ("no_answer", "No answer"),
                            ("left_message", "Left a message"),
                            ("replied", "Replied"),
                            ("bounced", "Bounced"),
                            ("kept", "Kept"),
                            ("not_kept", "Not kept"),
                            ("sent", "Sent"),
                            ("out_of_office", "Out of office"),
                        ],
                        max_length=20,
                        verbose_name="result",
                    ),
                ),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="minutes"),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "resource",
                    models.CharField(blank=True, max_length=300, verbose_name="resource given"),
                ),
                (
                    "signal",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("warmer", "Warmer"),
                            ("cooler", "Cooler"),
                            ("asked_to_stop", "Asked to stop"),
                        ],
                        max_length=20,
                        verbose_name="signal",
                    ),
                ),
                (
                    "commitment",
                    models.CharField(
                        blank=True, max_length=300, verbose_name="what the buyer committed to"
                    ),
                ),
                (
                    "external_id",
                    models.CharField(blank=True, max_length=200, null=True, unique=True),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="touches",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="touches",
                        to="deals.contact",
                        verbose_name="contact",
                    ),
                ),
                (
                    "deal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="touches",
                        to="deals.deal",
                        verbose_name="deal",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "touches",
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="FollowUp",
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
                ("due_at", models.DateTimeField(verbose_name="due")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("call", "Call"),
                            ("email", "E-mail"),
                            ("meeting", "Meeting"),
                            ("form", "Form"),
                            ("social", "Social media"),
                            ("post", "Post"),
                        ],
                        max_length=10,
                        verbose_name="channel",
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("close", "Move the deal on"),
                            ("nurture", "Keep in touch"),
                            ("revisit", "Call again after a no"),
                            ("order_check", "Check on the order"),
                        ],
                        default="close",
                        max_length=20,
                        verbose_name="purpose",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("due", "Due"),
                            ("done", "Done"),
                            ("skipped", "Skipped"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="due",
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("what", models.CharField(blank=True, max_length=300, verbose_name="what")),
                (
                    "is_agreed",
                    models.BooleanField(default=False, verbose_name="agreed with the buyer"),
                ),
                ("done_at", models.DateTimeField(editable=False, null=True)),
                (
                    "cancelled_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="deals.outcome",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="follow_ups",
                        to="deals.contact",
                        verbose_name="contact",
                    ),
                ),
                (
                    "deal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="follow_ups",
                        to="deals.deal",
                        verbose_name="deal",
                    ),
                ),
                (
                    "outcome",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="deals.outcome",
                    ),
                ),
                (
                    "done_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="answers",
                        to="followups.touch",
                    ),
                ),
            ],
            options={
                "ordering": ["due_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Plan",
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
                ("interval_days", models.PositiveSmallIntegerField(verbose_name="every … days")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("call", "Call"),
                            ("email", "E-mail"),
                            ("meeting", "Meeting"),
                            ("form", "Form"),
                            ("social", "Social media"),
                            ("post", "Post"),
                        ],
                        max_length=10,
                        verbose_name="channel",
                    ),
                ),
                ("agreed_on", models.DateField(blank=True, null=True, verbose_name="agreed on")),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="plans",
                        to="deals.contact",
                        verbose_name="agreed with",
                    ),
                ),
                (
                    "deal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="plan",
                        to="deals.deal",
                        verbose_name="deal",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("interval_days__gte", 1)),
                        name="plan_interval_at_least_a_day",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StopRule",
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
                    "max_unanswered",
                    models.PositiveSmallIntegerField(verbose_name="tries without an answer"),
                ),
                (
                    "max_silent_days",
                    models.PositiveSmallIntegerField(verbose_name="days of silence"),
                ),
                (
                    "grace_days",
                    models.PositiveSmallIntegerField(default=7, verbose_name="days of grace"),
                ),
                (
                    "deal",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stop_rule",
                        to="deals.deal",
                        verbose_name="deal",
                    ),
                ),
                (
                    "stage",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stop_rule",
                        to="deals.stage",
                        verbose_name="stage",
                    ),
                ),
            ],
            options={
                "ordering": ["stage__position", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("deal__isnull", False), ("stage", None)),
                            models.Q(("deal", None), ("stage__isnull", False)),
                            _connector="OR",
                        ),
                        name="stop_rule_of_stage_or_deal",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("max_silent_days__gte", 1), ("max_unanswered__gte", 1)),
                        name="stop_rule_leaves_a_try_and_a_day",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="touch",
            index=models.Index(fields=["deal", "at"], name="touch_of_deal"),
        ),
        migrations.AddIndex(
            model_name="touch",
            index=models.Index(fields=["by", "at"], name="touch_by_person"),
        ),
        migrations.AddIndex(
            model_name="touch",
            index=models.Index(fields=["at", "channel"], name="touch_by_time"),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(
                condition=models.Q(("state", "due")), fields=["due_at"], name="follow_up_due"
            ),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(fields=["deal", "state"], name="follow_up_of_deal"),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.UniqueConstraint(
                condition=models.Q(("purpose", "close"), ("state", "due")),
                fields=("deal",),
                name="follow_up_one_next_step",
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at__isnull", False), ("state__in", ["done", "skipped"])),
                    models.Q(("done_at", None), ("state__in", ["due", "cancelled"])),
                    _connector="OR",
                ),
                name="follow_up_done_at_iff_done",
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.CheckConstraint(
                condition=models.Q(("cancelled_by", None), ("state", "cancelled"), _connector="OR"),
                name="follow_up_cancelled_by_only_cancelled",
            ),
        ),
    ]
