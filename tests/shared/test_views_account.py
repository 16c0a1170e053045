"""Me, and the way in."""

from django.test import Client
from django.urls import reverse

from tests.factories.shared import PASSWORD

SENT = {
    "name": "Rita Rossi",
    "time_zone": "Europe/Rome",
    "language": "it",
    "working_days": ["0", "3"],
    "theme": "dark",
    "wants_morning_mail": "on",
}


def test_me_shows_what_is_set(client, rep):
    client.force_login(rep)

    answer = client.get(reverse("shared:me"))

    assert answer.status_code == 200
    assert answer.templates[0].name == "settings/me.html"
    assert answer.context["form"].initial["working_days"] == [0, 1, 2, 3, 4]


def test_me_saves_and_says_so_in_the_new_language(client, rep):
    client.force_login(rep)

    answer = client.post(reverse("shared:me"), SENT, follow=True)

    rep.refresh_from_db()
    assert (rep.name, rep.time_zone, rep.language, rep.theme) == (
        "Rita Rossi",
        "Europe/Rome",
        "it",
        "dark",
    )
    assert rep.working_days == [0, 3]
    assert 'lang="it" data-bs-theme="dark"' in answer.content.decode()


def test_me_says_at_the_field_what_is_wrong(client, rep):
    client.force_login(rep)

    answer = client.post(
        reverse("shared:me"), SENT | {"working_days": [], "time_zone": "Mars/Crater"}
    )

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"working_days", "time_zone"}
    rep.refresh_from_db()
    assert rep.name == "Rita Rep"


def test_me_asks_to_sign_in_first(client, db):
    answer = client.get(reverse("shared:me"))

    assert answer.status_code == 302
    assert answer["Location"] == f"{reverse('account_login')}?next=/me/"


def test_people_come_in_by_e_mail_and_password(client, rep):
    answer = client.post(reverse("account_login"), {"login": rep.email, "password": PASSWORD})

    assert (answer.status_code, answer["Location"]) == (302, reverse("today:today"))


def test_viewers_come_in_to_the_monthly_review(client, viewer):
    answer = client.post(reverse("account_login"), {"login": viewer.email, "password": PASSWORD})

    assert (answer.status_code, answer["Location"]) == (302, reverse("reports:monthly-review"))


def test_a_wrong_password_is_told_without_saying_which_was_wrong(client, rep):
    known = client.post(reverse("account_login"), {"login": rep.email, "password": "wrong one"})
    unknown = client.post(
        reverse("account_login"), {"login": "nobody@example.com", "password": "wrong one"}
    )

    errors = [answer.context["form"].non_field_errors() for answer in (known, unknown)]
    assert errors[0] == errors[1]
    assert len(errors[0]) == 1


def test_nobody_signs_up(client, db):
    answer = client.get(reverse("account_signup"))

    assert "account/signup_closed.html" in [template.name for template in answer.templates]


def test_every_page_of_the_way_in_is_ours(client, rep):
    pages = [
        "account_login",
        "account_reset_password",
        "account_reset_password_done",
        "account_inactive",
    ]

    answers = [client.get(reverse(page)) for page in pages]

    assert [answer.status_code for answer in answers] == [200] * len(pages)
    for answer in answers:
        assert "account/_entrance.html" in [template.name for template in answer.templates]


def test_an_old_form_is_refused_with_the_way_on(rep):
    client = Client(enforce_csrf_checks=True)

    answer = client.post(reverse("account_login"), {"login": rep.email, "password": PASSWORD})

    assert answer.status_code == 403
    assert "403_csrf.html" in [template.name for template in answer.templates]


def test_a_new_password_is_set_by_mail(client, rep, mailoutbox):
    client.post(reverse("account_reset_password"), {"email": rep.email})
    link = next(word for word in mailoutbox[0].body.split() if word.startswith("http"))
    form = client.get(link.removeprefix("http://testserver"), follow=True)

    answer = client.post(
        form.redirect_chain[-1][0],
        {"password1": "staple-battery-9", "password2": "staple-battery-9"},
    )

    rep.refresh_from_db()
    assert mailoutbox[0].subject == "Set a new password for Rebound"
    assert answer["Location"] == reverse("account_reset_password_from_key_done")
    assert rep.check_password("staple-battery-9")


def test_an_address_without_account_gets_no_mail_and_the_same_answer(client, rep, mailoutbox):
    answers = [
        client.post(reverse("account_reset_password"), {"email": email})
        for email in ("nobody@example.com", rep.email)
    ]

    assert {answer["Location"] for answer in answers} == {reverse("account_reset_password_done")}
    assert [mail.to for mail in mailoutbox] == [[rep.email]]
