"""Forms of deals: shape and fields only; the actions decide."""

from deals.forms.closing import BulkLoseForm, DisqualifyForm, LoseForm, WinForm
from deals.forms.deal import DealForm, MoveForm, NewDealForm, SecondChanceForm, StakeholderForm
from deals.forms.directory import AccountForm, ContactForm

__all__ = [
    "AccountForm",
    "BulkLoseForm",
    "ContactForm",
    "DealForm",
    "DisqualifyForm",
    "LoseForm",
    "MoveForm",
    "NewDealForm",
    "SecondChanceForm",
    "StakeholderForm",
    "WinForm",
]
