"""A second look at a decline: by whom, what it comes to, and from which day (2.6, 3.4)."""

from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from members.actions import keep_standing
from members.actions.appeal_decisions import decide_appeal
from members.actions.appeal_findings import Finding
from members.actions.appeal_force import keep_appeals
from members.actions.appeals import (
    add_appeal_file,
    open_appeal,
    purge_appeal_files,
    withdraw_appeal,
)
from members.actions.challenges import revoke_evidence
from members.actions.memberships import leave_community
from members.actions.panels import cast_vote, seat_person, unseat_person
from members.models import (
    Affiliation,
    AppealFile,
    Community,
    Evidence,
    Membership,
    MembershipApplication,
    RoleGrant,
    User,
)
from members.queries.appeals import propose_panel, tally
from outbox.models import Delivery
from tests.factories import NOW, make_member, make_organization, make_staff
from tests.members.appeals import core, decline, make_appeal, panel, sit, vote

DAY = timedelta(days=1)
TODAY = date(2026, 11, 26)


@pytest.fixture
def declined(application, reviewer):
    return decline(application, reviewer)


@pytest.fixture
def appeal(declined):
    return make_appeal(declined)


def kinds():
    return sorted(Delivery.objects.filter(kind__startswith="appeal").values_list("kind", flat=True))


def finding(community, **changes):
    values = {
        "criterion": community.criteria.get(), "check_method": "issuer_contact",
        "valid_from": date(2027, 4, 1), "valid_to": date(2028, 3, 31),
    } | changes  # fmt: skip
    return Finding(**values)


def decide(appeal, by, **changes):
    values = {"reasons": "The letter is true.", "now": NOW} | changes
    decided = decide_appeal(appeal=appeal, by=by, **values)
    decided.application.refresh_from_db()
    return decided


def test_opened_within_thirty_days_and_due_after_twenty_business_days(declined, checked_photo):
    found = make_appeal(declined, documents=[checked_photo], now=NOW + 30 * DAY)

    declined.refresh_from_db()
    assert declined.state == "appealed"
    # From Saturday, 26 December; 1 January is a holiday.
    assert found.due_on == date(2027, 1, 25)
    assert found.files.get().document_name == "licence.png"
    assert kinds() == ["appeal_received"]
    assert AuditEvent.objects.filter(action="appeal_opened", actor=declined.person).exists()


def test_a_late_one_is_refused(declined):
    with pytest.raises(ActionError, match="over"):
        make_appeal(declined, now=NOW + 31 * DAY)


def test_without_a_day_thirty_days_from_the_decision(declined):
    MembershipApplication.objects.update(appeal_by=None)
    with pytest.raises(ActionError, match="over"):
        make_appeal(declined, now=NOW + 31 * DAY)
    assert make_appeal(declined, now=NOW + 30 * DAY)


@pytest.mark.parametrize("state", ["submitted", "approved", "withdrawn", "lapsed"])
def test_only_a_decline_is_looked_at_again(application, state):
    MembershipApplication.objects.update(state=state)
    with pytest.raises(ActionError, match="no decision"):
        make_appeal(application)


def test_nobody_appeals_for_somebody_else_or_twice_or_without_words(declined, dani):
    with pytest.raises(ActionError, match="no decision"):
        open_appeal(application=declined, person=dani, ground="process", text="x", now=NOW)
    with pytest.raises(ActionError, match="your words"):
        make_appeal(declined, text="  ")
    make_appeal(declined)
    with pytest.raises(ActionError, match="no decision"):
        make_appeal(declined)


def test_taken_back_the_decline_stands_and_there_is_time_left(appeal, declined):
    withdraw_appeal(appeal=appeal, person=declined.person, now=NOW)

    declined.refresh_from_db()
    appeal.refresh_from_db()
    assert (declined.state, appeal.state) == ("declined", "withdrawn")
    assert make_appeal(declined, now=NOW + DAY).state == "open"
    with pytest.raises(ActionError, match="decided already"):
        withdraw_appeal(appeal=appeal, person=declined.person, now=NOW)


