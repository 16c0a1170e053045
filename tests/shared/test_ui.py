"""The components as template tags."""

import datetime as dt
from decimal import Decimal

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.template import Context, RequestContext, Template

from crm.shared import icons
from crm.shared.views.keyset import KeysetPage


def drawn(source, **context):
    """What `source` renders, with the white space between tags taken away."""
    request = context.get("request")
    values = RequestContext(request, context) if request else Context(context)
    return " ".join(Template(source).render(values).split())


def test_an_icon_is_hidden_from_readers_unless_it_has_a_name():
    hidden = drawn('{% icon "x" %}')
    named = drawn('{% icon "x" size=20 label="Close" %}')

    shape = '<path d="M18 6 6 18"/><path d="m6 6 12 12"/></svg>'
    assert hidden == f'<svg class="i" viewBox="0 0 24 24" aria-hidden="true">{shape}'
    assert named == f'<svg class="i i-lg" viewBox="0 0 24 24" role="img" aria-label="Close">{shape}'


def test_an_unknown_icon_is_a_mistake_of_ours():
    with pytest.raises(LookupError, match="no-such-icon"):
        icons.draw("no-such-icon")


def test_what_people_wrote_is_escaped():
    written = "<b>&"

    shown = drawn(
        "{% voice words %}{% chip words %}{% note words %}{% avatar words %}{% figure words words %}",
        words=written,
    )

    assert "<b>" not in shown
    assert shown.count("&lt;b&gt;&amp;") == 5  # and one letter of the avatar


def test_money_is_exact_and_its_short_form_says_the_exact_one_on_hover():
    shown = drawn('{% money amount "EUR" %} {{ amount|short_money:"EUR" }}', amount=Decimal(48200))

    assert shown == (
        '<span class="amount">48,200.00 EUR</span> <span class="amount" title="48,200.00 EUR">48.2k</span>'
    )


def test_nothing_is_a_dash():
    shown = drawn(
        "{% money x %}{{ x|short_money }}{{ x|percent }}{{ x|day }}{{ x|clock }}{{ x|number }}{% when x %}"
    )

    assert shown.count("–") == 7


def test_a_moment_carries_its_exact_time():
    at = dt.datetime(2026, 4, 20, 9, 0, tzinfo=dt.UTC)

    assert (
        drawn("{% when at %}", at=at)
        == '<time datetime="2026-04-20T09:00:00+00:00">today 09:00</time>'
    )


@pytest.mark.practice("B1")
@pytest.mark.parametrize(
    ("figures", "state"),
    [
        ("0 6 0 45", "ok"),
        ("3 6 33 45", "ok"),
        ("4 6 12 45", "near"),
        ("1 6 34 45", "near"),
        ("6 6 12 45", "met"),
        ("2 6 45 45", "met"),
        ('2 6 12 45 "met"', "met"),
    ],
)
def test_the_meter_is_amber_near_the_rule_and_slate_when_it_is_met(figures, state):
    shown = drawn(f"{{% meter {figures} %}}")

    assert f'class="meter is-{state}"' in shown


def test_the_meter_has_a_pip_for_each_try_and_says_it_in_words():
    shown = drawn("{% meter 2 6 12 45 %}")

    assert (shown.count("<b"), shown.count('class="on"')) == (6, 2)
    assert '<span class="sr">2 of 6 unanswered, 12 of 45 days</span>' in shown


def test_a_rule_that_allows_many_tries_keeps_the_meter_short():
    assert drawn("{% meter 20 40 1 45 %}").count("<b") == 12


def test_a_button_is_a_link_when_it_leads_somewhere():
    link = drawn('{% button "Log call" icon="phone" url="/log/" kind="primary lg" key="t" %}')
    button = drawn('{% button "Skip" name="result" value="skip" %}')

    assert link.startswith('<a class="rb-btn is-primary is-lg" href="/log/" data-key="t">')
    assert (
        button == '<button class="rb-btn" type="submit" name="result" value="skip" > Skip </button>'
    )


class Plan(forms.Form):
    step = forms.CharField(help_text="One sentence.")
    agreed = forms.BooleanField()
    channel = forms.ChoiceField(choices=[("phone", "Phone")], widget=forms.RadioSelect)


def test_a_field_names_its_control_its_help_and_its_error():
    shown = drawn("{% field form.step %}", form=Plan({}))

    assert '<label class="label" for="id_step">Step</label>' in shown
    assert 'class="input"' in shown
    assert 'aria-invalid="true"' in shown
    assert 'aria-describedby="id_step_helptext id_step_error"' in shown
    assert '<p class="hint" id="id_step_helptext">One sentence.</p>' in shown
    assert 'id="id_step_error"' in shown


def test_ticks_stand_before_their_words_and_choices_below_their_question():
    shown = drawn("{% field form.agreed %}{% field form.channel %}", form=Plan())

    assert shown.index('type="checkbox"') < shown.index("<span>Agreed</span>")
    assert shown.index('<legend class="label">Channel</legend>') < shown.index('type="radio"')


def test_what_is_wrong_with_a_form_as_a_whole_is_said_aloud():
    form = Plan({"step": "Call"})
    form.add_error(None, "The deal was closed meanwhile.")

    shown = drawn("{% form_errors form %}", form=form)

    assert 'role="alert"' in shown
    assert "The deal was closed meanwhile." in shown
    assert drawn("{% form_errors form %}", form=Plan()) == ""


def visited(rf, address):
    request = rf.get(address)
    request.user = AnonymousUser()
    return request


def test_the_pager_keeps_the_filters_of_the_address(rf):
    request = visited(rf, "/deals/?stage=3&page=2")
    page = Paginator(range(60), 20).get_page(2)

    shown = drawn("{% pager page %}", page=page, request=request)

    assert "21 to 40 of 60" in shown
    assert 'href="?stage=3&amp;page=1"' in shown
    assert 'href="?stage=3&amp;page=3"' in shown


def test_the_pager_of_a_list_without_count_leads_on_and_back_to_the_start(rf):
    request = visited(rf, "/deals/?stage=3&cursor=abc")
    page = KeysetPage(rows=[1], next="def", is_first=False)

    shown = drawn("{% pager page %}", page=page, request=request)

    assert 'href="?stage=3"' in shown
    assert 'href="?stage=3&amp;cursor=def"' in shown


def test_a_list_of_one_page_has_no_pager(rf):
    request = visited(rf, "/deals/")
    pages = [Paginator([1], 20).get_page(1), KeysetPage(rows=[1], next="", is_first=True)]

    assert [drawn("{% pager page %}", page=page, request=request) for page in pages] == ["", ""]


def test_a_page_that_is_not_there_has_no_address():
    assert drawn('{% safe_url "shared:me" %}|{% safe_url "nowhere:page" %}') == "/me/|"
