"""Me: name, language, time zone, working days, look and morning mail."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.shared import people
from crm.shared.errors import ActionRefused
from crm.shared.forms import MeForm
from crm.shared.views.mixins import refuse, signed_in
from crm.shared.views.toasts import toast


@require_http_methods(["GET", "HEAD", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """One's own settings; each person sees and changes only theirs."""
    person = signed_in(request)
    form = MeForm(request.POST) if request.method == "POST" else MeForm.about(person)
    if form.is_valid():
        try:
            saved = people.edit_me(person, **form.cleaned_data)
        except ActionRefused as refusal:
            refuse(form, refusal)
        else:
            with translation.override(saved.language or None):
                toast(request, _("Your settings are saved."))
            return redirect("shared:me")
    status = 422 if form.is_bound else 200
    return render(request, "settings/me.html", {"form": form}, status=status)
