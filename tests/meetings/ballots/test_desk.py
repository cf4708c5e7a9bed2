"""Votes at the desk: made, opened, put in order, given their meetings."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from meetings.actions.ballots import confirm_ballot
from meetings.actions.counting import close_ballot, publish_ballot
from meetings.models import Ballot, Meeting
from outbox.actions import update_subscriptions
from tests.factories import make_meeting, make_member
from tests.meetings.ballots.voting import DAYS, make_draft, make_open, make_topics, options, vote

pytestmark = pytest.mark.django_db
ADD = "admin:meetings_ballot_add"


def change_url(ballot):
    return reverse("admin:meetings_ballot_change", args=[ballot.pk])


def step_url(ballot, name):
    return reverse("admin:meetings_ballot_step", args=[ballot.pk, name])


def typed(community, chosen, **fields):
    day = timezone.now().date() + DAYS
    return {
        "community": community.pk, "title": "January to March", "intro": "", "language": "en",
        "method": "dots", "dots": 3, "most_on_one": 2, "seats": 2,
        "opens_on": day, "opens_time": "09:00", "closes_on": day + 9 * DAYS,
        "closes_time": "18:00", "topics": [topic.pk for topic in chosen],
    } | fields  # fmt: skip


def test_made_on_the_clock_of_the_community(sign_in, priya, community):
    topics = make_topics(community)
    client = sign_in(priya)
    answer = client.post(reverse(ADD), typed(community, topics))
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    ballot = Ballot.objects.get()
    assert ballot.opens_at.astimezone(ZoneInfo(community.timezone)).hour == 9
    assert (ballot.state, ballot.options.count()) == ("draft", 3)

    page = client.get(change_url(ballot))
    assert b"ready to open" not in page.content, "nobody could vote"
    make_member(community)
    assert b"ready to open" in client.get(change_url(ballot)).content
    client.post(change_url(ballot), typed(community, topics[:2], title="Spring"))
    ballot.refresh_from_db()
    assert (ballot.title, ballot.options.count()) == ("Spring", 2)


@pytest.mark.parametrize(
    ("fields", "name"),
    [({"closes_time": "08:00", "closes_on": timezone.now().date() + 8 * DAYS}, "closes_on"),
     ({"most_on_one": 4}, "most_on_one"), ({"topics": [0]}, "topics")],
)  # fmt: skip
def test_what_is_wrong_stands_at_its_field(sign_in, priya, community, fields, name):
    answer = sign_in(priya).post(reverse(ADD), typed(community, [], **fields))
    assert name in answer.context["adminform"].form.errors
    assert not Ballot.objects.exists()


def test_carried_over_topics_are_ticked(sign_in, priya, community):
    make_topics(community, ["New"])
    again = make_topics(community, ["Again"], times_carried=1)[0]
    form = sign_in(priya).get(reverse(ADD)).context["adminform"].form
    assert form.initial["topics"] == [again.pk]
    assert "was in the last vote too" in str(form["topics"])


def test_opening_says_for_how_many_and_asks_once_more(sign_in, priya, dani, community):
    make_member(community)
    update_subscriptions(
        person=dani, scope=community.public_id, kinds={"ballots"}, source="t", now=timezone.now()
    )
    ballot = make_draft(community, priya)
    client = sign_in(priya)
    page = client.get(step_url(ballot, "open")).content.decode()
    assert "2 members can vote." in page
    assert "1 takes mails about votes" in page
    assert "%%" not in page
    for _again in range(2):
        assert client.post(step_url(ballot, "open")).status_code == 302
    ballot.refresh_from_db()
    assert (ballot.state, ballot.electorate) == ("open", 2)


def test_totals_are_hidden_at_the_desk_until_the_end(sign_in, priya, community):
    people = [make_member(community, f"P{n}") for n in range(12)]
    ballot = make_open(community, priya)
    for person in people:
        vote(ballot, person, 2, 1)
    client = sign_in(priya)
    pages = [change_url(ballot), reverse("admin:meetings_ballot_changelist"),
             reverse("admin:meetings_ballot_history", args=[ballot.pk]),
             ballot.get_absolute_url()]  # fmt: skip
    for url in pages:
        page = client.get(url)
        assert page.status_code == 200
        text = page.content.decode()
        assert "24 dot" not in text
        assert "12 voter" not in text
    context = client.get(change_url(ballot)).context
    assert context["result"] is None
    assert {one.dots for one in context["options"]} == {None}
    answer = client.post(change_url(ballot), {f"place-{options(ballot)[0]}": "1"})
    assert answer.status_code == 200
    assert Ballot.objects.get().state == "open"


def test_result_is_put_in_order_with_reasons(sign_in, priya, dani, community):
    ballot = make_open(community, priya)
    vote(ballot, dani, 2, 1)
    close_ballot(ballot=ballot, now=ballot.closes_at)
    client = sign_in(priya)
    page = client.get(change_url(ballot)).content.decode()
    assert "2 dots" not in page, "fewer than ten could vote (TP8)"
    first, second, third = options(ballot)
    swapped = {f"place-{second}": "1", f"place-{first}": "2", f"place-{third}": ""}
    refused = client.post(change_url(ballot), swapped | {f"reason-{third}": "kept words"})
    assert "Write why" in refused.content.decode()
    assert "kept words" in refused.content.decode()
    double = client.post(change_url(ballot), {f"place-{second}": "1", f"place-{first}": "1"})
    assert "same number" in double.content.decode()
    client.post(change_url(ballot), swapped | {f"reason-{second}": "Speaker in January"})
    ballot.refresh_from_db()
    assert ballot.state == "published"
    assert "Speaker in January" in client.get(change_url(ballot)).content.decode()


def test_more_time_and_called_off(sign_in, priya, dani, community):
    ballot = make_open(community, priya)
    client = sign_in(priya)
    end = ballot.closes_at.astimezone(ZoneInfo(community.timezone))
    same = {"closes_on": end.date(), "closes_time": end.time().isoformat()}
    assert b"later than" in client.post(step_url(ballot, "extend"), same).content
    later = same | {"closes_on": end.date() + 3 * DAYS}
    assert client.post(step_url(ballot, "extend"), later).status_code == 302
    assert Ballot.objects.get().closes_at > ballot.closes_at + 2 * DAYS
    assert client.post(step_url(ballot, "cancel"), {"reason": ""}).status_code == 200
    client.post(step_url(ballot, "cancel"), {"reason": "Two topics became one."})
    assert Ballot.objects.get().state == "cancelled"
    assert client.get(step_url(ballot, "extend")).status_code == 302
    assert client.get(step_url(ballot, "nonsense")).status_code == 404


def planned(community, number, kind="learning_session"):
    day = timezone.now().date().replace(day=10, month=2, year=2027) + timedelta(weeks=number)
    return make_meeting(community, state="draft", local_date=day, kind=kind, title=f"Slot {number}")


def test_chosen_topics_get_the_next_slots(sign_in, priya, dani, community):
    ballot = make_open(community, priya)
    vote(ballot, dani, 2, 1)
    close_ballot(ballot=ballot, now=ballot.closes_at)
    order = options(ballot)[:2]
    publish_ballot(ballot=ballot, order=order, reasons={}, by=priya, now=ballot.closes_at)
    client = sign_in(priya)
    url = reverse("admin:meetings_ballot_slots", args=[ballot.pk])
    assert b"no draft without a topic" in client.get(url).content
    slots = [
        planned(community, 0, "dialogue_session"),
        planned(community, 1),
        planned(community, 2),
    ]

    page = client.get(url)
    assert [chosen for _option, chosen in page.context["lines"]] == [slots[1].pk, slots[2].pk]
    wanted = {f"slot-{order[0]}": slots[1].pk, f"slot-{order[1]}": slots[1].pk}
    assert b"chosen twice" in client.post(url, wanted).content
    wanted = {f"slot-{order[0]}": slots[1].pk, f"slot-{order[1]}": ""}
    for _again in range(2):
        client.post(url, wanted)
    slots[1].refresh_from_db()
    assert slots[1].topic.title == "Nights alone"
    assert slots[1].topic.state == "scheduled"
    assert Meeting.objects.exclude(topic=None).count() == 1
    taken = client.post(url, {f"slot-{order[1]}": slots[1].pk})
    assert b"not free any more" in taken.content


def test_only_coordinators_of_this_community(sign_in, outsider, dani, priya, community):
    ballot = make_draft(community, priya)
    for person in (outsider, dani):
        client = sign_in(person)
        for url in (change_url(ballot), step_url(ballot, "open"),
                    reverse("admin:meetings_ballot_slots", args=[ballot.pk])):  # fmt: skip
            assert client.post(url).status_code in {302, 404}
    confirm = Ballot.objects.get()
    assert confirm.confirmed_at is None


def test_desk_asks_the_same_number_of_queries(
    sign_in, priya, dani, community, django_assert_max_num_queries
):
    ballot = make_open(community, priya, make_topics(community, [f"T{n}" for n in range(60)]))
    confirm_ballot(ballot=ballot, by=priya, now=timezone.now())
    client = sign_in(priya)
    client.get(change_url(ballot))
    with django_assert_max_num_queries(14):
        client.get(change_url(ballot))
