"""Formats as data, the agenda fitted to its time, and who does what (2.10, F1 to F4)."""

import random
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cop.core.errors import ActionError
from meetings.actions.agenda import assign_format, edit_agenda, fit_agenda
from meetings.actions.formats import copy_format, load_house_formats
from meetings.actions.prep import cancel_prep_call, plan_prep_call
from meetings.actions.roles import answer_role, call_backup, invite_role, name_role, remove_role
from meetings.links import role_url
from meetings.models import FormatStep, MeetingRole, PrepCall, SessionFormat
from meetings.queries.agenda import suggest_formats, timed_agenda
from meetings.scaling import CannotScale, Stretch, bounds, scale
from outbox.models import Delivery
from tests.conftest import CAST
from tests.factories import make_meeting, make_member
from tests.meetings.conftest import NOW, START

MINUTE = timedelta(minutes=1)


def house(code):
    return SessionFormat.objects.get(community=None, code=code)


def path(url):
    return url[url.index("/m/") :]


def test_the_twelve_formats_are_there_and_sum_up(db):
    formats = list(SessionFormat.objects.filter(community=None).prefetch_related("steps"))
    assert len(formats) == 12
    for one in formats:
        assert sum(step.minutes for step in one.steps.all()) == one.minutes, one.code
        assert one.name_fr
        assert all(step.title_fr for step in one.steps.all())
        assert one.kind != "dialogue_session" or one.recording_policy == "none"


def test_loading_again_changes_nothing_and_mends_what_differs(community, priya):
    assert load_house_formats() == 0
    own = copy_format(format=house("troika"), community=community, by=priya)
    SessionFormat.objects.filter(pk=own.pk).update(name="Our troika")
    FormatStep.objects.filter(format=house("troika"), order=1).update(minutes=99)
    assert load_house_formats() == 1
    assert house("troika").steps.get(order=1).minutes == 6
    own.refresh_from_db()
    assert own.name == "Our troika"
    assert own.steps.count() == 5
    with pytest.raises(ActionError, match="already"):
        copy_format(format=house("troika"), community=community, by=priya)


def test_scaling_keeps_the_sum_the_order_and_the_halves():
    dice = random.Random(5)
    for _turn in range(3_000):
        steps = [Stretch(dice.randint(1, 40), dice.random() < 0.4)
                 for _ in range(dice.randint(1, 12))]  # fmt: skip
        wanted = dice.randint(1, 400)
        shortest, longest = bounds(steps)
        if wanted < shortest or (longest is not None and wanted != longest):
            with pytest.raises(CannotScale):
                scale(steps, wanted)
            continue
        minutes = scale(steps, wanted)
        assert sum(minutes) == wanted
        for step, length in zip(steps, minutes, strict=True):
            assert step.is_flexible or length == step.minutes
            assert 2 * length >= step.minutes
            assert length >= 1


def test_a_format_is_copied_in_the_language_of_the_meeting_and_fitted(community, priya):
    meeting = make_meeting(community, language="fr", duration=90, format=None)
    assign_format(meeting=meeting, format=house("peer_input"), by=priya, now=NOW)
    meeting.refresh_from_db()
    steps = list(meeting.agenda.order_by("order"))
    assert steps[0].title == "Accueil, ententes, rôles"
    assert sum(step.minutes for step in steps) == 90
    # Only the two flexible ones grew.
    assert [s.minutes for s in steps if not s.is_flexible] == [5, 8, 10, 2, 5, 7, 5]
    assert (meeting.kind, meeting.recording_policy) == ("dialogue_session", "none")


def test_what_cannot_be_fitted_keeps_its_minutes(community, priya):
    meeting = make_meeting(community, duration=90, format=None)
    assign_format(meeting=meeting, format=house("troika"), by=priya, now=NOW)
    assert sum(step.minutes for step in meeting.agenda.all()) == 45
    with pytest.raises(ActionError, match="takes 45 minutes"):
        fit_agenda(meeting=meeting, by=priya, now=NOW)
    short = make_meeting(community, duration=30, format=None)
    assign_format(meeting=short, format=house("peer_input"), by=priya, now=NOW)
    with pytest.raises(ActionError, match="59 minutes at least"):
        fit_agenda(meeting=short, by=priya, now=NOW)


