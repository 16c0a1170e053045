"""What people set about themselves."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from crm.shared.errors import ActionRefused
from crm.shared.models import User

OWN = ("name", "time_zone", "language", "working_days", "theme", "wants_morning_mail")


@transaction.atomic
def edit_me(
    person: User,
    *,
    name: str,
    time_zone: str,
    language: str,
    working_days: Sequence[int],
    theme: str,
    wants_morning_mail: bool,
) -> User:
    """Change one's own settings; `working_days` are weekdays, Monday = 0. Raises ActionRefused without a working day.

    No event: nobody reacts, and nothing of it belongs in the story of a deal.
    """
    if not working_days:
        nothing_planned = _("Choose at least one day: the plan sets every touch on a working day.")
        raise ActionRefused(nothing_planned, fields={"working_days": nothing_planned})
    me: User = User.objects.select_for_update().get(pk=person.pk)
    me.name, me.time_zone, me.language, me.theme = name, time_zone, language, theme
    me.working_days = sorted(set(working_days))
    me.wants_morning_mail = wants_morning_mail
    me.save(update_fields=[*OWN, "updated_at"])
    return me
