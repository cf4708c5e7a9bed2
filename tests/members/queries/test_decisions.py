"""Decisions in numbers: whole for staff, without small ones for funders."""

from datetime import date, timedelta

import pytest

from members.actions import approve_application, request_information
from members.actions.appeal_decisions import decide_appeal
from members.models import MembershipApplication
from members.queries.decisions import Decisions, count_decisions, hide_small
from tests.factories import NOW, make_organization, make_person, make_staff
from tests.members.appeals import decline, make_appeal, panel, vote
from tests.members.conftest import apply

DAY = timedelta(days=1)
PERIOD = (date(2026, 11, 1), date(2026, 12, 31))


def numbers(**changes):
    values = {
        "applications": 0, "requests": 0, "approved": 0, "approved_by_rule": 0, "declined": 0,
        "appeals": 0, "appeals_decided": 0, "upheld": 0, "median_days": None, "timed": 0,
        "declined_by_code": {},
    }  # fmt: skip
    return Decisions(**values | changes)


def test_counted_by_the_day_of_the_first_decision(community, reviewer, priya):
    rows = [
        apply(community, make_person(f"P{n}"), organization=make_organization()) for n in range(4)
    ]
    decline(rows[0], reviewer, now=NOW + 2 * DAY)
    decline(rows[1], reviewer, now=NOW + 4 * DAY)
    approve_application(application=rows[2], by=reviewer, seen_version=1, now=NOW + 9 * DAY)
    request_information(
        application=rows[3], by=reviewer, seen_version=1, message="Which?",
        reason_codes=["UNREADABLE"], now=NOW + DAY,
    )  # fmt: skip
    appeal = make_appeal(rows[0], now=NOW + 3 * DAY)
    panel(community, appeal, priya)
    vote(appeal, Rosa="dismiss", Tom="dismiss")
    decide_appeal(appeal=appeal, by=priya, reasons="No.", now=NOW + 20 * DAY)

    found = count_decisions(community, *PERIOD)

    assert found == numbers(
        applications=4, requests=1, approved=1, declined=2, appeals=1, appeals_decided=1,
        median_days=4, timed=3, declined_by_code={"NO_CRITERION_MET": 2},
    )  # fmt: skip
    assert found.upheld_share == 0
    # The panel's decision on 16 December moves no number of the first one.
    first = count_decisions(community, date(2026, 11, 1), date(2026, 11, 30))
    assert (first.declined, first.appeals_decided) == (2, 0)
    assert count_decisions(community, date(2027, 1, 1), date(2027, 2, 1)) == numbers()


def test_the_first_and_last_day_are_those_of_the_community(community, reviewer):
    row = apply(community, make_person("P"), organization=make_organization())
    # Half past eleven at night on 30 November in Vancouver is 1 December in UTC.
    MembershipApplication.objects.filter(pk=row.pk).update(submitted_at="2026-12-01T06:30Z")
    november = count_decisions(community, date(2026, 11, 1), date(2026, 11, 30))
    assert november.applications == 1
    assert count_decisions(community, date(2026, 12, 1), PERIOD[1]).applications == 0


@pytest.mark.parametrize(("number", "shown"), [(0, "<5"), (4, "<5"), (5, "5"), (40, "40")])
def test_small_numbers_are_hidden_from_funders(number, shown):
    found = hide_small(numbers(applications=number, declined=number), 5)
    assert (found.applications, found.declined) == (shown, shown)


def test_a_share_of_few_is_hidden_from_both_sides():
    def share(upheld, decided):
        return hide_small(numbers(upheld=upheld, appeals_decided=decided), 5).upheld_share

    assert share(5, 10) == "50 %"
    assert share(4, 30) == "–"
    assert share(28, 30) == "–"
    assert share(0, 0) == "–"


def test_one_small_reason_takes_the_next_with_it():
    codes = {"A": 30, "B": 9, "C": 3}
    found = hide_small(numbers(declined=42, declined_by_code=codes), 5)
    assert found.declined_by_code == {"A": "30", "B": "–", "C": "–"}
    codes = {"A": 30, "B": 3, "C": 3}
    found = hide_small(numbers(declined=36, declined_by_code=codes), 5)
    assert found.declined_by_code == {"A": "30", "B": "–", "C": "–"}


def test_the_middle_of_few_days_is_hidden():
    assert hide_small(numbers(median_days=3.5, timed=4), 5).median_days == "–"
    assert hide_small(numbers(median_days=3.5, timed=5), 5).median_days == "3.5"


def test_a_constant_number_of_queries(community, reviewer, django_assert_num_queries):
    for number in range(12):
        row = apply(community, make_person(f"P{number}"), organization=make_organization())
        decline(row, make_staff(community, "reviewer", "R"))
    with django_assert_num_queries(6):
        count_decisions(community, *PERIOD)
