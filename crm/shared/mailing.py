"""Queue a mail as a row, in the caller's transaction; the one place that asks who wants none."""

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.shared import letters
from crm.shared.after_commit import poke
from crm.shared.errors import ActionRefused
from crm.shared.letters import Mail, normal_address
from crm.shared.models import OutgoingMail, Suppression, User
from crm.shared.sending_window import next_opening
from crm.shared.states import CANCELLABLE, Audience, MailState, Scope

__all__ = [
    "Mail",
    "cancel",
    "digest",
    "forget_addresses",
    "forms_of",
    "is_suppressed",
    "lift",
    "normal_address",
    "queue",
    "refuse_if_suppressed",
    "suppress",
    "suppress_many",
    "suppressed_among",
    "to_rep",
    "unsubscribe",
]

LONGEST_ADDRESS = 320


def to_rep(
    user: User,
    *,
    key: str,
    template: str,
    context: Mapping[str, object],
    due_at: dt.datetime,
    deal_id: int | None = None,
) -> Mail:
    """A mail to one of us, in their language and zone."""
    return Mail(
        key=key,
        template=template,
        context=context,
        to_address=user.email,
        to_name=user.name,
        due_at=due_at,
        audience=Audience.REP,
        language=user.language,
        time_zone=user.time_zone,
        country=user.country,
        user_id=user.pk,
        deal_id=deal_id,
    )


@transaction.atomic
def queue(mails: Sequence[Mail]) -> list[OutgoingMail]:
    """One row for each mail, in their order; a key that is there already gives its row, unchanged.

    A mail that must not go is a row too, so that the refusal is seen: `suppressed` (rule 8), or `failed`
    for want of the company's postal address or of a real address; the latter two are made anew when
    asked again. A buyer's mail is due in their hours.
    """
    keys = [mail.key for mail in mails]
    forget_unwritten(keys)
    known = OutgoingMail.objects.in_bulk(keys, field_name="key")
    wanted = {mail.key: mail for mail in mails if mail.key not in known}
    refusals = stopped(list(wanted.values()))
    OutgoingMail.objects.bulk_create(
        (row(mail, refusals.get(key)) for key, mail in wanted.items()), ignore_conflicts=True
    )
    if wanted:
        known |= OutgoingMail.objects.in_bulk(list(wanted), field_name="key")
    if any(mail.due_at <= timezone.now() for mail in wanted.values()):
        poke("shared.send_mail")
    return [known[key] for key in keys]


def forget_unwritten(keys: Sequence[str]) -> None:
    """A refusal that somebody may have mended since is no answer for ever."""
    OutgoingMail.objects.filter(key__in=keys, state=MailState.FAILED, attempts=0).delete()


def stopped(mails: Sequence[Mail]) -> dict[str, Suppression]:
    """Which of `mails`, by key, go to an address that wants none."""
    refusals: dict[tuple[str, str], Suppression] = {
        (refusal.address, refusal.scope): refusal
        for refusal in _refusals(Suppression.objects.all(), [mail.to_address for mail in mails])
    }
    found = {}
    for mail in mails:
        address = normal_address(mail.to_address)
        refusal = refusals.get((address, Scope.ALL)) or refusals.get((address, mail.scope))
        if refusal:
            found[mail.key] = refusal
    return found


def row(mail: Mail, refusal: Suppression | None) -> OutgoingMail:
    """The unsaved row of a mail, rendered unless it must not go."""
    zone = mail.time_zone or settings.ORGANISATION_TIME_ZONE
    country = mail.country or settings.ORGANISATION_COUNTRY
    due_at = mail.due_at
    if mail.is_to_buyer:
        due_at = next_opening(due_at, zone=zone, country=country)
    state, why = fate(mail, refusal)
    letter = letters.write(mail) if state == MailState.SCHEDULED else letters.unwritten(mail)
    return OutgoingMail(
        key=mail.key,
        audience=mail.audience,
        scope=mail.scope,
        user_id=mail.user_id,
        contact_id=mail.contact_id,
        deal_id=mail.deal_id,
        to_address=mail.to_address.strip()[:LONGEST_ADDRESS],
        normal_address=normal_address(mail.to_address)[:LONGEST_ADDRESS],
        subject=letter.subject,
        message=letter.message,
        message_id=letter.message_id,
        time_zone=zone,
        country=country,
        due_at=due_at,
        state=state,
        last_error=why,
    )


def fate(mail: Mail, refusal: Suppression | None) -> tuple[MailState, str]:
    """Whether a mail may wait for its time, else how it ends and why, in words."""
    if refusal:
        return MailState.SUPPRESSED, refused_since(refusal)
    if not letters.is_address(mail.to_address):
        return MailState.FAILED, _("“%(address)s” is not an e-mail address.") % {
            "address": mail.to_address
        }
    if mail.is_to_buyer and not settings.COMPANY_ADDRESS.strip():
        return MailState.FAILED, _(
            "Mail to buyers must carry the company's postal address: set COMPANY_ADDRESS."
        )
    return MailState.SCHEDULED, ""


@transaction.atomic
def cancel(mails: QuerySet[OutgoingMail]) -> int:
    """Stop those of `mails` that are not yet going out; returns how many were stopped."""
    return stop(mails, state=MailState.CANCELLED)


