"""Peer mentorship: by will, across houses, ended without a reason (ME1 to ME3)."""

import re
from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from members.actions.mentorship import (
    accept_match,
    answer_check_in,
    ask_mentor,
    end_match,
    keep_mentorships,
    save_offer,
    save_wish,
)
from members.models import Membership, MentorshipCheckIn, MentorshipMatch
from members.queries.mentorship import suggest_mentors
from outbox.models import Delivery
from tests.conftest import CAST
from tests.factories import NOW, make_member, make_organization

PAGE = "/every-door/mentorship/"


def offer(community, name="Mentor Mei", organization=None, **fields):
    person = make_member(community, name, organization=organization or make_organization())
    values = {
        "topics": "Night rosters, inspections", "languages": ["English"], "region": "fraser",
        "hours_a_month": 1, "max_matches": 1,
    } | fields  # fmt: skip
    return save_offer(person=person, community=community, now=NOW, **values)


def wish(community, person=None, **fields):
    person = person or make_member(community, "Wanda", organization=make_organization())
    values = {"topics": "rosters for the night", "languages": ["english"], "region": ""} | fields
    return save_wish(person=person, community=community, now=NOW, **values)


def begin(community):
    given, asked = offer(community), wish(community)
    match = ask_mentor(wish=asked, offer=given, by=asked.person, now=NOW)
    return accept_match(match=match, person=given.person, now=NOW)


def kinds():
    return sorted(Delivery.objects.values_list("kind", flat=True))


@pytest.mark.parametrize("who", CAST)
@pytest.mark.parametrize("path", ["", "offer/", "wish/"])
def test_mentorship_is_for_members(request, sign_in, community, who, path):
    response = sign_in(request.getfixturevalue(who)).get(PAGE + path)
    assert response.status_code == (200 if who == "dani" else 302 if who == "visitor" else 404)


def test_suggestions_by_topic_language_and_region(community):
    near = offer(community, "Near Nadia", region="island", topics="Grief")
    apt = offer(community, "Apt Ana")
    offer(community, "Other Olga", topics="Budgets", region="")
    offer(community, "French Fabienne", languages=["Français"])
    asked = wish(community, region="island", topics="Night ROSTERS")
    assert [one.offer for one in suggest_mentors(asked)] == [apt, near]


def test_never_within_one_organization(community):
    house = make_organization()
    given = offer(community, organization=house)
    asked = wish(community, make_member(community, "Same Sam", organization=house))
    assert suggest_mentors(asked) == []
    with pytest.raises(ActionError, match="different organizations"):
        ask_mentor(wish=asked, offer=given, by=asked.person, now=NOW)


def test_never_with_somebody_of_a_funder(community):
    fund = make_organization("Fund", is_regulator_or_funder=True)
    given = offer(community, organization=fund)
    asked = wish(community)
    assert suggest_mentors(asked) == []
    with pytest.raises(ActionError):
        ask_mentor(wish=asked, offer=given, by=asked.person, now=NOW)


def test_begins_with_two_yes_and_shows_no_address(community):
    match = begin(community)
    assert (match.state, match.starts_on, match.ends_on) == (
        "active", date(2026, 11, 26), date(2026, 11, 26) + timedelta(days=182),
    )  # fmt: skip
    assert kinds() == ["mentor_asked", "mentorship_began", "mentorship_began"]
    for mail in Delivery.objects.all():
        other = match.mentee if mail.person == match.mentor else match.mentor
        assert other.email not in mail.text + mail.html + mail.subject


def test_end_needs_no_reason_and_says_nothing_about_who(community):
    match = begin(community)
    Delivery.objects.all().delete()
    end_match(match=match, person=match.mentee, now=NOW)
    end_match(match=match, person=match.mentee, now=NOW)
    match.refresh_from_db()
    assert match.state == "ended"
    mail = Delivery.objects.get()
    assert (mail.kind, mail.person) == ("mentorship_ended", match.mentor)
    assert AuditEvent.objects.get(action="mentorship_ended").actor is None


