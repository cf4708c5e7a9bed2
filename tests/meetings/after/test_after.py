"""After a meeting: feedback without a name, the notes and the holder's word, a month later."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from cop.core.errors import ActionError
from meetings.actions.feedback import asks_for_a_call, give_feedback
from meetings.actions.following_up import keep_follow_ups
from meetings.actions.notes import (
    NotesChanged,
    answer_notes,
    ask_holder,
    publish_notes,
    save_notes,
)
from meetings.links import feedback_url, notes_url, outcome_url
from meetings.models import (
    AgendaStep,
    Attendance,
    Feedback,
    MeetingNotes,
    MeetingRole,
    Rsvp,
    TopicProposal,
)
from meetings.queries.feedback import feedback_of
from outbox.models import Delivery
from tests.conftest import CAST
from tests.factories import make_meeting, make_member
from tests.meetings.conftest import START

END = START + timedelta(minutes=90)
LATER = END + timedelta(hours=2)
DAY = timedelta(days=1)


def path(url):
    return url[url.index("/m/") :]


@pytest.fixture
def yesterday(community, priya):
    """Held yesterday, for the pages, which read the real clock."""
    day = timezone.now() - DAY
    meeting = make_meeting(community, title="Night staff", state="held", facilitator=priya)
    values = {"starts_at": day, "ends_at": day + timedelta(minutes=90)}
    type(meeting).objects.filter(pk=meeting.pk).update(**values)
    meeting.refresh_from_db()
    return meeting


def came(meeting, person):
    return Attendance.objects.create(meeting=meeting, person=person, state="present", source="link")


def holder(meeting, person, **fields):
    return MeetingRole.objects.create(
        meeting=meeting, part="issue_holder", person=person, state="accepted", **fields
    )


def say(meeting, person, now=LATER, **answers):
    give_feedback(meeting=meeting, person=person, now=now, **({"worth": 5} | answers))


def test_the_row_knows_the_meeting_and_nothing_of_the_person(meeting, dani):
    came(meeting, dani)
    say(meeting, dani, felt_safe=4, change="Start on time")
    row = Feedback.objects.get()
    fields = {field.name for field in Feedback._meta.get_fields()}
    assert not fields & {"person", "author", "created_at", "updated_at", "answered_at"}
    assert (row.meeting, row.worth, row.felt_safe) == (meeting, 5, 4)
    assert Attendance.objects.get().gave_feedback


def test_once_each_and_only_for_who_was_there(meeting, dani, ally):
    came(meeting, dani)
    say(meeting, dani)
    with pytest.raises(ActionError, match="already"):
        say(meeting, dani)
    with pytest.raises(ActionError, match="who were there"):
        say(meeting, ally)
    assert Feedback.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_are_one_answer(meeting, dani):
    came(meeting, dani)

    def click():
        try:
            say(meeting, dani)
        except ActionError:
            pass
        finally:
            connection.close()

    threads = [Thread(target=click) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Feedback.objects.count() == 1


def test_not_before_the_end_and_not_after_a_month_and_not_empty(meeting, dani):
    came(meeting, dani)
    with pytest.raises(ActionError, match="over"):
        say(meeting, dani, now=END - timedelta(minutes=1))
    with pytest.raises(ActionError, match="thirty days"):
        say(meeting, dani, now=END + 31 * DAY)
    with pytest.raises(ActionError, match="at least one"):
        say(meeting, dani, worth=None, change="   ")


def test_a_wish_becomes_a_topic_without_a_name_and_without_the_hour(meeting, dani):
    came(meeting, dani)
    say(meeting, dani, topic_wish="  Sleep\non nights ")
    topic = TopicProposal.objects.get()
    assert (topic.title, topic.source, topic.state) == ("Sleep on nights", "feedback", "proposed")
    assert topic.proposed_by is None
    assert topic.proposed_at.hour == topic.proposed_at.minute == 0


@pytest.mark.parametrize(
    ("text", "worrying"),
    [("I felt unsafe.", True), ("J’ai eu peur de parler", True), ("He was THREATENING", True),
     ("Good coffee", False), ("", False), ("Les surdoses nous suivent", True),
     ("Start on time", False)],
)  # fmt: skip
def test_some_words_ask_for_a_call(text, worrying):
    assert asks_for_a_call(text) is worrying


def test_shown_from_five_on_and_what_is_flagged_at_once(community, meeting):
    people = [make_member(community, f"Person {n}") for n in range(5)]
    for person in people:
        came(meeting, person)
    say(meeting, people[0], change="I felt unsafe", felt_safe=1)
    for person in people[1:4]:
        say(meeting, person, change="Fine", felt_safe=4)
    four = feedback_of(meeting)
    assert (four.shown, four.given, four.asked, four.change) == (False, 4, 5, [])
    assert len(four.flagged) == 1
    say(meeting, people[4], felt_safe=2, worth=1)
    five = feedback_of(meeting)
    assert five.shown
    assert five.felt_safe.mean == 3.0
    assert five.is_unsafe
    assert dict(five.worth.counts) == {1: 1, 2: 0, 3: 0, 4: 0, 5: 4}
    assert sorted(five.change) == ["Fine", "Fine", "Fine", "I felt unsafe"]


def test_feedback_from_the_link_without_signing_in(client, yesterday, dani):
    came(yesterday, dani)
    url = path(feedback_url(yesterday, dani))
    page = client.get(url).content.decode()
    assert "How was it?" in page
    assert "Dani" not in page
    assert not Feedback.objects.exists()
    assert "Answer at least one" in client.post(url, {}).content.decode()
    answers = {"worth": "4", "will_use": "yes", "change": "<b>x</b>"}
    page = client.post(url, answers, follow=True).content.decode()
    assert "Thank you" in page
    client.post(url, answers)
    assert Feedback.objects.count() == 1


@pytest.mark.parametrize(
    "answers",
    [
        {"worth": "6"},
        {"worth": "x"},
        {"will_use": "perhaps"},
        {"change": "x" * 2_001},
        {"topic_wish": "x" * 141},
    ],
)
def test_strange_answers_are_told(client, yesterday, dani, answers):
    came(yesterday, dani)
    page = client.post(path(feedback_url(yesterday, dani)), answers)
    assert page.status_code == 200
    assert not Feedback.objects.exists()


def test_who_was_not_there_finds_nothing(client, yesterday, dani):
    assert client.get(path(feedback_url(yesterday, dani))).status_code == 404
    assert client.get("/m/forged/feedback/").status_code == 404


def test_the_desk_shows_feedback_to_its_own(community, yesterday, priya, sign_in, ally):
    url = reverse("admin:meetings_meeting_feedback", args=[yesterday.pk])
    page = sign_in(priya).get(url).content.decode()
    assert "0 of 0 people have answered" in page
    for n in range(5):
        person = make_member(community, f"Person {n}")
        came(yesterday, person)
        say(yesterday, person, now=timezone.now(), change="I was afraid" if n == 0 else "<i>ok</i>")
    client = sign_in(priya)
    page = client.get(url).content.decode()
    assert "5 of 5 people answered" in page
    assert "I was afraid" in page
    assert "&lt;i&gt;ok" in page
    flagged = Feedback.objects.get(is_flagged=True)
    client.post(url, {"feedback": str(flagged.pk), "do": "done"})
    client.post(url, {"feedback": "nonsense", "do": "done"})
    flagged.refresh_from_db()
    assert flagged.is_followed_up
    assert sign_in(ally).get(url).status_code in {302, 404}


TEXTS = {"questions": "Why nights?", "ideas": "A roster", "resources": "The binder"}


def write(meeting, by, version=0, now=LATER, **texts):
    return save_notes(meeting=meeting, texts=TEXTS | texts, version=version, by=by, now=now)


def test_nothing_is_published_before_the_holder_said_yes(meeting, dani, priya):
    role = holder(meeting, dani)
    notes = write(meeting, priya)
    with pytest.raises(ActionError, match="has not answered"):
        publish_notes(notes=notes, by=priya, now=LATER)
    ask_holder(notes=notes, by=priya, now=LATER)
    ask_holder(notes=notes, by=priya, now=LATER)
    assert Delivery.objects.filter(kind="notes_for_holder", person=dani).count() == 1
    answer_notes(role=role, version=1, agrees=True, now=LATER)
    assert Delivery.objects.filter(kind="notes_answered", person=priya).count() == 1
    publish_notes(notes=notes, by=priya, now=LATER)
    meeting.refresh_from_db()
    assert meeting.notes_outcome == "published"
    assert MeetingNotes.objects.get().ideas == "A roster"


def test_a_no_leaves_the_resources_alone(meeting, dani, priya):
    role = holder(meeting, dani)
    notes = ask_holder(notes=write(meeting, priya), by=priya, now=LATER)
    answer_notes(role=role, version=1, agrees=False, now=LATER)
    notes = publish_notes(notes=notes, by=priya, now=LATER)
    assert (notes.questions, notes.ideas, notes.resources) == ("", "", "The binder")


def test_changed_words_need_the_yes_again(meeting, dani, priya):
    role = holder(meeting, dani)
    notes = ask_holder(notes=write(meeting, priya), by=priya, now=LATER)
    write(meeting, priya, version=1, ideas="Another")
    with pytest.raises(ActionError, match="being written"):
        answer_notes(role=role, version=1, agrees=True, now=LATER)
    ask_holder(notes=notes, by=priya, now=LATER)
    with pytest.raises(ActionError, match="read them again"):
        answer_notes(role=role, version=1, agrees=True, now=LATER)
    answer_notes(role=role, version=2, agrees=True, now=LATER)
    assert Delivery.objects.filter(kind="notes_for_holder").count() == 2


def test_two_writers_lose_nothing(yesterday, priya, admin, sign_in):
    write(yesterday, priya, now=timezone.now())
    with pytest.raises(NotesChanged):
        write(yesterday, admin, version=0, now=timezone.now(), ideas="Mine")
    url = reverse("meetings:meeting_notes", args=["every-door", yesterday.public_id])
    page = (
        sign_in(priya).post(url, {"do": "save", "version": "0", "ideas": "Mine"}).content.decode()
    )
    assert "Mine" in page
    assert "A roster" in page
    answer = sign_in(priya).post(url, {"do": "save", "version": "1", "ideas": "Mine, A roster"})
    assert answer.status_code == 302
    assert MeetingNotes.objects.get().ideas == "Mine, A roster"


def test_notes_before_the_meeting_and_nothing_to_publish(meeting, priya):
    with pytest.raises(ActionError, match="has begun"):
        write(meeting, priya, now=START - DAY)
    empty = {name: "" for name in (*TEXTS, "may_share")}
    notes = save_notes(meeting=meeting, texts=empty, version=0, by=priya, now=LATER)
    with pytest.raises(ActionError, match="nothing to publish"):
        publish_notes(notes=notes, by=priya, now=LATER)


@pytest.mark.parametrize("who", CAST)
def test_notes_are_written_by_those_who_ran_it(request, yesterday, sign_in, who):
    url = reverse("meetings:meeting_notes", args=["every-door", yesterday.public_id])
    answer = sign_in(request.getfixturevalue(who)).get(url)
    assert answer.status_code == {"priya": 200, "admin": 200, "visitor": 302}.get(who, 404)


def test_the_note_taker_writes_and_finds_the_notes_of_the_steps(yesterday, dani, sign_in):
    MeetingRole.objects.create(meeting=yesterday, part="note_taker", person=dani, state="accepted")
    AgendaStep.objects.create(
        meeting=yesterday, order=99, title="Ideas", minutes=10, note="Try a buddy"
    )
    url = reverse("meetings:meeting_notes", args=["every-door", yesterday.public_id])
    assert "Try a buddy" in sign_in(dani).get(url).content.decode()


def test_from_writing_to_the_page_of_the_meeting(client, yesterday, dani, ally, visitor, priya,
                                                 sign_in):  # fmt: skip
    role = holder(yesterday, dani)
    url = reverse("meetings:meeting_notes", args=["every-door", yesterday.public_id])
    staff = sign_in(priya)
    staff.post(url, {"do": "save", "version": "0", **TEXTS})
    staff.post(url, {"do": "ask"})
    link = path(notes_url(role))
    assert "Why nights?" in client.get(link).content.decode()
    assert MeetingNotes.objects.get().state == "with_holder"
    client.post(link, {"version": "1", "answer": "yes"})
    staff = sign_in(priya)
    page = staff.post(url, {"do": "publish"}, follow=True).content.decode()
    assert "on the page of the meeting now" in page
    page = sign_in(ally).get(yesterday.get_absolute_url()).content.decode()
    assert "Why nights?" in page


@pytest.mark.parametrize("who", CAST)
def test_published_notes_are_for_those_inside(request, yesterday, priya, sign_in, who):
    type(yesterday).objects.filter(pk=yesterday.pk).update(audience="public")
    notes = write(yesterday, priya, now=timezone.now())
    publish_notes(notes=notes, by=priya, now=timezone.now())
    page = sign_in(request.getfixturevalue(who)).get(yesterday.get_absolute_url()).content.decode()
    assert ("Why nights?" in page) is (who in {"dani", "ally", "priya", "admin"}) or who == "admin"


def test_a_month_later_the_holder_is_asked_once(meeting, dani, ally):
    role = holder(meeting, dani, question="How?")
    holder(meeting, ally, is_backup=True)
    type(meeting).objects.filter(pk=meeting.pk).update(state="wrapped")
    keep_follow_ups(now=END + 29 * DAY)
    assert not Delivery.objects.filter(kind="follow_up").exists()
    for _turn in range(2):
        keep_follow_ups(now=END + 30 * DAY)
    assert Delivery.objects.get(kind="follow_up").person == dani
    assert role.outcome_at is None


def test_nobody_is_asked_long_after_or_about_what_did_not_take_place(meeting, dani):
    holder(meeting, dani)
    keep_follow_ups(now=END + 30 * DAY)
    type(meeting).objects.filter(pk=meeting.pk).update(state="held")
    keep_follow_ups(now=END + 45 * DAY)
    assert not Delivery.objects.filter(kind="follow_up").exists()


def test_what_happened_is_shown_where_it_may_be(client, yesterday, dani, ally, priya, sign_in):
    role = holder(yesterday, dani)
    publish_notes_of(yesterday, role, priya)
    link = path(outcome_url(role))
    assert "What happened since?" in client.get(link).content.decode()
    client.post(link, {"text": "We hired two people"})
    page = sign_in(ally).get(yesterday.get_absolute_url()).content.decode()
    assert "hired two" not in page
    client.post(link, {"text": "We hired two people", "may_be_shared": "on"})
    page = sign_in(ally).get(yesterday.get_absolute_url()).content.decode()
    assert "hired two" in page
    assert client.post(link, {"text": " "}).status_code == 200


def publish_notes_of(meeting, role, by):
    now = timezone.now()
    notes = ask_holder(notes=write(meeting, by, now=now), by=by, now=now)
    answer_notes(role=role, version=1, agrees=True, now=now)
    publish_notes(notes=notes, by=by, now=now)


def test_materials_go_to_those_who_asked_when_it_is_wrapped_up(meeting, dani, ally):
    for person, state in ((dani, "send_materials"), (ally, "not_going")):
        Rsvp.objects.create(meeting=meeting, person=person, state=state, answered_at=START)
    keep_follow_ups(now=LATER)
    type(meeting).objects.filter(pk=meeting.pk).update(state="wrapped", wrapped_at=LATER)
    for _turn in range(2):
        keep_follow_ups(now=LATER)
    assert Delivery.objects.get(kind="materials").person == dani


def test_a_withdrawn_holder_and_a_forged_link_find_nothing(client, yesterday, dani):
    role = holder(yesterday, dani)
    link = path(outcome_url(role))
    MeetingRole.objects.filter(pk=role.pk).update(state="withdrawn")
    assert client.get(link).status_code == 404
    assert client.get("/m/forged/outcome/").status_code == 404
    assert client.get("/m/forged/notes/").status_code == 404
