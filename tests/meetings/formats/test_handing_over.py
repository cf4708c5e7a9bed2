"""Parts that change hands: the call, the brief and the news follow, and nobody counts in vain."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from cop.core.errors import ActionError
from meetings.actions import answer_rsvp, update_meeting
from meetings.actions.cancelling import cancel_meeting, restore_meeting
from meetings.actions.prep import cancel_prep_call, plan_prep_call
from meetings.actions.roles import (
    answer_role,
    call_backup,
    invite_role,
    name_role,
    remove_role,
    save_brief,
)
from meetings.models import MeetingRole, PrepCall
from outbox.models import Delivery
from tests.factories import make_meeting, make_member, make_staff
from tests.meetings.formats.test_formats import draft  # noqa: F401  a fixture

IN_A_MONTH = timedelta(days=40)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def bea(community):
    return make_member(community, "Bea Castellano")


@pytest.fixture
def holders(draft, dani, bea, priya, now):  # noqa: F811
    first = name_role(meeting=draft, part="issue_holder", person=dani, by=priya, now=now)
    return first, name_role(
        meeting=draft, part="issue_holder", person=bea, is_backup=True, by=priya, now=now
    )


@pytest.fixture
def call(draft, holders, priya, now):  # noqa: F811
    day = draft.local_date - timedelta(days=7)
    plan = {"meeting": draft, "day": day, "at": draft.local_time, "join_url": "", "by": priya}
    return plan_prep_call(now=now, **plan)


@pytest.fixture
def planned(community, priya, now):
    return make_meeting(
        community, state="scheduled", facilitator=priya, local_date=now.date() + IN_A_MONTH,
        format=None,
    )  # fmt: skip


def told(kind):
    waiting = Delivery.objects.filter(kind=kind, state=Delivery.State.QUEUED)
    return sorted(mail.person.email for mail in waiting)


def test_the_call_follows_the_backup(call, holders, dani, bea, priya, now):
    assert told("prep_call") == sorted([dani.email, priya.email])
    call_backup(role=holders[1], by=priya, now=now)
    assert told("prep_call") == sorted([dani.email, priya.email, bea.email])
    assert told("prep_call_cancelled") == [dani.email]
    cancel_prep_call(meeting=call.meeting, by=priya, now=now)
    assert told("prep_call_cancelled") == sorted([dani.email, bea.email, priya.email])


@pytest.mark.parametrize("how", ["no", "removed"])
def test_the_call_leaves_the_calendar_of_who_leaves(call, holders, dani, priya, now, how):
    if how == "no":
        answer_role(role=holders[0], comes=False, now=now)
    else:
        remove_role(role=holders[0], by=priya, now=now)
    assert told("prep_call_cancelled") == [dani.email]
    again = name_role(meeting=call.meeting, part="issue_holder", person=dani, by=priya, now=now)
    assert again.state == "planned"
    assert told("prep_call") == sorted([dani.email, dani.email, priya.email])


def test_whoever_is_relieved_hears_it_where_they_had_been_asked(holders, dani, priya, now):
    invite_role(role=holders[0], by=priya, now=now)
    call_backup(role=holders[1], by=priya, now=now)
    assert told("part_news") == [dani.email]


def test_there_is_one_issue_holder(draft, holders, priya, now):  # noqa: F811
    answer_role(role=holders[0], comes=False, now=now)
    call_backup(role=holders[1], by=priya, now=now)
    with pytest.raises(ActionError, match="stepped in for you"):
        answer_role(role=holders[0], comes=True, now=now)
    in_force = draft.roles.filter(state__in=MeetingRole.IN_FORCE)
    assert in_force.count() == 1


def test_a_cancelled_meeting_takes_its_call_and_its_questions_along(call, holders, priya, now):
    cancel_meeting(meeting=call.meeting, reason="ill", by=priya, now=now)
    assert PrepCall.objects.get().is_cancelled
    assert len(told("prep_call_cancelled")) == 2
    with pytest.raises(ActionError, match="is cancelled"):
        answer_role(role=holders[0], comes=True, now=now)


def test_who_has_a_part_hears_of_a_move_a_no_and_a_yes(planned, dani, bea, priya, now):
    speaker = name_role(meeting=planned, part="speaker", person=dani, by=priya, now=now)
    invite_role(role=speaker, by=priya, now=now)
    answer_role(role=speaker, comes=True, now=now)
    # Who answered the meeting itself gets that mail, not two.
    other = name_role(meeting=planned, part="timekeeper", person=bea, by=priya, now=now)
    invite_role(role=other, by=priya, now=now)
    answer_rsvp(meeting=planned, person=bea, answer="going", now=now)
    day = planned.local_date + timedelta(days=1)
    update_meeting(meeting=planned, changes={"local_date": day}, by=priya, now=now)
    assert (told("part_news"), told("changed")) == ([dani.email], [bea.email])
    cancel_meeting(meeting=planned, reason="ill", by=priya, now=now)
    # The mail about the move has not left: one is enough.
    assert (told("part_news"), told("cancelled")) == ([dani.email], [bea.email])
    restore_meeting(meeting=planned, by=priya, now=now)
    mail = Delivery.objects.get(kind="part_news", state=Delivery.State.QUEUED)
    assert (mail.person, "after all" in mail.subject) == (dani, True)


def test_a_move_taken_back_is_no_news(planned, dani, priya, now):
    role = name_role(meeting=planned, part="speaker", person=dani, by=priya, now=now)
    invite_role(role=role, by=priya, now=now)
    day = planned.local_date
    for one in (day + timedelta(days=1), day):
        planned = update_meeting(meeting=planned, changes={"local_date": one}, by=priya, now=now)
    assert told("part_news") == []


def test_the_facilitator_hears_what_somebody_else_did(planned, community, priya, now):
    robin = make_staff(community, "coordinator", "Robin Oyelaran")
    cancel_meeting(meeting=planned, reason="ill", by=robin, now=now)
    assert told("part_news") == [priya.email]


def test_named_again_the_brief_is_still_there(draft, holders, dani, priya, now):  # noqa: F811
    save_brief(role=holders[0], texts={"context": "long work", "question": "How?"}, now=now)
    answer_role(role=holders[0], comes=False, now=now)
    again = name_role(meeting=draft, part="issue_holder", person=dani, by=priya, now=now)
    assert (again.context, again.state) == ("long work", "planned")


def test_each_no_is_told(holders, now):
    for hours, comes in enumerate((False, True, False)):
        answer_role(role=holders[0], comes=comes, now=now + timedelta(hours=hours))
    assert len(told("role_withdrawn")) == 2


def test_nobody_is_asked_for_a_meeting_that_is_over(community, dani, priya, now):
    over = make_meeting(community, local_date=date(2020, 1, 9), facilitator=priya, format=None)
    role = name_role(meeting=over, part="speaker", person=dani, by=priya, now=now)
    with pytest.raises(ActionError, match="has begun"):
        invite_role(role=role, by=priya, now=now)
