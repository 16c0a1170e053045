"""What people set about themselves, and people who are only remembered."""

from collections.abc import Sequence
from itertools import count

from django.db import transaction
from django.utils.text import slugify
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


@transaction.atomic
def add_former(name: str) -> User:
    """Somebody of the past whom history names: never signs in, gets no mail, and keeps their figures.

    A name that is an e-mail address stays the address; else one is made that no mail can reach (RFC 2606).
    """
    address = name if "@" in name else f"{slugify(name)[:60] or 'somebody'}@import.invalid"
    former: User = User.objects.create_user(
        _free(address), name=name[:200], is_active=False, wants_morning_mail=False
    )
    return former


def _free(address: str) -> str:
    local, _at, domain = address.lower().partition("@")
    taken = set(User.objects.filter(email__startswith=local).values_list("email", flat=True))
    numbered = (f"{local}-{number}@{domain}" for number in count(2))
    return (
        address.lower()
        if address.lower() not in taken
        else next(one for one in numbered if one not in taken)
    )