def test_papers_are_added_by_the_applicant_up_to_five(appeal, checked_photo, dani):
    person = appeal.application.person
    with pytest.raises(ActionError):
        add_appeal_file(appeal=appeal, person=dani, document=checked_photo, now=NOW)
    for _number in range(5):
        add_appeal_file(appeal=appeal, person=person, document=checked_photo, now=NOW)
    with pytest.raises(ActionError, match="5 papers"):
        add_appeal_file(appeal=appeal, person=person, document=checked_photo, now=NOW)


def names(appeal):
    return [one.person.display_name for one in propose_panel(appeal, TODAY)]


def test_the_panel_leaves_out_whom_it_must(community, declined, reviewer, priya, house):
    rival = make_organization("Rival House")
    appeal = make_appeal(declined, competitor=rival)
    for person, organization in [
        (core(community, "Same House"), house),
        (core(community, "Rival Riva"), rival),
        (core(community, "Beside The Decider"), host := make_organization("Host")),
        (reviewer, host),
        (core(community, "Funded Fay"), make_organization("F", is_regulator_or_funder=True)),
    ]:
        Affiliation.objects.create(person=person, organization=organization)
    RoleGrant.objects.create(
        community=community, person=declined.person, role="core_group", starts_on="2026-04-01"
    )
    make_staff(community, "evaluator", "Evaluator Eva")
    gone = core(community, "Gone Gus")
    RoleGrant.objects.filter(person=gone).update(ends_on="2026-05-01")
    closed = core(community, "Closed Cleo")
    User.objects.filter(pk=closed.pk).update(is_active=False)
    make_staff(community, "facilitator", "Able Abe")
    core(community, "Core Cora")

    found = propose_panel(appeal, TODAY)

    assert names(appeal) == ["Core Cora", "Able Abe", "Priya Lindqvist"]
    assert [one.is_proposed for one in found] == [True, True, False]
    assert [one.is_core for one in found] == [True, False, False]


def test_whoever_acted_on_it_or_its_papers_stays_out(community, declined, reviewer):
    other = make_staff(community, "reviewer", "Other Otto")
    reader = make_staff(community, "reviewer", "Reader Rita")
    paper = declined.evidence.get()
    for person, action in [(other, "evidence_doubtful"), (reader, "evidence_viewed")]:
        AuditEvent.objects.create(
            actor=person, action=action, object_type="members.evidence", object_id=paper.public_id
        )
    appeal = make_appeal(declined)
    assert names(appeal) == ["Reader Rita"]
    for person in (other, reviewer):
        with pytest.raises(ActionError, match="had a part"):
            seat_person(appeal=appeal, person=person, by=_coordinator(community), now=NOW)


def _coordinator(community):
    return make_staff(community, "coordinator", "Coordinator")


def test_an_ended_tie_is_no_conflict(community, appeal, house):
    person = core(community, "Once There")
    tie = {"organization": house, "state": "ended", "ended_on": TODAY}
    Affiliation.objects.create(person=person, **tie)
    assert names(appeal) == ["Once There"]


def test_seats_are_given_by_a_coordinator_who_is_not_concerned(community, appeal, priya, house):
    rosa = core(community, "Rosa Core")
    with pytest.raises(ActionError, match="coordinator"):
        seat_person(appeal=appeal, person=rosa, by=rosa, now=NOW)
    with pytest.raises(ActionError, match="cannot sit"):
        seat_person(appeal=appeal, person=make_member(community, "No Role"), by=priya, now=NOW)
    sit(appeal, priya, rosa, rosa)
    assert appeal.seats.count() == 1
    assert kinds() == ["appeal_received", "appeal_seat"]
    unseat_person(appeal=appeal, person=rosa, by=rosa, now=NOW)
    assert appeal.seats.count() == 0
    Affiliation.objects.create(person=priya, organization=house)
    with pytest.raises(ActionError, match="concerns you"):
        sit(appeal, priya, rosa)


