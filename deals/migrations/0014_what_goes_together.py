from typing import ClassVar

from django.db import migrations

from crm.shared.statistics import Together


class Migration(migrations.Migration):
    dependencies: ClassVar = [("deals", "0013_closings_in_their_order")]

    operations: ClassVar = [
        Together("deal_status_stage", table="deals_deal", columns="status, stage_id"),
        Together("deal_status_tries", table="deals_deal", columns="status, unanswered_touches"),
        Together(
            "outcome_kind_why",
            table="deals_outcome",
            columns="kind, automatic, control, disqualified_as",
        ),
        Together("outcome_kind_rival", table="deals_outcome", columns="kind, competitor_id"),
    ]
