"""Every component in every state on one page, for those who build pages; served only while DEBUG is on."""

import datetime as dt
from decimal import Decimal

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

SWATCHES = (
    *("paper", "surface", "raised", "sunken", "line", "line-strong"),
    *("ink", "ink-2", "ink-3", "accent", "accent-soft", "accent-line"),
    *("needs", "needs-fill", "needs-soft", "loss", "loss-fill", "loss-soft"),
    *("error", "error-soft", "c-ours-1", "c-ours-2", "c-partly-1", "c-partly-2"),
)
ROWS = 60


class KitForm(forms.Form):
    """One field of each kind."""

    step = forms.CharField(label="Next step", required=False, help_text="One sentence is plenty.")
    due = forms.DateField(
        label="Due", error_messages={"invalid": "November has 30 days. Did you mean 30 November?"}
    )
    stage = forms.ChoiceField(label="Stage", choices=[("n", "Negotiation"), ("c", "Conclusion")])
    words = forms.CharField(
        label="In the buyer’s words", required=False, widget=forms.Textarea({"rows": 2})
    )
    agreed = forms.BooleanField(label="Agreed with the buyer", required=False)
    channel = forms.ChoiceField(
        label="Channel", choices=[("phone", "Phone"), ("mail", "E-mail")], widget=forms.RadioSelect
    )


@login_not_required
def kit(request: HttpRequest) -> HttpResponse:
    """The page shows; its forms are sent nowhere."""
    now = timezone.now()
    context = {
        "swatches": SWATCHES,
        "form": KitForm(
            {"step": "Demo with Priya", "due": "31 November", "stage": "n", "channel": "phone"}
        ),
        "amount": Decimal(48200),
        "moments": [
            now - dt.timedelta(days=1),
            now,
            now + dt.timedelta(days=5),
            now + dt.timedelta(days=150),
        ],
        "page": Paginator(range(ROWS), 20).get_page(request.GET.get("page")),
    }
    return render(request, "kit.html", context)
