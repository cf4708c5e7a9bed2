"""The year plan: promised and held, the mix, what lacks, what to look at (MT10, TP6)."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from meetings.models import MeetingSeries, TopicProposal
from meetings.queries.year_plan import year_plan
from meetings.queries.years import year_end, year_start
from members.models import Stream
from tests.conftest import CAST
from tests.factories import make_meeting

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
ANY = reverse("admin:meetings_year_plan_any")


def plan(community):
    return year_plan(community, TODAY, NOW)


def meet(community, day, kind="dialogue_session", **fields):
    values = {"title": f"On {day}", "local_date": date.fromisoformat(day), "kind": kind}
    return make_meeting(community, **values | fields)


@pytest.fixture
def series(community):
    stream = Stream.objects.create(community=community, kind="learn", name="Learn")
    return MeetingSeries.objects.create(
        stream=stream, title="Second Thursday", weekday=3, nth=2, local_time=time(10),
        skip_months=[7, 12], target_count=10,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("start", "on", "first", "last"),
    [
        (date(2026, 4, 1), date(2026, 4, 1), date(2026, 4, 1), date(2027, 3, 31)),
        (date(2026, 4, 1), date(2027, 3, 31), date(2026, 4, 1), date(2027, 3, 31)),
        (date(2026, 4, 9), date(2027, 4, 8), date(2026, 4, 9), date(2027, 4, 8)),
        (date(2024, 2, 29), date(2027, 2, 28), date(2026, 3, 1), date(2027, 2, 28)),
        (None, date(2027, 1, 5), date(2026, 4, 1), date(2027, 3, 31)),
    ],
)
def test_the_programme_year_of_a_day(community, start, on, first, last):
    community.programme_start = start
    assert year_start(community, on) == first
    assert year_end(first) == last


def test_held_is_compared_with_what_was_promised(community, series):
    meet(community, "2026-05-14", state="wrapped")
    meet(community, "2026-06-11", state="held")
    meet(community, "2026-08-13", state="cancelled", cancel_reason="Smoke")
    meet(community, "2026-12-10", state="scheduled")
    meet(community, "2027-02-11", state="draft")
    meet(community, "2027-04-15", state="draft")
    found = plan(community)
    assert (found.held, found.promised, found.scheduled, found.drafts) == (2, 10, 1, 1)
    assert found.mix == {"dialogue_session": 4}
    assert "6 meetings fewer are planned than were promised." in found.warnings


def test_empty_months_are_told_where_the_series_does_not_leave_them_out(community, series):
    meet(community, "2027-01-14")
    months = {m.first.month: (m.is_empty, m.is_left_out) for m in plan(community).months}
    assert months[7] == (True, True)
    assert months[12] == (True, True)
    assert months[1] == (False, False)
    warnings = plan(community).warnings
    assert "February 2027 has no meeting." in warnings
    assert "December 2026 has no meeting." not in warnings
    # What has gone by cannot be mended.
    assert "May 2026 has no meeting." not in warnings


def test_three_formal_sessions_in_a_row_ask_for_a_dialogue(community):
    for day in ("2026-12-10", "2027-01-14"):
        meet(community, day, "learning_session")
    assert not any("in a row" in line for line in plan(community).warnings)
    # An orientation between them is no dialogue for everybody.
    meet(community, "2027-01-20", "orientation")
    meet(community, "2027-02-11", "business")
    told = [line for line in plan(community).warnings if "in a row" in line]
    assert told == ["3 formal sessions in a row, from 10 December to 11 February: try a dialogue."]


def test_a_dialogue_without_topic_is_kept_free_in_each_quarter(community):
    topic = TopicProposal.objects.create(
        community=community, title="Grief", state="scheduled", proposed_at=NOW
    )
    one = meet(community, "2027-01-14", topic=topic)
    told = "January to March 2027: no dialogue is kept free for urgent questions."
    assert told in plan(community).warnings
    type(one).objects.filter(pk=one.pk).update(topic=None)
    assert told not in plan(community).warnings


def test_two_at_one_time_a_holiday_and_a_late_draft_are_told(community):
    meet(community, "2026-12-10", title="One")
    meet(community, "2026-12-10", title="Other", local_time=time(11))
    meet(community, "2026-12-25", title="Feast")
    meet(community, "2026-12-03", title="Soon", state="draft")
    warnings = plan(community).warnings
    assert "“One” and “Other” are at the same time." in warnings
    assert "“Feast” falls on a public holiday (Christmas Day)." in warnings
    assert "“Soon” is less than three weeks ahead and not announced." in warnings
    with translation.override("fr"):
        assert any("Noël" in line for line in plan(community).warnings)


def test_what_a_meeting_lacks_is_said(community):
    meet(community, "2027-01-14", state="draft", join_url="", mode="hybrid", format=None)
    [row] = [row for month in plan(community).months for row in month.rows]
    assert row.lacks == ["a facilitator", "a format", "a topic", "a join link", "a place"]


def test_an_empty_community_has_a_plan_too(community):
    found = plan(community)
    assert len(found.months) == 12
    assert (found.held, found.promised) == (0, 0)


def test_many_meetings_ask_as_often_as_few(community, series):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            plan(community)
        return len(seen)

    meet(community, "2026-12-10")
    few = queries()
    for day in range(60):
        meet(community, (date(2026, 12, 11) + timedelta(days=day)).isoformat())
    assert queries() == few <= 5


@pytest.mark.parametrize("who", CAST)
def test_the_plan_is_for_those_who_plan(request, community, sign_in, who):
    client = sign_in(request.getfixturevalue(who))
    url = reverse("admin:meetings_year_plan", args=[community.slug])
    if who in {"priya", "admin"}:
        assert client.get(ANY).status_code == 200
        assert client.get(url, {"year": "nonsense"}).status_code == 200
    else:
        assert client.get(url).status_code in {302, 404}


def test_the_page_names_months_and_what_lacks(community, series, priya, sign_in):
    day = timezone.now().date() + timedelta(days=40)
    meet(community, day.isoformat(), state="draft", title="ʔa <b>Ünder</b> " + "x" * 120)
    page = sign_in(priya).get(ANY, follow=True).content.decode()
    assert "0 of 10 held" in page
    assert "Still needs:" in page
    assert "&lt;b&gt;Ünder" in page
