"""The desk of a meeting's life: list, form, readiness, steps."""

from datetime import date, time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from cop.core.models import AuditEvent
from meetings.actions import update_meeting
from meetings.actions.changes import ChangedMeanwhile
from meetings.admin.readiness import readiness_panel
from meetings.models import Meeting
from members.models import User
from outbox.models import Delivery
from tests.factories import make_format, make_meeting, make_member
from tests.meetings.test_admin import LIST, soon, typed, url


@pytest.fixture
def announced(community: Any, priya: User) -> Meeting:
    return make_meeting(community, facilitator=priya, local_date=soon(), title="Night staff")


@pytest.fixture
def desk(priya: User, sign_in: Any) -> Any:
    return sign_in(priya)


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().replace("&#x27;", "'").split())


def errors(response: Any) -> dict[str, list[str]]:
    return response.context["adminform"].form.errors


# The form


def test_whoever_comes_second_sees_both_versions_and_loses_nothing(
    announced: Meeting, priya: User, desk: Any
) -> None:
    opened = desk.get(url(announced)).context["adminform"].form
    seen = opened.initial["seen"]
    update_meeting(
        meeting=announced, changes={"title": "Theirs", "place": "Hall"}, by=priya,
        now=timezone.now(),
    )  # fmt: skip
    mine = typed(announced, title="Mine", seen=seen)
    page = desk.post(url(announced), mine)

    assert page.status_code == 200
    assert "Somebody else changed this meeting while you had it open" in text_of(page)
    assert errors(page)["title"] == ["There now: Theirs"]
    assert errors(page)["place"] == ["There now: Hall"]
    assert 'value="Mine"' in page.content.decode()
    assert Meeting.objects.get().title == "Theirs"
    # Having seen both, the second save is a decision.
    again = page.context["adminform"].form["seen"].value()
    assert desk.post(url(announced), mine | {"seen": again, "place": "Hall"}).status_code == 302
    assert (Meeting.objects.get().title, Meeting.objects.get().place) == ("Mine", "Hall")


def test_the_same_change_by_two_is_no_quarrel(
    announced: Meeting, priya: User, desk: Any
) -> None:  # fmt: skip
    seen = announced.updated_at.isoformat()
    update_meeting(meeting=announced, changes={"title": "Same"}, by=priya, now=timezone.now())

    assert desk.post(url(announced), typed(announced, title="Same", seen=seen)).status_code == 302


def test_what_the_action_refuses_stands_on_the_form_with_all_that_was_typed(
    announced: Meeting, desk: Any, monkeypatch: Any
) -> None:
    def refuse(**_given: Any) -> None:
        raise ChangedMeanwhile("Somebody else changed this meeting a moment ago.")

    monkeypatch.setattr("meetings.admin.meetings.update_meeting", refuse)
    page = desk.post(url(announced), typed(announced, title="Mine"))

    assert page.status_code == 200
    assert "Somebody else changed this meeting" in text_of(page)
    assert 'value="Mine"' in page.content.decode()
    assert Meeting.objects.get().title == "Night staff"


def test_a_dialogue_is_not_recorded_in_full(announced: Meeting, desk: Any) -> None:
    full = {"kind": "dialogue_session", "recording_policy": "full"}
    page = desk.post(url(announced), typed(announced, **full))
    assert "so it cannot be recorded" in errors(page)["recording_policy"][0]

    # The format decides too, whatever kind is typed.
    dialogue = make_format(announced.community, code="peer", kind="dialogue_session")
    Meeting.objects.update(format=dialogue)
    page = desk.post(url(announced), typed(announced, recording_policy="full"))
    assert "so it cannot be recorded" in errors(page)["recording_policy"][0]
    only = typed(announced, recording_policy="presentation_only")
    assert desk.post(url(announced), only).status_code == 302


def test_a_wall_time_that_does_not_exist_is_refused_with_one_that_does(
    announced: Meeting, desk: Any
) -> None:
    jump = {"timezone": "America/Toronto", "local_date": "2027-03-14", "local_time": "02:30"}
    page = desk.post(url(announced), typed(announced, **jump))

    assert errors(page)["local_time"] == [
        "The clocks go forward that day and jump over 2:30 a.m.: it does not exist. Choose "
        "3:30 a.m., for example, or a time before the jump."
    ]


