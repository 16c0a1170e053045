"""The delivered pipeline (one stage for each SPANCO phase) and the delivered loss reasons with their playbooks."""

from django.db import migrations

# phase, name, probability %, stuck after days, default interval in days
STAGES = [
    ("suspect", "Suspect", 5, 30, 7),
    ("prospect", "Prospect", 10, 30, 7),
    ("approach", "Approach", 25, 30, 7),
    ("negotiation", "Negotiation", 50, 30, 7),
    ("conclusion", "Conclusion", 75, 21, 5),
    ("order", "Order", 100, 60, 30),
]

# slug, name, category, control, revisit, track, referral, buyer (days after the closing; None = not done)
REASONS = [
    ("budget-gone", "Budget gone", "money", "theirs", 150, "Quarterly, light", 14, 3),
    ("price-or-value", "Price or value", "money", "ours", 180, "Quarterly, light", 14, 3),
    (
        "lost-to-a-competitor",
        "Lost to a competitor",
        "competition",
        "partly",
        240,
        "Quarterly, light",
        14,
        3,
    ),
    ("no-decision", "No decision", "decision", "partly", 90, "Quarterly, light", 14, 3),
    ("timing", "Timing", "decision", "partly", 90, "Quarterly, light", 7, 3),
    ("no-decision-maker", "No decision-maker reached", "decision", "ours", 90, "", None, 3),
    ("missing-feature", "Missing feature", "offer", "partly", 180, "Quarterly, light", 14, 3),
    ("relationship-or-trust", "Relationship or trust", "people", "ours", 180, "", None, 3),
    ("kept-in-house", "Kept in-house", "competition", "theirs", 240, "Quarterly, light", 14, 3),
    ("poor-fit", "Poor fit", "offer", "partly", None, "", 14, 3),
    ("terms-or-legal", "Terms or legal", "offer", "partly", 180, "", 14, 3),
    ("project-cancelled", "Project cancelled", "decision", "theirs", 180, "Quarterly, light", 7, 3),
]


def deliver(apps, schema_editor):
    stage_model = apps.get_model("deals", "Stage")
    reason_model = apps.get_model("deals", "LossReason")
    stage_model.objects.bulk_create(
        stage_model(
            phase=phase,
            name=name,
            position=position,
            probability=probability,
            stuck_after_days=stuck,
            interval_days=interval,
        )
        for position, (phase, name, probability, stuck, interval) in enumerate(STAGES, start=1)
    )
    reason_model.objects.bulk_create(
        reason_model(
            slug=slug,
            name=name,
            category=category,
            control=control,
            position=position,
            revisit_after_days=revisit,
            nurture_track=track,
            ask_referral_after_days=referral,
            ask_buyer_after_days=buyer,
        )
        for position, (slug, name, category, control, revisit, track, referral, buyer) in enumerate(
            REASONS, start=1
        )
    )
    last = len(REASONS)
    reason_model.objects.create(
        slug="other",
        name="Other",
        control="partly",
        position=last + 1,
        needs_note=True,
        ask_buyer_after_days=3,
    )
    reason_model.objects.create(
        slug="no-answer", name="No answer", control="partly", position=last + 2, is_system=True
    )
    reason_model.objects.create(
        slug="not-stated", name="Not stated", position=last + 3, is_system=True
    )


def withdraw(apps, schema_editor):
    apps.get_model("deals", "LossReason").objects.all().delete()
    apps.get_model("deals", "Stage").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("deals", "0001_accounts_deals_outcomes")]

    operations = [migrations.RunPython(deliver, withdraw)]
