"""What can be set up here: for each kind its model, form, actions, and how a row of its list reads."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.shared import display
from deals.actions import merging, setup
from deals.forms.settings import NameForm, ReasonForm, SegmentForm, StageForm
from deals.funnels import counts_in
from deals.models import Account, Competitor, LossReason, Product, Segment, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crm.shared.models import User

    Cells = Callable[[Any], list[str]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kind:
    """One settings page. `cells` are the columns after the name, `heads` what they are called.

    `counted` says how many rows belong to each, in one statement; `leads_to` begins the address that lists them.
    """

    slug: str
    model: type[Any]
    form: type[Any]
    title: Any
    lead: Any
    new: Any
    heads: tuple[Any, ...] = ()
    cells: Cells = lambda thing: []
    counted: Callable[[Sequence[Any], User], dict[int, int]] | None = None
    leads_to: str = ""
    add: Callable[..., Any]
    edit: Callable[..., Any]
    retire: Callable[..., Any]
    restore: Callable[..., Any] = setup.restore
    merge: Callable[..., Any] | None = None
    move: Callable[..., Any] | None = None


def _days(count: int | None) -> str:
    return display.NOTHING if count is None else display.number(count)


def _of_stage(stage: Stage) -> list[str]:
    return [
        stage.get_phase_display(),
        display.percent(stage.probability / 100),
        _days(stage.stuck_after_days),
        _days(stage.interval_days),
    ]


def _of_reason(reason: LossReason) -> list[str]:
    return [
        reason.get_control_display() or display.NOTHING,
        _days(reason.revisit_after_days),
        _days(reason.ask_referral_after_days),
        _days(reason.ask_buyer_after_days),
        reason.nurture_track or display.NOTHING,
    ]


def _of_segment(segment: Segment) -> list[str]:
    """The criteria in words."""
    said = [
        ", ".join(segment.countries),
        ", ".join(segment.industries),
        _size(segment.employees_from, segment.employees_to),
    ]
    return [" · ".join(filter(None, said)) or _("Put in by hand only")]


def _size(smallest: int | None, largest: int | None) -> str:
    if smallest is None and largest is None:
        return ""
    values = {"n": display.number(smallest or 0), "most": display.number(largest or 0)}
    if largest is None:
        return _("%(n)s employees or more") % values
    return _("%(n)s to %(most)s employees") % values


def _accounts_in(segments: Sequence[Segment], user: User) -> dict[int, int]:
    """How many accounts that `user` sees are in each segment."""
    return counts_in(segments, among=Account.objects.visible_to(user).current())


KINDS = {
    kind.slug: kind
    for kind in (
        Kind(
            slug="stages",
            model=Stage,
            form=StageForm,
            title=gettext_lazy("Stages"),
            lead=gettext_lazy("The steps of the pipeline, each in one of the six phases."),
            new=gettext_lazy("New stage"),
            heads=(
                gettext_lazy("Phase"),
                gettext_lazy("Wins"),
                gettext_lazy("Stuck after, days"),
                gettext_lazy("Follow up every, days"),
            ),
            cells=_of_stage,
            add=setup.add_stage,
            edit=setup.edit_stage,
            retire=setup.retire_stage,
            move=setup.move_stage,
        ),
        Kind(
            slug="reasons",
            model=LossReason,
            form=ReasonForm,
            title=gettext_lazy("Reasons and playbooks"),
            lead=gettext_lazy("Why deals are lost, and what then happens by itself."),
            new=gettext_lazy("New reason"),
            heads=(
                gettext_lazy("Control"),
                gettext_lazy("Call again"),
                gettext_lazy("Ask for a referral"),
                gettext_lazy("Ask why"),
                gettext_lazy("Track"),
            ),
            cells=_of_reason,
            add=setup.add_reason,
            edit=setup.edit_reason,
            retire=setup.retire_reason,
            merge=merging.merge,
        ),
        Kind(
            slug="competitors",
            model=Competitor,
            form=NameForm,
            title=gettext_lazy("Competitors"),
            lead=gettext_lazy("Who else sells it. Reports split the win rate by these."),
            new=gettext_lazy("New competitor"),
            add=setup.add_competitor,
            edit=setup.rename,
            retire=setup.retire,
            merge=merging.merge,
        ),
        Kind(
            slug="products",
            model=Product,
            form=NameForm,
            title=gettext_lazy("Products"),
            lead=gettext_lazy("What is sold. Reports split the win rate by these."),
            new=gettext_lazy("New product"),
            add=setup.add_product,
            edit=setup.rename,
            retire=setup.retire,
            merge=merging.merge,
        ),
        Kind(
            slug="segments",
            model=Segment,
            form=SegmentForm,
            title=gettext_lazy("Segments"),
            lead=gettext_lazy(
                "Named criteria over accounts. Lists and reports are filtered by these."
            ),
            new=gettext_lazy("New segment"),
            heads=(gettext_lazy("Criteria"),),
            cells=_of_segment,
            counted=_accounts_in,
            leads_to="deals:accounts",
            add=setup.add_segment,
            edit=setup.edit_segment,
            retire=setup.retire,
        ),
    )
}


def moved(kind: Kind) -> str:
    """What a merge moves, in words."""
    words = {
        "reasons": _("Every loss that names it will name the other one."),
        "competitors": _("Every closing that names it will name the other one."),
        "products": _("Every deal that names it will name the other one."),
    }
    return words[kind.slug]