def test_a_wall_time_that_comes_twice_is_the_first_and_says_so(
    announced: Meeting, desk: Any
) -> None:
    twice = {"timezone": "America/Toronto", "local_date": "2027-11-07", "local_time": "01:30"}
    page = desk.post(url(announced), typed(announced, **twice), follow=True)
    desk.get(url(announced))

    assert page.status_code == 200
    assert Meeting.objects.get().starts_at.hour == 5
    assert "comes twice that night. The first one is meant." in text_of(desk.get(url(announced)))


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"duration": "-5"}, "duration", "It must end after it starts"),
        ({"duration": "721"}, "duration", "12 hours at most"),
        ({"access_by": "2040-01-01"}, "access_by", "after the meeting"),
        ({"circles": "0"}, "circles", "greater than or equal to 1"),
    ],
)
def test_bad_input_is_told_at_its_field(
    announced: Meeting, desk: Any, changes: dict[str, str], field: str, words: str
) -> None:
    page = desk.post(url(announced), typed(announced, **changes))

    assert words in errors(page)[field][0]


def test_fewer_seats_than_taken_say_what_will_happen(
    community: Any, announced: Meeting, desk: Any, say: Any
) -> None:
    for n in range(3):
        say(make_member(community, f"P{n}"), meeting=announced, now=timezone.now())
    page = desk.post(url(announced), typed(announced, capacity="2"), follow=True)

    assert "3 seats are taken, and nobody loses theirs. They become 2" in text_of(page)
    announced.refresh_from_db()
    assert (announced.capacity, announced.target_capacity) == (3, 2)
    # What is wanted stands in the field, so saving once more changes nothing.
    form = desk.get(url(announced)).context["adminform"].form
    assert form.initial["capacity"] == 2
    desk.post(url(announced), typed(announced, capacity="2"))
    assert AuditEvent.objects.filter(action="meeting_capacity_changed").count() == 1
    assert "3 / 2" in text_of(desk.get(LIST))


def test_the_message_says_when_the_mail_leaves_and_when_none_does(
    announced: Meeting, dani: User, desk: Any, say: Any
) -> None:
    say(dani, meeting=announced, now=timezone.now())
    page = desk.post(url(announced), typed(announced, local_time="11:00"), follow=True)
    assert "gets one mail about it. What you change until" in text_of(page)

    page = desk.post(url(announced), typed(announced, local_time="10:00"), follow=True)
    assert "nobody gets a mail" in text_of(page)
    assert not Delivery.objects.filter(kind="changed", state="queued").exists()


def test_the_history_tells_each_step_in_words(announced: Meeting, desk: Any) -> None:
    desk.post(url(announced), typed(announced, local_time="12:00"))
    desk.post(url(announced, "cancel"), {"reason": "Snow"})
    desk.post(url(announced, "restore"))
    history = text_of(desk.get(url(announced, "history")))

    for words in ("Moved to another time", "Cancelled", "Takes place after all"):
        assert words in history


# The list


def test_the_list_costs_the_same_for_one_and_for_fifty(community: Any, priya: User, desk: Any,
                                                       dani: User) -> None:  # fmt: skip
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            desk.get(LIST)
        return len(queries)

    def add(n: int) -> None:
        made = make_meeting(
            community, state="draft", local_date=soon(n), format=make_format(
                community, code=f"f{n % 3}", roles=["facilitator", "speaker"])
        )  # fmt: skip
        made.roles.create(part="speaker", person=dani)

    add(1)
    desk.get(LIST)
    first = cost()
    for n in range(2, 51):
        add(n)

    assert cost() == first