def test_votes_are_for_the_seated_and_a_cast_one_stays(community, appeal, priya, dani):
    people = panel(community, appeal, priya)
    with pytest.raises(ActionError, match="do not sit"):
        cast_vote(appeal=appeal, person=dani, vote="uphold", now=NOW)
    with pytest.raises(ActionError, match="one of the three"):
        cast_vote(appeal=appeal, person=people.rosa, vote="perhaps", now=NOW)
    vote(appeal, Rosa="uphold")
    vote(appeal, Rosa="dismiss")
    assert appeal.seats.get(person=people.rosa).vote == "dismiss"
    with pytest.raises(ActionError, match="has voted"):
        unseat_person(appeal=appeal, person=people.rosa, by=priya, now=NOW)
    assert not AuditEvent.objects.filter(action="appeal_voted").exclude(reason="").exists()
    vote(appeal, Tom="dismiss")
    with pytest.raises(ActionError, match="Everybody"):
        vote(appeal, Rosa="uphold")
    with pytest.raises(ActionError, match="voted already"):
        sit(appeal, priya, core(community, "Late Lea"))


def test_who_became_close_in_the_meantime_votes_no_more(community, appeal, priya, house):
    people = panel(community, appeal, priya)
    Affiliation.objects.create(person=people.rosa, organization=house)
    with pytest.raises(ActionError, match="give your seat back"):
        vote(appeal, Rosa="uphold")
    unseat_person(appeal=appeal, person=people.rosa, by=priya, now=NOW)


def test_two_people_one_of_the_core_group_or_no_decision(community, appeal, priya):
    with pytest.raises(ActionError, match="at least two"):
        decide(appeal, priya)
    abe = make_staff(community, "facilitator", "Abe")
    bea = make_staff(community, "facilitator", "Bea")
    sit(appeal, priya, abe, bea)
    vote(appeal, Abe="dismiss", Bea="dismiss")
    with pytest.raises(ActionError, match="core group"):
        decide(appeal, priya)
    sit(appeal, priya, core(community, "Cora"))
    with pytest.raises(ActionError, match="voted yet"):
        decide(appeal, priya)
    vote(appeal, Cora="uphold")
    assert decide(appeal, priya).state == "dismissed"


@pytest.mark.parametrize(
    ("votes", "state"),
    [
        (("uphold", "uphold", "dismiss"), "upheld"),
        (("dismiss", "dismiss", "uphold"), "dismissed"),
        (("return", "return", "uphold"), "returned"),
        (("uphold", "dismiss"), "returned"),
        (("uphold", "dismiss", "return"), "returned"),
        (("uphold", "return"), "returned"),
    ],
)
def test_more_than_half_decide_and_a_tie_returns(community, appeal, priya, votes, state):
    people = [core(community, f"P{number} Core") for number in range(len(votes))]
    sit(appeal, priya, *people)
    for person, word in zip(people, votes, strict=True):
        cast_vote(appeal=appeal, person=person, vote=word, now=NOW)
    assert tally(appeal) == state


def test_dismissed_with_reasons_and_final(community, appeal, priya):
    people = panel(community, appeal, priya)
    vote(appeal, Rosa="dismiss", Tom="dismiss")
    with pytest.raises(ActionError, match="Write the reasons"):
        decide(appeal, people.rosa, reasons=" ")

    decided = decide(appeal, people.rosa, reasons="It is no licence.")

    assert decided.state == "dismissed"
    assert decided.application.state == "appeal_dismissed"
    assert not Membership.objects.filter(person=decided.application.person).exists()
    with pytest.raises(ActionError, match="decided already"):
        decide(appeal, people.tom)
    with pytest.raises(ActionError, match="no decision"):
        make_appeal(decided.application)


def test_the_decider_and_strangers_do_not_write_it(community, appeal, priya, reviewer, outsider):
    panel(community, appeal, priya)
    vote(appeal, Rosa="dismiss", Tom="dismiss")
    RoleGrant.objects.create(
        community=community, person=reviewer, role="coordinator", starts_on="2026-04-01"
    )
    with pytest.raises(ActionError, match="had a part"):
        decide(appeal, reviewer)
    with pytest.raises(ActionError, match="Only the panel"):
        decide(appeal, outsider)


