"""Where each person can go, and the bell."""

import datetime as dt

from django.urls import reverse

from crm.shared.models import EventRecord, Notice
from crm.shared.views.frame import NOTICES_IN_BELL, Frame, frame


def framed(rf, user, path="/"):
    return Frame(rf.get(path), user)


def labels(items):
    return [str(item.place.label) for item in items]


def notice(now, *, user=None, hours_ago=1, text="Norrland Dairy answered"):
    at = now - dt.timedelta(hours=hours_ago)
    event = EventRecord.objects.create(name="deal.won", at=at, data={}, subject_kind="deal")
    return Notice.objects.create(user=user, event=event, text=text, path="/deals/1/", at=at)


def test_a_rep_goes_everywhere_a_deal_is_worked_on(rf, rep):
    seen = framed(rf, rep)

    assert labels(seen.work) == ["Today", "Pipeline", "Accounts", "Second chances", "Referrals"]
    assert labels(seen.learn) == ["Reviews", "Reports"]
    assert labels(seen.set_up) == ["Import", "Export", "API", "Settings"]
    assert seen.home == reverse("today:today")


def test_a_viewer_sees_reports_and_own_settings(rf, viewer):
    seen = framed(rf, viewer)

    assert (labels(seen.work), labels(seen.learn)) == ([], ["Reports"])
    assert labels(seen.set_up) == ["API", "Settings"]
    assert (seen.search, seen.new_deal) == ("", "")
    assert seen.home == reverse("reports:monthly-review")


def test_the_place_one_is_at_is_marked(rf, rep):
    me = framed(rf, rep, reverse("shared:me"))
    deal = framed(rf, rep, "/deals/7/")

    assert labels(item for item in me.set_up if item.is_current) == ["Settings"]
    assert labels(item for item in deal.work if item.is_current) == ["Pipeline"]


def test_a_thumb_reaches_three_places_and_all_others_behind_more(rf, rep):
    seen = framed(rf, rep)

    assert labels(seen.bottom) == ["Today", "Pipeline"]
    assert labels(seen.bottom_right) == ["Reviews"]
    assert labels(seen.more) == [
        "Accounts",
        "Second chances",
        "Referrals",
        "Reports",
        "Import",
        "Export",
        "API",
        "Settings",
    ]


def test_the_bell_tells_one_s_own_notices_and_those_for_all(client, rep, colleague, now):
    own = notice(now, user=rep, hours_ago=1)
    for_all = notice(now, hours_ago=30)
    notice(now, user=colleague)
    client.force_login(rep)

    seen = client.get(reverse("shared:waiting")).context

    assert (seen["bell"], seen["new_in_bell"]) == ([own, for_all], 1)


def test_the_frame_of_a_page_costs_no_query(rf, rep, django_assert_num_queries):
    request = rf.get("/")
    request.user = rep

    with django_assert_num_queries(0):
        seen = frame(request)["frame"]
        labels([*seen.work, *seen.learn, *seen.set_up])


def test_the_bell_is_short(client, rep, now):
    for _ in range(NOTICES_IN_BELL + 1):
        notice(now, user=rep)
    client.force_login(rep)

    assert len(client.get(reverse("shared:waiting")).context["bell"]) == NOTICES_IN_BELL


def test_only_what_is_counted_has_a_place_for_its_count(rf, rep):
    seen = framed(rf, rep)

    assert labels(item for item in (*seen.work, *seen.learn) if item.is_counted) == [
        "Today",
        "Reviews",
    ]


def test_nothing_is_counted_behind_a_place_that_one_does_not_see(client, viewer):
    client.force_login(viewer)

    assert client.get(reverse("shared:waiting")).context["counts"] == {}


def test_a_fragment_pays_nothing_for_the_frame(rf, rep, django_assert_num_queries):
    request = rf.get("/")
    request.user = rep

    with django_assert_num_queries(0):
        assert frame(request)["theme"] == ""


def test_people_who_are_not_signed_in_have_no_frame(rf):
    assert frame(rf.get("/")) == {"frame": None, "theme": ""}