def test_what_is_missing_is_a_column_and_a_filter(community: Any, priya: User, desk: Any) -> None:
    good = make_meeting(community, title="All there", facilitator=priya, local_date=soon())
    needs = make_format(community, code="peer", roles=["facilitator", "speaker"])
    lacks = {
        "format": make_meeting(community, title="No format", format=None, local_date=soon()),
        "agenda": make_meeting(community, title="Short agenda", local_date=soon()),
        "role": make_meeting(community, title="No speaker", format=needs, local_date=soon()),
        "door": make_meeting(community, title="No link", join_url="", local_date=soon()),
        "place": make_meeting(community, title="No place", mode="in_person", local_date=soon()),
        "afterwards": make_meeting(community, title="To wrap", state="held", local_date=soon(-3)),
    }
    lacks["agenda"].agenda.update(minutes=30)
    Meeting.objects.update(facilitator=priya)
    lacks["facilitator"] = make_meeting(community, title="Nobody leads", local_date=soon())
    for name, meeting in lacks.items():
        found = {row.pk for row in desk.get(f"{LIST}?missing={name}").context["cl"].result_list}
        assert meeting.pk in found, name
        assert good.pk not in found, name
    text = text_of(desk.get(LIST))

    for thing in ("a format", "an agenda that fills its 90 minutes", "a facilitator", "Speaker",
                  "a join link", "a place", "the attendance"):  # fmt: skip
        assert thing in text
    assert len(desk.get(f"{LIST}?missing=nonsense").context["cl"].result_list) == 8


# Deleting


def test_a_draft_is_deleted_after_a_question(community: Any, desk: Any) -> None:
    draft = make_meeting(community, state="draft", local_date=soon())
    page = url(draft, "drop")

    assert "Delete this draft?" in text_of(desk.get(page))
    assert Meeting.objects.exists()
    assert desk.post(page)["Location"] == LIST
    assert not Meeting.objects.exists()
    trace = AuditEvent.objects.get(action="meeting_draft_deleted")
    assert (trace.object_id, trace.scope) == (draft.public_id, community.public_id)


@pytest.mark.parametrize("state", ["scheduled", "held", "wrapped", "cancelled"])
def test_what_people_know_of_is_never_deleted(community: Any, desk: Any, state: str) -> None:
    meeting = make_meeting(community, state=state, cancel_reason="Snow", local_date=soon())
    page = desk.post(url(meeting, "drop"))

    assert "Cancel it instead" in text_of(page)
    # Nor by the way that Django would offer.
    assert desk.post(url(meeting, "delete"), {"post": "yes"}).status_code == 403
    assert Meeting.objects.exists()
    assert "deletelink" not in desk.get(url(meeting)).content.decode()


# The steps


def test_cancelling_with_a_make_up_day_leaves_a_draft_beside_it(
    announced: Meeting, dani: User, desk: Any, say: Any
) -> None:
    say(dani, meeting=announced, now=timezone.now())
    given = {"reason": "Snow", "make_up_date": soon(40), "make_up_time": "13:00"}
    desk.post(url(announced, "cancel"), given)

    draft = Meeting.objects.get(make_up_for=announced)
    assert (draft.local_time, draft.state) == (time(13), "draft")
    assert "A new day is planned" in Delivery.objects.get(kind="cancelled").text
    page = desk.get(url(announced)).content.decode()
    assert url(draft) in page
    assert url(announced, "restore") in page
    asked = text_of(desk.get(url(announced, "restore")))
    assert "A meeting in its place is planned already" in asked
    assert url(announced) in desk.get(url(draft)).content.decode()


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"make_up_date": date(2020, 1, 1)}, "make_up_date", "gone by"),
        ({"make_up_time": "13:00"}, "make_up_date", "Say on which day"),
        ({"make_up_date": "soon"}, "make_up_date", "valid date"),
    ],
)
def test_a_wrong_make_up_day_is_told_and_the_reason_is_kept(
    announced: Meeting, desk: Any, given: dict[str, Any], field: str, words: str
) -> None:
    page = desk.post(url(announced, "cancel"), {"reason": "Heavy snow"} | given)

    assert words in page.context["form"].errors[field][0]
    assert "Heavy snow</textarea>" in page.content.decode()
    assert Meeting.objects.get().state == "scheduled"