def test_returned_the_review_begins_anew_and_may_be_appealed_again(
    community, appeal, priya, reviewer
):
    people = panel(community, appeal, priya)
    vote(appeal, Rosa="uphold", Tom="dismiss")
    later = NOW + 10 * DAY

    application = decide(appeal, priya, now=later).application

    assert (application.state, application.decided_at) == ("in_review", None)
    assert application.due_on == date(2026, 12, 11)
    assert application.evidence.get().state == "submitted"
    decline(application, reviewer, now=later)
    again = make_appeal(application, now=later + 20 * DAY)
    # Who sat on the first panel has had a part in it now.
    assert not {people.rosa.display_name, people.tom.display_name} & set(names(again))


def test_returned_beside_a_newer_application_leaves_one_open(community, appeal, priya, house):
    panel(community, appeal, priya)
    old = appeal.application
    newer = MembershipApplication.objects.create(
        community=community, person=old.person, organization=house, submitted_at=NOW, due_on=TODAY
    )
    vote(appeal, Rosa="return", Tom="return")

    decided = decide(appeal, priya, now=NOW + 10 * DAY)

    newer.refresh_from_db()
    assert decided.application.state == "declined"
    assert (newer.state, newer.due_on) == ("submitted", date(2026, 12, 11))


def uphold(community, appeal, priya, **changes):
    people = panel(community, appeal, priya)
    vote(appeal, Rosa="uphold", Tom="uphold")
    values = {"effective_on": date(2027, 4, 1), "finding": finding(community)} | changes
    return decide(appeal, people.rosa, **values)


def standing(appeal):
    rows = Membership.objects.filter(person=appeal.application.person)
    return [(row.category, row.state) for row in rows]


def test_upheld_at_once_makes_a_member_with_a_welcome(community, appeal, priya):
    now = finding(community, valid_from=None, valid_to=None)
    decided = uphold(community, appeal, priya, effective_on=None, finding=now)

    assert decided.application.state == "appeal_upheld"
    assert standing(decided) == [("member", "active")]
    assert decided.application.organization.status == "active"
    paper = decided.application.evidence.get()
    assert (paper.state, paper.check_method) == ("verified", "issuer_contact")
    assert Delivery.objects.filter(kind="welcome").count() == 1
    keep_appeals(now=NOW + DAY)
    assert Delivery.objects.filter(kind="welcome").count() == 1


def test_upheld_needs_something_that_counts_on_that_day(community, appeal, priya):
    with pytest.raises(ActionError, match="Nothing shows"):
        uphold(community, appeal, priya, finding=None)
    appeal.refresh_from_db()
    assert appeal.state == "open"
    rosa = appeal.seats.first().person
    early = {"effective_on": date(2027, 3, 31), "finding": finding(community)}
    with pytest.raises(ActionError, match="Nothing shows"):
        decide(appeal, rosa, **early)
    with pytest.raises(ActionError, match="today or a later day"):
        decide(appeal, rosa, effective_on=TODAY - DAY, finding=finding(community))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"check_method": ""}, "how the panel"),
        ({"valid_to": date(2027, 3, 1)}, "before the first"),
        ({"kind": "other"}, "papers of this kind"),
        ({"check_method": "document_only"}, "public register"),
    ],
)
def test_what_the_panel_verifies_keeps_the_rules_of_evidence(
    community, appeal, priya, change, words
):
    community.criteria.update(
        check_url="https://register.example/", accepted_kinds=["funding_letter"]
    )
    with pytest.raises(ActionError, match=words):
        uphold(community, appeal, priya, finding=finding(community, **change))


def test_a_criterion_of_another_community_is_refused(community, appeal, priya, other_community):
    foreign = finding(community, criterion=other_community.criteria.get())
    with pytest.raises(ActionError, match="another community"):
        uphold(community, appeal, priya, finding=foreign)


def walk(start, days):
    for number in range(days):
        yield start + number * DAY


def test_first_of_april(community, appeal, priya):
    """Day by day to 1 April: an ally until then, a member with a welcome from that day."""
    decided = uphold(community, appeal, priya)
    assert standing(decided) == [("ally", "active")]
    assert not Delivery.objects.filter(kind="welcome").exists()

    # 00:05 in Vancouver.
    for now in walk(datetime(2026, 11, 27, 7, 5, tzinfo=UTC), 140):
        keep_standing(now=now)
        begun = standing(decided) == [("member", "active")]
        assert begun == (now >= datetime(2027, 4, 1, 7, 0, tzinfo=UTC)), now

    assert Delivery.objects.filter(kind="welcome").count() == 1
    assert AuditEvent.objects.filter(action="appeal_in_force").count() == 1