def test_strangers_cannot_touch_a_match(sign_in, community, dani):
    match = begin(community)
    assert sign_in(dani).post(f"{PAGE}{match.public_id}/").status_code == 404
    with pytest.raises(ActionError):
        end_match(match=match, person=dani, now=NOW)


def test_page_leads_from_wish_to_yes(sign_in, community, dani):
    given = offer(community)
    client = sign_in(dani)
    client.post(PAGE + "wish/", {"topics": "night rosters", "languages": "English", "region": ""})
    page = client.get(PAGE).content.decode()
    assert "Mentor Mei" in page
    assert given.person.email not in page
    asked = client.post(f"{PAGE}ask/{given.public_id}/", follow=True).content.decode()
    assert "wait for the answer" in asked
    match = MentorshipMatch.objects.get()
    mentor = sign_in(given.person)
    mentor.post(f"{PAGE}{match.public_id}/", {"do": "yes"})
    mentor.post(f"{PAGE}{match.public_id}/", {"do": "write", "words": "Tuesday at ten?"})
    letter = Delivery.objects.get(kind="introduction_reply")
    assert letter.person == dani
    assert "Tuesday at ten?" in letter.text


def test_check_ins_on_their_days_and_the_end(community):
    match = begin(community)
    Delivery.objects.all().delete()
    days = {}
    for day in range(1, 200):
        before = Delivery.objects.count()
        keep_mentorships(now=NOW + timedelta(days=day))
        if Delivery.objects.count() != before:
            days[day] = Delivery.objects.count() - before
    assert days == {14: 2, 91: 2, 182: 2}
    match.refresh_from_db()
    assert match.state == "completed"


def test_check_in_from_the_mail_tells_the_coordinator_only_if_asked(community):
    begin(community)
    keep_mentorships(now=NOW + timedelta(days=14))
    mail = Delivery.objects.filter(kind="mentorship_check_in").first()
    path = re.search(r"http://localhost:8000(/m/\S+/check-in/)", mail.text)[1]
    assert Client().get(path).status_code == 200
    assert not MentorshipCheckIn.objects.filter(answered_at__isnull=False).exists()
    Client().post(path, {"do": "good", "words": "Private thing"})
    row = MentorshipCheckIn.objects.get(answered_at__isnull=False)
    assert (row.wants_talk, row.words) == (False, "")
    answer_check_in(check_in=row, wants_talk=True, words="Please call", now=NOW)
    row.refresh_from_db()
    assert (row.wants_talk, row.words) == (True, "Please call")


def test_suggestion_without_an_answer_makes_room_after_two_weeks(community):
    given, asked = offer(community), wish(community)
    ask_mentor(wish=asked, offer=given, by=asked.person, now=NOW)
    keep_mentorships(now=NOW + timedelta(days=13))
    assert MentorshipMatch.objects.get().state == "suggested"
    keep_mentorships(now=NOW + timedelta(days=14))
    assert MentorshipMatch.objects.get().state == "ended"
    assert kinds() == ["mentor_asked", "mentor_declined"]


def test_leaving_the_community_ends_it(community):
    match = begin(community)
    Membership.objects.filter(person=match.mentor).update(state="left", ended_on=NOW.date())
    keep_mentorships(now=NOW + timedelta(hours=1))
    match.refresh_from_db()
    assert match.state == "ended"
    assert Delivery.objects.get(kind="mentorship_ended").person == match.mentee


@pytest.mark.django_db(transaction=True)
def test_one_place_is_given_once(community):
    given = offer(community)
    wishes = [wish(community, make_member(community, f"W{n}")) for n in range(4)]
    start, refused = Barrier(4), []

    def ask(row):
        start.wait()
        try:
            ask_mentor(wish=row, offer=given, by=row.person, now=NOW)
        except ActionError as error:
            refused.append(str(error))
        finally:
            connection.close()

    threads = [Thread(target=ask, args=[row]) for row in wishes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert MentorshipMatch.objects.count() == 1
    assert len(refused) == 3