def stop(mails: QuerySet[OutgoingMail], *, state: MailState, why: str = "") -> int:
    # Locked in one order, so that two who stop the same mails never wait for each other in a ring.
    waiting = mails.filter(state__in=sorted(CANCELLABLE)).order_by("pk").select_for_update()
    pks = list(waiting.values_list("pk", flat=True))
    return OutgoingMail.objects.filter(pk__in=pks, state__in=sorted(CANCELLABLE)).update(
        state=state, claim_token=None, lease_until=None, message=b"", last_error=why
    )


# ---- addresses that want none --------------------------------------------------------------------


@transaction.atomic
def suppress(
    address: str, *, scope: str = Scope.ALL, why: str = "", by: User | None = None
) -> Suppression:
    """No more mail of this scope to this address, from before the next one. Twice is once."""
    refusal, _is_new = Suppression.objects.get_or_create(
        address=normal_address(address),
        scope=scope,
        defaults={"why": why, "since": timezone.now(), "by": by},
    )
    mails = OutgoingMail.objects.filter(normal_address=refusal.address)
    if scope != Scope.ALL:
        mails = mails.filter(scope=scope)
    stop(mails, state=MailState.SUPPRESSED, why=refused_since(refusal))
    return refusal


@transaction.atomic
def suppress_many(reasons: Mapping[str, str], *, by: User | None) -> None:
    """No more mail of any kind to these addresses, each with why; in a fixed number of statements."""
    addresses = {normal_address(address): why for address, why in reasons.items()}
    now = timezone.now()
    Suppression.objects.bulk_create(
        (
            Suppression(address=address, scope=Scope.ALL, why=why, since=now, by=by)
            for address, why in addresses.items()
        ),
        ignore_conflicts=True,
    )
    for refusal in Suppression.objects.filter(address__in=addresses, scope=Scope.ALL):
        mails = OutgoingMail.objects.filter(normal_address=refusal.address)
        stop(mails, state=MailState.SUPPRESSED, why=refused_since(refusal))


@transaction.atomic
def lift(address: str, *, why: str) -> None:
    """Mail may go to this address again, unless there is another reason than this one, such as the buyer's own click."""
    Suppression.objects.filter(address=normal_address(address), scope=Scope.ALL, why=why).delete()


def digest(address: str) -> str:
    """What is kept of an address whose person was erased: enough to know it again, not to write to it.

    Without a key, so that no lost or changed key ever lets mail through to somebody who was promised none.
    """
    normal = normal_address(address)
    return f"sha256:{hashlib.sha256(f'suppression {normal}'.encode()).hexdigest()}"


def forms_of(address: str) -> tuple[str, str]:
    """How an address may stand among those that want no mail: by itself, and as what is kept of it."""
    return normal_address(address), digest(address)


@transaction.atomic
def forget_addresses(addresses: Collection[str], *, by: User | None) -> None:
    """No mail to these addresses ever again, and of each no more is kept than what knows it again."""
    normal = {normal_address(address) for address in addresses}
    known = list(Suppression.objects.filter(address__in=normal))
    now = timezone.now()
    scopes = {(digest(address), str(Scope.ALL)): now for address in normal}
    scopes |= {(digest(one.address), one.scope): one.since for one in known}
    Suppression.objects.filter(pk__in=[one.pk for one in known]).delete()
    Suppression.objects.bulk_create(
        (
            Suppression(address=kept, scope=scope, since=since, by=by)
            for (kept, scope), since in scopes.items()
        ),
        ignore_conflicts=True,
    )
    mails = OutgoingMail.objects.filter(normal_address__in=normal)
    stop(mails, state=MailState.SUPPRESSED, why=_("This person wants no mail."))


def unsubscribe(mail: OutgoingMail) -> None:
    """The reader of this mail wants no more of its kind; from a mail of no kind, none at all.

    Whoever was erased gets none anyway, and nobody knows their address any more.
    """
    if mail.to_address:
        suppress(mail.to_address, scope=mail.scope or Scope.ALL, why=_("Link in a mail"))


def is_suppressed(address: str, scope: str = "") -> Suppression | None:
    """What stops a mail of this scope to this address, if anything."""
    return suppressed_among([address], scope).get(normal_address(address))


def suppressed_among(addresses: Iterable[str], scope: str = "") -> dict[str, Suppression]:
    """Those of `addresses`, in their normal form, that want no mail of this scope, and why not."""
    refusals = _refusals(Suppression.objects.covering(scope), addresses)
    return {refusal.address: refusal for refusal in refusals}


def _refusals(known: QuerySet[Suppression], addresses: Iterable[str]) -> Iterator[Suppression]:
    """Those of `known` that stop mail to these addresses, each under the address that was asked for."""
    asked = {
        form: normal
        for normal in {normal_address(address) for address in addresses}
        for form in forms_of(normal)
    }
    for refusal in known.filter(address__in=asked):
        refusal.address = asked[refusal.address]
        yield refusal


def refuse_if_suppressed(address: str, scope: str = "") -> None:
    """Raises ActionRefused, saying since when, for an address that wants none."""
    if refusal := is_suppressed(address, scope):
        raise ActionRefused(refused_since(refusal))


def refused_since(refusal: Suppression) -> str:
    """For people: since when this address wants no mail."""
    return _("%(address)s wants no mail since %(day)s.") % {
        "address": refusal.address,
        "day": date_format(timezone.localtime(refusal.since), "DATE_FORMAT"),
    }
