"""Teams and people: invite, place, hand over and say goodbye. Managers read, administrators change."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.shared import teams
from crm.shared.forms_of_people import InviteForm, LeaveForm, PersonForm, TeamForm
from crm.shared.models import Team, User
from crm.shared.policies import allows
from crm.shared.roles import Permission
from crm.shared.views.mixins import edited, require, submitted, visible_or_404
from crm.shared.views.toasts import toast

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """Who works here; an administrator invites another one."""
    user = _reader(request)
    form = InviteForm(_sent(request), user=user)
    status = submitted(form, lambda: teams.invite(by=user, **form.cleaned_data))
    if status is None:
        toast(request, _("%(name)s gets a mail with a link.") % {"name": form.cleaned_data["name"]})
        return redirect("shared_settings:people")
    seen = User.objects.visible_to(user).prefetch_related("memberships__team")
    everybody = list(seen.order_by("-is_active", "name", "pk"))
    context = {"people": everybody, "form": form, "may_set_up": _may_set_up(user)}
    return render(request, "settings/people.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Role, teams, commission."""
    user, somebody = _asked(request, pk)
    form, status = edited(
        PersonForm(_sent(request), user=user, instance=somebody),
        functools.partial(teams.edit_person, somebody, by=user),
        now=lambda: User.objects.visible_to(user).get(pk=pk),
    )
    if status is None:
        toast(request, _("Saved."))
        return redirect("shared_settings:people")
    context = {"person": somebody, "form": form}
    return render(request, "settings/person.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand over everything of somebody who leaves; they sign in no more."""
    user, somebody = _asked(request, pk)
    form = LeaveForm(_sent(request), user=user, person=somebody)
    status = submitted(
        form, lambda: teams.leave(somebody, heirs=form.cleaned_data["heirs"], by=user)
    )
    if status is None:
        toast(request, _("Everything of %(name)s is handed over.") % {"name": somebody.name})
        return redirect("shared_settings:people")
    context = {"person": somebody, "form": form}
    return render(request, "settings/leave.html", context, status=status)


@require_POST
def come_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody sign in again."""
    user, somebody = _asked(request, pk)
    teams.come_back(somebody, by=user)
    toast(request, _("%(name)s may sign in again.") % {"name": somebody.name})
    return redirect("shared_settings:people")


@require_POST
def invite_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the link once more."""
    user, somebody = _asked(request, pk)
    teams.send_invitation(somebody, by=user)
    toast(request, _("%(name)s gets a mail with a link.") % {"name": somebody.name})
    return redirect("shared_settings:people")


@require_http_methods(["GET", "HEAD", "POST"])
def tree(request: HttpRequest) -> HttpResponse:
    """The teams, each below the one it belongs to."""
    user = _reader(request)
    form = TeamForm(_sent(request), user=user)
    status = submitted(form, lambda: teams.add_team(by=user, **form.cleaned_data))
    if status is None:
        return redirect("shared_settings:teams")
    seen = Team.objects.visible_to(user).prefetch_related("memberships__user")
    rows: list[dict[str, Any]] = [
        {
            "team": team,
            "depth": min(team.path.count("/") - 2, 5),
            "members": ", ".join(one.user.name for one in team.memberships.all()),
        }
        for team in seen
    ]
    context = {"rows": rows, "form": form, "may_set_up": _may_set_up(user)}
    return render(request, "settings/teams.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name, or another place in the tree."""
    user = require(request, Permission.ADMINISTER)
    one = visible_or_404(Team.objects.visible_to(user), pk)
    form, status = edited(
        TeamForm(_sent(request), user=user, instance=one),
        functools.partial(teams.edit_team, one, by=user),
        now=lambda: Team.objects.visible_to(user).get(pk=pk),
    )
    if status is None:
        toast(request, _("Saved."))
        return redirect("shared_settings:teams")
    return render(request, "settings/team.html", {"team": one, "form": form}, status=status)


def _reader(request: HttpRequest) -> User:
    is_post = request.method == "POST"
    return require(request, Permission.ADMINISTER if is_post else Permission.SET_RULES)


def _asked(request: HttpRequest, pk: int) -> tuple[User, User]:
    user = require(request, Permission.ADMINISTER)
    return user, visible_or_404(User.objects.visible_to(user), pk)


def _may_set_up(user: User) -> bool:
    return allows(user, Permission.ADMINISTER)


def _sent(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None