def test_revoked_before_its_day_it_stays_an_ally_with_a_notice(community, appeal, priya, reviewer):
    decided = uphold(community, appeal, priya)
    paper = decided.application.evidence.get()
    revoke_evidence(evidence=paper, by=reviewer, note="Cancelled.", now=NOW + 9 * DAY)

    for now in walk(NOW + 9 * DAY, 200):
        keep_appeals(now=now)

    assert standing(decided) == [("ally", "active")]
    assert Delivery.objects.filter(kind="appeal_not_in_force").count() == 1
    assert not Delivery.objects.filter(kind="welcome").exists()


def test_under_challenge_it_still_begins(community, appeal, priya):
    decided = uphold(community, appeal, priya)
    decided.application.evidence.update(state=Evidence.State.UNDER_CHALLENGE)
    keep_appeals(now=datetime(2027, 4, 1, 8, 0, tzinfo=UTC))
    assert standing(decided) == [("member", "active")]


def test_who_left_meanwhile_is_not_taken_in_again(community, appeal, priya):
    decided = uphold(community, appeal, priya)
    membership = Membership.objects.get(person=decided.application.person)
    leave_community(membership=membership, now=NOW + DAY)
    keep_appeals(now=datetime(2027, 4, 2, 8, 0, tzinfo=UTC))
    assert standing(decided) == [("ally", "left")]


def test_who_leaves_afterwards_stays_away(community, appeal, priya):
    decided = uphold(community, appeal, priya)
    day = datetime(2027, 4, 1, 8, 0, tzinfo=UTC)
    keep_appeals(now=day)
    membership = Membership.objects.get(person=decided.application.person)
    leave_community(membership=membership, now=day + DAY)
    keep_appeals(now=day + 2 * DAY)
    assert standing(decided) == [("member", "left")]


def test_where_there_are_no_allies_nothing_begins_before_the_day(community, appeal, priya):
    Community.objects.filter(pk=community.pk).update(allies_allowed=False)
    decided = uphold(community, appeal, priya)
    assert standing(decided) == []
    keep_appeals(now=datetime(2027, 4, 1, 8, 0, tzinfo=UTC))
    assert standing(decided) == [("member", "active")]


def test_papers_go_ninety_days_after_the_decision(
    declined, community, priya, checked_photo, django_capture_on_commit_callbacks
):
    appeal = make_appeal(declined, documents=[checked_photo])
    assert purge_appeal_files(now=NOW + 400 * DAY) == 0
    panel(community, appeal, priya)
    vote(appeal, Rosa="dismiss", Tom="dismiss")
    decide(appeal, priya)
    assert purge_appeal_files(now=NOW + 89 * DAY) == 0
    storage = appeal.files.get().document.storage
    name = appeal.files.get().document.name
    with django_capture_on_commit_callbacks(execute=True):
        assert purge_appeal_files(now=NOW + 90 * DAY) == 1
    assert purge_appeal_files(now=NOW + 91 * DAY) == 0
    assert not storage.exists(name)
    assert AppealFile.objects.get().document_name == ""


@pytest.mark.django_db(transaction=True)
def test_two_who_write_it_at_once_one_wins(community, application, reviewer, priya):
    appeal = make_appeal(decline(application, reviewer))
    people = panel(community, appeal, priya)
    vote(appeal, Rosa="uphold", Tom="uphold")
    both, told = Barrier(2), []

    def write(person):
        both.wait()
        try:
            decide_appeal(
                appeal=appeal, by=person, now=NOW, reasons="Yes.",
                finding=finding(community, valid_from=None, valid_to=None),
            )  # fmt: skip
            told.append("written")
        except ActionError as error:
            told.append(str(error))
        finally:
            connection.close()

    threads = [Thread(target=write, args=[person]) for person in (people.rosa, people.tom)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told)[1] == "written"
    assert len(set(told)) == 2
    assert Delivery.objects.filter(kind="appeal_decided").count() == 1
