"""A stop rule for each delivered stage: tries without an answer, days of silence; seven days of grace (rule 4)."""

from django.db import migrations

# phase, tries without an answer, days of silence
RULES = [
    ("suspect", 4, 30),
    ("prospect", 5, 45),
    ("approach", 6, 60),
    ("negotiation", 6, 45),
    ("conclusion", 6, 30),
]
GRACE_DAYS = 7


def deliver(apps, schema_editor):
    rule_model = apps.get_model("followups", "StopRule")
    rule_model.objects.bulk_create(
        rule_model(stage=stage, max_unanswered=tries, max_silent_days=days, grace_days=GRACE_DAYS)
        for phase, tries, days in RULES
        for stage in apps.get_model("deals", "Stage").objects.filter(phase=phase, stop_rule=None)
    )


def withdraw(apps, schema_editor):
    apps.get_model("followups", "StopRule").objects.filter(stage__isnull=False).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("followups", "0001_touches_and_plans"),
        ("deals", "0002_delivered_stages_and_reasons"),
    ]

    operations = [migrations.RunPython(deliver, withdraw)]
