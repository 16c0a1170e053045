"""The letter that asks for a referral: ready to copy or to send, in the language of its reader."""

import dataclasses
from urllib.parse import quote

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from crm.shared.models import User
from referrals.models import ReferralAsk
from referrals.states import Origin


@dataclasses.dataclass(frozen=True, kw_only=True)
class Letter:
    """A letter to a person; `address` is empty where there is none or no mail is wished."""

    subject: str
    text: str
    address: str = ""

    @property
    def mailto(self) -> str:
        """A link that opens the writer's own mail program with the letter in it."""
        if not self.address:
            return ""
        words = f"subject={quote(self.subject)}&body={quote(self.text)}"
        return f"mailto:{quote(self.address, safe='@')}?{words}"


def letter_for(ask: ReferralAsk, *, sender: User, is_reachable: bool) -> Letter:
    """Write the letter of an ask that comes with deal, product and contact.

    It names the product at most: never our title of the deal, a price or the reason.
    """
    contact = ask.contact
    language = (contact.language if contact else "") or translation.get_language()
    context = {
        "name": contact.name if contact else "",
        "sender": sender.name,
        "company": settings.COMPANY_NAME,
        "product": ask.deal.product.name if ask.deal.product else "",
        "is_after_win": ask.origin == Origin.WIN,
        "is_offered": ask.origin == Origin.FEEDBACK,
    }
    with translation.override(language):
        subject = render_to_string("referrals/letter.subject.txt", context).strip()
        text = render_to_string("referrals/letter.txt", context).strip()
    address = contact.email if contact and is_reachable else ""
    return Letter(subject=" ".join(subject.split()), text=text, address=address)
