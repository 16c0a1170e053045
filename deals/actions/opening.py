"""Open a deal together with the company and the person that it is the first one for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from deals.actions import directory, pipeline

if TYPE_CHECKING:
    from crm.shared.models import User
    from deals.models import Account, Contact, Deal


@transaction.atomic
def open_with(
    *,
    by: User,
    owner: User,
    title: str,
    account: Account | None = None,
    account_name: str = "",
    contact: Contact | None = None,
    contact_name: str = "",
    contact_email: str = "",
    **fields: Any,
) -> Deal:
    """Open a deal; an account or a contact that is only named is added first, all or nothing.

    Raises ActionRefused when there is no stage to start in.
    """
    if account is None and account_name:
        account = directory.add_accounts([{"name": account_name, "owner": owner}], by=by)[0]
    if contact is None and contact_name:
        country = account.country if account else ""
        person = {"name": contact_name, "email": contact_email, "account": account, "owner": owner}
        contact = directory.add_contacts([person | {"country": country}], by=by)[0]
    return pipeline.open_deal(
        by=by, title=title, owner=owner, account=account, contact=contact, **fields
    )
