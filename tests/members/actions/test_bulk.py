"""One verification decides all who wait for the organization (AM8)."""

from datetime import timedelta

import pytest

from cop.core.errors import ActionError
from members.actions import request_information
from members.actions.bulk import approve_together, outlook
from members.models import Affiliation, Community, Evidence, Membership, MembershipApplication
from outbox.models import Delivery
from tests.factories import NOW, make_organization, make_person, make_staff
from tests.members.conftest import apply


@pytest.fixture
def shown(application, reviewer):
    """The house has shown that it counts."""
    return Evidence.objects.create(
        organization=application.organization, criterion=application.community.criteria.get(),
        state="verified", submitted_at=NOW, checked_at=NOW, checked_by=reviewer,
        valid_to=NOW.date() + timedelta(days=100),
    )  # fmt: skip


@pytest.fixture
def second(community, house):
    return apply(community, make_person("Second Sam"), organization=house)


def decide(rows, by, **changes):
    first = rows[0]
    values = {
        "organization": first.organization, "community": first.community, "by": by, "now": NOW,
        "seen_versions": {row.pk: row.version for row in rows},
    }  # fmt: skip
    return approve_together(**values | changes)


def test_all_who_were_seen_are_approved_each_with_a_mail(application, second, shown, reviewer):
    decided = decide([application, second], reviewer, message="Welcome both")

    assert {row.pk for row in decided.approved} == {application.pk, second.pk}
    assert not decided.left
    assert Membership.objects.filter(category="member").count() == 2
    mails = Delivery.objects.filter(kind="welcome")
    assert mails.count() == 2
    assert all("Welcome both" in mail.text for mail in mails)


def test_those_that_were_not_seen_stay(application, second, shown, reviewer):
    decided = decide([application], reviewer)

    assert [row.pk for row in decided.approved] == [application.pk]
    second.refresh_from_db()
    assert second.state == "submitted"


def test_a_second_tap_changes_nothing_and_tells_the_same(application, second, shown, reviewer):
    rows = [application, second]
    versions = {row.pk: row.version for row in rows}
    first = decide(rows, reviewer, seen_versions=versions)
    again = decide(rows, reviewer, seen_versions=versions)

    assert {row.pk for row in again.approved} == {row.pk for row in first.approved}
    assert not again.left
    assert Delivery.objects.filter(kind="welcome").count() == 2


def test_what_changed_in_between_is_left_and_named(application, second, shown, reviewer, priya):
    request_information(
        application=second, by=priya, seen_version=1, message="?", reason_codes=[], now=NOW
    )
    decided = decide(
        [application, second], reviewer, seen_versions={application.pk: 1, second.pk: 1}
    )

    assert [row.pk for row in decided.approved] == [application.pk]
    assert "Priya Lindqvist was faster" in decided.left[0].obstacle
    assert Membership.objects.filter(person=second.person).count() == 0


def test_what_another_decided_in_between_is_named(application, second, shown, reviewer, priya):
    decide([second], priya)
    decided = decide(
        [application, second], reviewer, seen_versions={application.pk: 1, second.pk: 1}
    )

    assert [row.pk for row in decided.approved] == [application.pk]
    assert [look.application.pk for look in decided.left] == [second.pk]


def test_one_that_fails_takes_no_other_along(application, second, shown, reviewer, community):
    Membership.objects.create(
        community=community,
        person=second.person,
        joined_on="2026-04-01",
        state="suspended",
        suspended_until="2026-12-20",
    )
    decided = decide([application, second], reviewer)

    assert [row.pk for row in decided.approved] == [application.pk]
    assert "suspended" in decided.left[0].obstacle


def test_nobody_is_approved_on_nothing(application, second, reviewer):
    with pytest.raises(ActionError, match="Nothing shows yet"):
        decide([application, second], reviewer)


def test_people_of_the_house_and_strangers_decide_nothing(
    application, shown, reviewer, dani, outsider
):
    Affiliation.objects.create(person=reviewer, organization=application.organization)
    for person in (reviewer, dani, outsider):
        with pytest.raises(ActionError):
            decide([application], person)
    assert not Membership.objects.filter(person=application.person).exists()


def test_one_of_another_house_is_not_taken_along(application, shown, reviewer, community):
    strange = apply(community, make_person("Strange"), organization=make_organization("Else"))
    decided = decide([application], reviewer, seen_versions={application.pk: 1, strange.pk: 1})

    assert [row.pk for row in decided.approved] == [application.pk]
    strange.refresh_from_db()
    assert strange.state == "submitted"


def looks_of(application, by):
    about = {"organization": application.organization, "community": application.community}
    return {look.application.person_id: look for look in outlook(**about, by=by, now=NOW)}


def test_outlook_says_who_becomes_what(application, second, shown, reviewer, community, house):
    fund = make_organization("Fund", is_regulator_or_funder=True)
    Affiliation.objects.create(person=second.person, organization=fund, state="confirmed")
    student = apply(
        community, make_person("Stu Dent"), organization=house, applying_as="ally_researcher"
    )
    looks = looks_of(application, reviewer)

    assert looks[application.person_id].category == "member"
    assert looks[second.person_id].category == "ally"
    assert looks[student.person_id].category == "ally"
    Community.objects.update(allies_allowed=False)
    student.community.refresh_from_db()
    assert "no allies" in looks_of(student, reviewer)[student.person_id].obstacle


def test_a_link_that_the_organization_denies_is_decided_by_itself(application, shown, reviewer):
    Affiliation.objects.filter(person=application.person).update(state="disputed")

    assert "has not said yes" in looks_of(application, reviewer)[application.person_id].obstacle
    assert not decide([application], reviewer).approved


def test_removed_before_and_one_s_own(application, shown, reviewer, community):
    Membership.objects.create(
        community=community, person=application.person, joined_on="2026-04-01",
        ended_on="2026-05-01", state="removed",
    )  # fmt: skip
    assert "Was removed" in looks_of(application, reviewer)[application.person_id].obstacle
    MembershipApplication.objects.update(person=make_staff(community, "reviewer", "Own"))
    row = MembershipApplication.objects.get()
    assert "your own" in looks_of(row, row.person)[row.person_id].obstacle


@pytest.mark.parametrize("more", [0, 12])
def test_outlook_reads_the_same_for_few_and_many(
    application, shown, reviewer, community, house, more, django_assert_num_queries
):
    for number in range(more):
        apply(community, make_person(f"Person {number}"), organization=house)
    with django_assert_num_queries(5):
        looks_of(application, reviewer)