def test_editing_keeps_notes_with_their_step(community, priya):
    meeting = make_meeting(community, format=None)
    assign_format(meeting=meeting, format=house("world_cafe"), by=priya, now=NOW)
    first, second = meeting.agenda.order_by("order")[:2]
    type(second).objects.filter(pk=second.pk).update(note="Good talk")
    rows = [
        {"id": second.pk, "title": "Second first", "minutes": 50},
        {"title": "New", "minutes": 5, "room": "plenary", "lead": "facilitator"},
    ]
    edit_agenda(meeting=meeting, rows=rows, by=priya, now=NOW)
    assert [(s.title, s.note) for s in meeting.agenda.order_by("order")] == [
        ("Second first", "Good talk"), ("New", ""),
    ]  # fmt: skip
    assert not meeting.agenda.filter(pk=first.pk).exists()


def test_the_clock_of_each_step(meeting, priya):
    assign_format(meeting=meeting, format=house("learning_session"), by=priya, now=NOW)
    timed = timed_agenda(meeting)
    assert timed[0].starts_at == START
    assert timed[1].starts_at == START + 5 * MINUTE
    assert timed[-1].ends_at == START + 90 * MINUTE


def test_an_agenda_of_a_meeting_that_is_over_stays(meeting, priya):
    with pytest.raises(ActionError, match="stays as it was"):
        assign_format(
            meeting=meeting, format=house("troika"), by=priya, now=START + timedelta(days=1)
        )


def test_formats_that_fit_come_first_and_two_lectures_ask_for_a_dialogue(community):
    for weeks in (2, 1):
        day = make_meeting(community).local_date - timedelta(weeks=weeks)
        make_meeting(community, local_date=day, kind="learning_session")
    type(make_meeting(community)).objects.filter(local_date="2026-12-10").delete()
    meeting = make_meeting(community, kind="dialogue_session", capacity=40)
    found, hint = suggest_formats(meeting)
    assert "try a dialogue" in hint
    assert found[0].fits
    assert found[0].format.kind == "dialogue_session"
    peer = next(one for one in found if one.format.code == "peer_input")
    assert "circles" in peer.why


def desk(meeting, name):
    return reverse(f"admin:meetings_meeting_{name}", args=[meeting.pk])


@pytest.fixture
def draft(community, priya):
    day = timezone.now().date() + timedelta(days=40)
    return make_meeting(community, state="draft", facilitator=priya, local_date=day, format=None)


@pytest.mark.parametrize("who", CAST)
@pytest.mark.parametrize("name", ["agenda", "roles"])
def test_the_pages_are_for_those_who_plan(request, draft, sign_in, who, name):
    answer = sign_in(request.getfixturevalue(who)).get(desk(draft, name))
    if who in {"priya", "admin"}:
        assert answer.status_code == 200
    else:
        assert answer.status_code in {302, 404}


def test_the_agenda_page_takes_a_format_changes_steps_and_fits(draft, priya, sign_in):
    client, url = sign_in(priya), desk(draft, "agenda")
    data = {"do": "assign", "format": house("learning_session").pk}
    page = client.post(url, data, follow=True).content.decode()
    assert "is the format now" in page
    assert "90 of 90 minutes" in page
    steps = list(draft.agenda.order_by("order"))
    form = {"do": "save", "step-TOTAL_FORMS": "3", "step-INITIAL_FORMS": "2"}
    for n, step in enumerate(steps[:2]):
        form |= {f"step-{n}-id": step.pk, f"step-{n}-order": 20 - 10 * n,
                 f"step-{n}-title": step.title, f"step-{n}-minutes": step.minutes,
                 f"step-{n}-room": "plenary", f"step-{n}-lead": "facilitator"}  # fmt: skip
    form["step-0-is_flexible"] = "on"
    page = client.post(url, form, follow=True).content.decode()
    assert "10 of 90 minutes" in page
    assert [s.pk for s in draft.agenda.order_by("order")] == [steps[1].pk, steps[0].pk]
    page = client.post(url, {"do": "fit"}, follow=True).content.decode()
    assert "90 of 90 minutes" in page


def test_a_row_without_minutes_is_told_and_nothing_is_lost(draft, priya, sign_in):
    form = {"do": "save", "step-TOTAL_FORMS": "1", "step-INITIAL_FORMS": "0",
            "step-0-title": "ʔa <b>half</b> typed", "step-0-minutes": ""}  # fmt: skip
    page = sign_in(priya).post(desk(draft, "agenda"), form).content.decode()
    assert "How many minutes?" in page
    assert "ʔa &lt;b&gt;half" in page
    assert not draft.agenda.exists()


