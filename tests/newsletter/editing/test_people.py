"""Nobody is named without their yes to the very words (CO1, CO2)."""

import pytest
from django.urls import reverse

from cop.core.errors import ActionError
from cop.core.links import make_token
from members.models import ReviewTask
from newsletter.actions import answer_naming, approve_issue, ask_person, note_answer
from newsletter.actions.people import take_off_page
from newsletter.checking import stops
from newsletter.queries import EDITIONS, blocks_for
from outbox.models import Delivery
from tests.factories import NOW
from tests.newsletter.makers import make_issue, make_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def issue(community, dani):
    issue = make_issue(community, state="draft")
    for number in range(2):
        make_item(issue, f"Item {number}")
    make_item(issue, "Two years of Thursdays", text="She makes tea.", kind="spotlight", person=dani)
    return issue


def titles(issue, **options):
    return [block.title for block in blocks_for(issue, EDITIONS, **options)]


def link(row):
    return reverse("named_link", args=[make_token("named", row.public_id)])


def test_a_spotlight_is_out_of_everything_until_the_yes(issue, priya, dani, client):
    assert "Two years of Thursdays" not in titles(issue)
    assert "Two years of Thursdays" in titles(issue, with_unasked=True)
    assert [one.code for one in stops(issue, now=NOW)] == ["name"]

    row = ask_person(issue=issue, person=dani, by=priya, now=NOW)
    ask_person(issue=issue, person=dani, by=priya, now=NOW)
    asked = Delivery.objects.get(kind="newsletter_may_we")
    assert "She makes tea." in asked.text
    assert "Two years of Thursdays" not in titles(issue)

    page = client.get(link(row))
    assert "She makes tea." in page.content.decode()
    client.post(link(row), {"do": "yes"})
    assert "Two years of Thursdays" in titles(issue)
    assert stops(issue, now=NOW) == []
    approve_issue(issue=issue, by=priya, now=NOW)


def test_opening_the_link_says_nothing(issue, priya, dani, client):
    row = ask_person(issue=issue, person=dani, by=priya, now=NOW)
    client.get(link(row))
    client.head(link(row))
    row.refresh_from_db()
    assert row.answer == "asked"


def test_a_yes_belongs_to_its_words(issue, priya, dani):
    row = ask_person(issue=issue, person=dani, by=priya, now=NOW)
    answer_naming(row=row, given=True, now=NOW)
    issue.items.filter(kind="spotlight").update(text="She told us everything.")
    assert "other words" in stops(issue, now=NOW)[0].text
    # Not even somebody who is fast says yes to words they have not read.
    ask_person(issue=issue, person=dani, by=priya, now=NOW)
    issue.items.filter(kind="spotlight").update(text="And more.")
    with pytest.raises(ActionError, match="changed"):
        answer_naming(row=row, given=True, now=NOW)


def test_a_no_is_final_for_editors_and_open_to_the_person(issue, priya, dani):
    row = ask_person(issue=issue, person=dani, by=priya, now=NOW)
    answer_naming(row=row, given=False, now=NOW)
    with pytest.raises(ActionError, match="said no"):
        ask_person(issue=issue, person=dani, by=priya, now=NOW)
    with pytest.raises(ActionError, match="their own link"):
        note_answer(issue=issue, person=dani, by=priya, given=True, how="by phone", now=NOW)
    assert "does not want" in stops(issue, now=NOW)[0].text
    answer_naming(row=row, given=True, now=NOW)
    assert stops(issue, now=NOW) == []


def test_what_they_told_an_editor_says_how(issue, priya, dani, outsider):
    with pytest.raises(ActionError, match="how"):
        note_answer(issue=issue, person=dani, by=priya, given=True, how=" ", now=NOW)
    with pytest.raises(ActionError):
        note_answer(issue=issue, person=dani, by=outsider, given=True, how="x", now=NOW)
    note_answer(issue=issue, person=dani, by=priya, given=True, how="By phone, read out", now=NOW)
    assert stops(issue, now=NOW) == []


def test_a_yes_taken_back_after_it_left_clears_the_page_and_makes_a_task(
    issue, priya, dani, client
):
    row = ask_person(issue=issue, person=dani, by=priya, now=NOW)
    answer_naming(row=row, given=True, now=NOW)
    issue.state, issue.sent_at = "sent", NOW
    issue.save()
    page = issue.get_absolute_url()
    assert "Two years of Thursdays" in client.get(page).content.decode()

    client.post(link(row), {"do": "no"})

    assert "Two years of Thursdays" not in client.get(page).content.decode()
    task = ReviewTask.objects.get(kind="name_taken_back")
    assert str(dani) not in task.note
    told = Delivery.objects.filter(kind="newsletter_name_out")
    assert [mail.person for mail in told] == [priya]
    assert str(dani) not in told[0].text


def test_take_off_page_only_ever_shows_less(issue, priya, dani):
    item = issue.items.first()
    with pytest.raises(ActionError, match="not left"):
        take_off_page(issue=issue, item=item.pk, by=priya)
    issue.state, issue.sent_at = "closed", NOW
    issue.save()
    take_off_page(issue=issue, item=item.pk, by=priya)
    assert "Item 0" not in titles(issue)
    with pytest.raises(ActionError):
        take_off_page(issue=issue, item=item.pk, by=dani)


def test_people_page_asks_and_notes(issue, priya, dani, sign_in):
    client = sign_in(priya)
    url = reverse("admin:newsletter_issue_people", args=[issue.pk])
    assert "Not asked yet" in client.get(url).content.decode()
    client.post(url, {"do": "ask", "person": dani.pk})
    assert "Asked, no answer yet" in client.get(url).content.decode()
    client.post(url, {"do": "yes", "person": dani.pk, "how": "By phone"})
    body = client.get(url).content.decode()
    assert "Said yes" in body
    assert "By phone" in body


@pytest.mark.parametrize("token", ["forged", "x" * 300])
def test_a_forged_link_is_not_found(client, token):
    assert client.get(reverse("named_link", args=[token])).status_code == 404


def test_a_spotlight_is_about_somebody_who_belongs(issue, priya, stranger, sign_in):
    url = reverse("admin:newsletter_newsletterissue_change", args=[issue.pk])
    item = issue.items.get(kind="spotlight")
    data = {
        "subject": "S", "intro": "", "version": 1,
        "items-TOTAL_FORMS": 1, "items-INITIAL_FORMS": 1, "items-0-pk": item.pk,
        "items-0-title": item.title, "items-0-edition": "public", "items-0-position": 10,
        "items-0-is_included": "on", "items-0-about": str(stranger), "items-0-person": "",
    }  # fmt: skip
    body = sign_in(priya).post(url, data).content.decode()
    assert "Nobody who belongs to the community is called so." in body