def test_the_wrap_page_lists_what_is_missing_and_then_closes(
    community: Any, desk: Any, priya: User
) -> None:
    meeting = make_meeting(
        community, state="held", recording_policy="presentation_only", local_date=soon(-2)
    )
    page = desk.get(url(meeting, "wrap"))
    assert "Save who was there" in text_of(page)
    page = desk.post(url(meeting, "wrap"), {"no_notes": "on", "recording": "none"})
    assert "Before wrapping up it needs: the attendance" in text_of(page)
    Meeting.objects.update(attendance_saved_at=timezone.now())
    desk.post(url(meeting, "wrap"), {"no_notes": "on", "recording": "none"})

    assert Meeting.objects.get().state == "wrapped"


def test_a_leaked_link_is_replaced_at_the_desk(
    announced: Meeting, dani: User, desk: Any, say: Any
) -> None:
    say(dani, meeting=announced, now=timezone.now())
    assert "1 person is coming and gets it." in text_of(desk.get(url(announced, "door")))
    same = desk.post(url(announced, "door"), {"join_url": announced.join_url})
    assert "the link that got out" in same.context["form"].errors["join_url"][0]
    desk.post(url(announced, "door"), {"join_url": "https://video.example/new"})

    announced.refresh_from_db()
    assert (announced.join_url, announced.door_version) == ("https://video.example/new", 1)
    assert Delivery.objects.filter(kind="link_replaced").count() == 1


def test_a_step_that_is_not_open_is_refused_in_words(announced: Meeting, desk: Any) -> None:
    page = desk.post(url(announced, "restore"), follow=True)

    assert "This meeting is not cancelled" in text_of(page)


def test_buttons_follow_the_state(community: Any, desk: Any) -> None:
    found = {}
    for state, day in (("draft", 30), ("scheduled", 30), ("scheduled", -1), ("held", -1),
                       ("wrapped", -1), ("cancelled", 30), ("cancelled", -1)):  # fmt: skip
        meeting = make_meeting(community, state=state, local_date=soon(day), cancel_reason="Snow")
        page = desk.get(url(meeting))
        found[state, day] = [step.name for step in page.context["steps"]]

    assert found == {
        ("draft", 30): ["publish", "cancel", "drop"],
        ("scheduled", 30): ["door", "cancel"],
        ("scheduled", -1): ["held"],
        ("held", -1): ["wrap"],
        ("wrapped", -1): [],
        ("cancelled", 30): ["restore"],
        ("cancelled", -1): [],
    }


def test_the_list_beside_the_form_leads_to_where_things_are_mended(
    community: Any, desk: Any
) -> None:
    draft = make_meeting(community, state="draft", local_date=soon(), format=None, join_url="")
    page = text_of(desk.get(url(draft)))

    assert "It cannot be announced yet." in page
    for anchor in ('href="#id_facilitator"', 'href="#id_join_url"'):
        assert anchor in page
    assert 'id="id_join_url"' in page
    # On the page that announces they lead back to the form, and nothing is offered in vain.
    asked = desk.get(url(draft, "publish")).content.decode()
    assert f'href="{url(draft)}#id_join_url"' in asked
    assert 'type="submit">Announce' not in asked


def test_it_speaks_french_without_stumbling(announced: Meeting, priya: User) -> None:
    now = timezone.now()
    with translation.override("fr"):
        for state in ("draft", "scheduled", "held"):
            announced.state = state
            panel = readiness_panel(announced, now)
            assert panel["title"]
            assert all(str(line.check.words) for line in panel["todo"] + panel["done"])


def test_no_inline_style_or_script(announced: Meeting, desk: Any) -> None:
    for step in ("publish", "cancel", "held", "wrap", "door", "restore"):
        page = desk.get(url(announced, step)).content.decode()
        assert " style=" not in page
        assert "<script>" not in page


def test_strangers_reach_no_step(announced: Meeting, outsider: User, dani: User, sign_in: Any
                                 ) -> None:  # fmt: skip
    for person in (outsider, dani):
        client = sign_in(person)
        for step in ("wrap", "door", "restore", "drop"):
            assert client.post(url(announced, step), {"post": "yes"}).status_code in {302, 403, 404}
    assert Meeting.objects.get().state == "scheduled"