@pytest.mark.parametrize("minutes", ["-5", "1e9", "601", "x"])
def test_minutes_that_cannot_be(draft, priya, sign_in, minutes):
    form = {"do": "save", "step-TOTAL_FORMS": "1", "step-INITIAL_FORMS": "0",
            "step-0-title": "Talk", "step-0-minutes": minutes}  # fmt: skip
    assert sign_in(priya).post(desk(draft, "agenda"), form).status_code == 200
    assert not draft.agenda.exists()


def test_asked_once_answered_by_link_and_the_facilitator_hears_of_a_no(client, draft, dani, priya):
    role = name_role(meeting=draft, part="issue_holder", person=dani, by=priya, now=NOW)
    for _turn in range(2):
        invite_role(role=role, by=priya, now=timezone.now())
    assert Delivery.objects.filter(kind="role_invitation", person=dani).count() == 1
    url = path(role_url(role))
    assert client.get(url).status_code == 200
    role.refresh_from_db()
    assert role.state == "invited"
    client.post(url, {"do": "yes"})
    client.post(url, {"do": "brief", "context": "A house", "question": "How?"})
    role.refresh_from_db()
    assert (role.state, role.question) == ("accepted", "How?")
    client.post(url, {"do": "no"})
    assert Delivery.objects.get(kind="role_withdrawn").person == priya
    # They may think again.
    assert "say yes here" in client.get(url).content.decode()
    assert client.get("/m/forged/part/").status_code == 404


def test_the_backup_steps_in_with_one_tap(community, draft, dani, priya, sign_in):
    bea = make_member(community, "Bea Castellano")
    first = name_role(meeting=draft, part="issue_holder", person=dani, by=priya, now=NOW)
    second = name_role(
        meeting=draft, part="issue_holder", person=bea, is_backup=True, by=priya, now=NOW
    )
    url = desk(draft, "roles")
    sign_in(priya).post(url, {"do": "backup", "role": second.public_id})
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.is_backup) == ("withdrawn", False)
    assert Delivery.objects.get(kind="backup_called").person == bea
    with pytest.raises(ActionError, match="stepped in already"):
        call_backup(role=second, by=priya, now=timezone.now())


def test_a_part_is_given_once_to_a_person_or_a_guest(draft, dani, priya):
    name_role(
        meeting=draft, part="speaker", person=None, name="  Dr. ʔa  Guest ", by=priya, now=NOW
    )
    assert MeetingRole.objects.get().who == "Dr. ʔa Guest"
    name_role(meeting=draft, part="speaker", person=dani, by=priya, now=NOW)
    with pytest.raises(ActionError, match="already"):
        name_role(meeting=draft, part="speaker", person=dani, by=priya, now=NOW)
    with pytest.raises(ActionError, match="not both"):
        name_role(meeting=draft, part="speaker", person=dani, name="X", by=priya, now=NOW)
    with pytest.raises(ActionError, match="Only an issue holder"):
        name_role(meeting=draft, part="timekeeper", person=dani, is_backup=True, by=priya, now=NOW)
    guest = MeetingRole.objects.get(person=None)
    with pytest.raises(ActionError, match="no mail from here"):
        invite_role(role=guest, by=priya, now=NOW)
    remove_role(role=guest, by=priya, now=NOW)
    assert MeetingRole.objects.count() == 1


def test_an_answer_after_the_start_is_too_late(meeting, dani, priya):
    role = name_role(meeting=meeting, part="speaker", person=dani, by=priya, now=NOW)
    with pytest.raises(ActionError, match="has begun"):
        answer_role(role=role, comes=False, now=START)


def test_the_prep_call_is_in_both_calendars_and_names_one_each(draft, dani, priya):
    name_role(meeting=draft, part="issue_holder", person=dani, by=priya, now=NOW)
    now, day = timezone.now(), draft.local_date - timedelta(days=7)
    plan = {"meeting": draft, "day": day, "join_url": "", "by": priya, "now": now}
    plan_prep_call(at=draft.local_time, **plan)
    plan_prep_call(at=draft.local_time, **plan)
    mails = list(Delivery.objects.filter(kind="prep_call"))
    assert {mail.person for mail in mails} == {dani, priya}
    assert len(mails) == 2
    plan_prep_call(at=draft.local_time.replace(hour=11), **plan)
    assert PrepCall.objects.get().sequence == 1
    cancel_prep_call(meeting=draft, by=priya, now=now)
    cancel_prep_call(meeting=draft, by=priya, now=now)
    assert Delivery.objects.filter(kind="prep_call_cancelled").count() == 2
    with pytest.raises(ActionError, match="before the meeting"):
        plan_prep_call(at=draft.local_time, **plan | {"day": draft.local_date + timedelta(days=1)})
