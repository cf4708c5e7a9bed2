from datetime import date, timedelta

import pytest

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from members.actions.communities import (
    archive_community,
    keep_communities,
    open_community,
    pause_community,
    resume_community,
    start_closing,
    update_community,
)
from members.models import Community, Membership, Partner, RoleGrant
from members.queries.communities import ally_share, features_of, missing_parts, with_features
from outbox.models import Delivery
from tests.factories import NOW, make_member, make_organization, make_staff

TODAY = NOW.date()


@pytest.fixture
def planned(community):
    """A community with everything it needs, still being planned."""
    Community.objects.filter(pk=community.pk).update(
        status="planning", domain="Recovery.", community="House teams.", practice="Handovers.",
        postal_address="100 Example Street, Victoria BC",
    )  # fmt: skip
    host = make_organization("Tidewater Capacity Network", kind="host")
    Partner.objects.create(community=community, organization=host, role="host")
    community.streams.create(kind="learn", name="Learning", features=["meetings"])
    community.refresh_from_db()
    return community


def codes(community):
    return [part.code for part in missing_parts(community, TODAY)]


def test_open_community_opens_what_is_complete(planned, priya):
    community = open_community(community=planned, by=priya, now=NOW)

    assert community.status == "open"
    event = AuditEvent.objects.get(action="community_opened")
    assert (event.old, event.new, event.scope) == ("planning", "open", planned.public_id)


def _end_coordinator(community):
    RoleGrant.objects.filter(community=community).update(ends_on=TODAY - timedelta(days=1))


def _inactive_coordinator(community):
    for grant in community.role_grants.select_related("person"):
        grant.person.is_active = False
        grant.person.save(update_fields=["is_active"])


TAKEN_AWAY = {
    "domain": lambda c: Community.objects.filter(pk=c.pk).update(domain=" "),
    "community": lambda c: Community.objects.filter(pk=c.pk).update(community=""),
    "practice": lambda c: Community.objects.filter(pk=c.pk).update(practice=""),
    "agreement": lambda c: c.agreements.all().delete(),
    "stream": lambda c: c.streams.update(is_active=False),
    "coordinator": _end_coordinator,
    "host": lambda c: c.partners.update(ends_on=TODAY),
    "criterion": lambda c: c.criteria.update(is_active=False),
    "contact": lambda c: Community.objects.filter(pk=c.pk).update(contact_email=""),
    "address": lambda c: Community.objects.filter(pk=c.pk).update(postal_address=""),
}


@pytest.mark.parametrize("part", TAKEN_AWAY)
def test_open_community_says_exactly_what_is_missing(planned, priya, admin, part):
    TAKEN_AWAY[part](planned)
    planned.refresh_from_db()

    assert codes(planned) == [part]
    label = next(str(one.label) for one in missing_parts(planned, TODAY))
    with pytest.raises(ActionError, match=label):
        open_community(community=planned, by=admin, now=NOW)
    planned.refresh_from_db()
    assert planned.status == "planning"


def test_a_coordinator_without_an_account_coordinates_nothing(planned, priya):
    _inactive_coordinator(planned)
    assert codes(planned) == ["coordinator"]


def test_an_open_admission_needs_no_criterion_and_french_texts_count(planned, priya):
    planned.criteria.all().delete()
    assert codes(planned) == ["criterion"]
    Community.objects.filter(pk=planned.pk).update(
        admission_policy="open", domain="", domain_fr="Rétablissement."
    )
    planned.refresh_from_db()

    assert codes(planned) == []


def test_all_that_is_missing_is_named_at_once(community, admin):
    Community.objects.filter(pk=community.pk).update(status="planning")

    with pytest.raises(ActionError) as error:
        open_community(community=community, by=admin, now=NOW)

    for words in ("domain", "stream", "coordinator", "host", "postal address"):
        assert words in str(error.value)
    assert "criterion" not in str(error.value)


@pytest.mark.parametrize("who", ["dani", "outsider", "reviewer", "newcomer"])
def test_open_community_is_for_its_coordinators(request, planned, priya, who):
    with pytest.raises(ActionError, match="Only a coordinator"):
        open_community(community=planned, by=request.getfixturevalue(who), now=NOW)


