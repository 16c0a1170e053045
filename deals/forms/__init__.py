"""Forms of deals: shape and fields only; the actions decide."""

from deals.forms.bulk import BulkLoseForm
from deals.forms.closing import DisqualifyForm, LoseForm, WinForm
from deals.forms.deal import DealForm, MoveForm, NewDealForm, SecondChanceForm, StakeholderForm
from deals.forms.directory import AccountForm, ConsentForm, ContactForm, EraseForm, ReachForm
from deals.forms.saved_views import SavedViewForm

__all__ = [
    "AccountForm",
    "BulkLoseForm",
    "ConsentForm",
    "ContactForm",
    "DealForm",
    "DisqualifyForm",
    "EraseForm",
    "LoseForm",
    "MoveForm",
    "NewDealForm",
    "ReachForm",
    "SavedViewForm",
    "SecondChanceForm",
    "StakeholderForm",
    "WinForm",
]