def test_pause_and_resume(planned, priya):
    open_community(community=planned, by=priya, now=NOW)
    assert pause_community(community=planned, by=priya, now=NOW).status == "paused"
    with pytest.raises(ActionError, match="Paused"):
        pause_community(community=planned, by=priya, now=NOW)

    Community.objects.filter(pk=planned.pk).update(postal_address="")
    with pytest.raises(ActionError, match="postal address"):
        resume_community(community=planned, by=priya, now=NOW)
    Community.objects.filter(pk=planned.pk).update(postal_address="100 Example Street")
    assert resume_community(community=planned, by=priya, now=NOW).status == "open"


def test_update_community_keeps_what_an_open_one_needs(planned, priya):
    open_community(community=planned, by=priya, now=NOW)
    with pytest.raises(ActionError, match="postal address"):
        update_community(community=planned, by=priya, postal_address="")
    planned.refresh_from_db()
    assert planned.postal_address


def test_start_closing_gives_sixty_days_and_tells_everybody(planned, priya, dani, ally, lapsed):
    open_community(community=planned, by=priya, now=NOW)

    community = start_closing(community=planned, by=priya, now=NOW)

    assert community.status == "closing"
    assert community.closes_on == date(2027, 1, 25)
    mails = Delivery.objects.filter(kind="community_closing")
    assert {row.person_id for row in mails} == {dani.pk, ally.pk}
    assert "24 January 2027" in mails.first().text
    keep_communities(now=NOW)
    assert mails.count() == 2
    late = make_member(planned, "Late Lee")
    keep_communities(now=NOW)
    assert mails.filter(person=late).count() == 1


def test_archive_waits_for_the_day_that_everybody_was_told(planned, priya):
    open_community(community=planned, by=priya, now=NOW)
    community = start_closing(community=planned, by=priya, now=NOW)
    with pytest.raises(ActionError, match="Everybody was told a day"):
        archive_community(community=community, by=priya, now=NOW + timedelta(days=59))

    keep_communities(now=NOW + timedelta(days=59))
    community.refresh_from_db()
    assert community.status == "closing"
    keep_communities(now=NOW + timedelta(days=60))
    community.refresh_from_db()
    assert community.status == "archived"


def test_twelve_months_after_the_end_the_data_is_due_once(planned, priya):
    archive_community(community=planned, by=priya, now=NOW)
    due = AuditEvent.objects.filter(action="community_data_due")
    ended = AuditEvent.objects.get(action="community_archived").at

    keep_communities(now=ended + timedelta(days=364))
    assert not due.exists()
    keep_communities(now=ended + timedelta(days=366))
    keep_communities(now=ended + timedelta(days=367))
    assert due.count() == 1


def test_a_plan_with_people_is_not_archived(planned, priya, dani):
    with pytest.raises(ActionError, match="People belong to it already"):
        archive_community(community=planned, by=priya, now=NOW)


def test_features_are_those_of_all_active_streams(community):
    assert features_of(community) == {"meetings", "library"}

    stream = community.streams.create(kind="learn", name="Learn")
    assert "directory" not in features_of(community)
    community.streams.create(kind="share", name="Share", features=["directory"])
    community.streams.create(kind="build", name="Old", features=["groups"], is_active=False)
    expected = {"meetings", "library", "topics", "directory"}
    assert features_of(community) == expected
    assert features_of(with_features(Community.objects.all()).get(pk=community.pk)) == expected
    stream.delete()
    assert features_of(with_features(Community.objects.all()).get(pk=community.pk)) == {"directory"}


def test_ally_share_counts_people_of_today(community, dani, ally, lapsed):
    share = ally_share(community)
    assert (share.allies, share.people, share.percent, share.is_over) == (1, 2, 50, True)

    for number in range(3):
        make_member(community, f"Member {number}")
    assert not ally_share(community).is_over
    Membership.objects.all().delete()
    assert not ally_share(community).is_over


def test_keep_communities_asks_a_fixed_number_of_questions(
    planned, priya, django_assert_max_num_queries
):
    open_community(community=planned, by=priya, now=NOW)
    with django_assert_max_num_queries(5):
        keep_communities(now=NOW)
    for number in range(20):
        make_member(planned, f"Member {number}")
    make_staff(planned, "coordinator", "Second")
    with django_assert_max_num_queries(5):
        keep_communities(now=NOW)
