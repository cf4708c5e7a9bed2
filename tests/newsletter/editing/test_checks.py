"""What is looked at before an issue may leave (journey 3.3, steps 3 to 5)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cop.core.errors import ActionError
from cop.core.fetching import NotFetched, Reply
from newsletter.actions import approve_issue, check_links, send_test, want_link_checks
from newsletter.checking import find_problems, stops
from newsletter.models import LinkCheck
from newsletter.rules import MAX_ITEMS
from newsletter.wall_times import times_without_zone
from outbox.models import Delivery
from tests.factories import NOW, make_meeting, make_member, make_staff
from tests.newsletter.makers import SECRET, make_issue, make_item, make_resource

pytestmark = pytest.mark.django_db


@pytest.fixture
def issue(community):
    """Nothing is wrong with it."""
    issue = make_issue(community, state="draft", subject_fr="Des règles plus douces")
    for number in range(3):
        make_item(issue, f"Item {number}", text="Words.", title_fr=f"Point {number}")
    return issue


def codes(issue):
    return [(one.level, one.code) for one in find_problems(issue, now=NOW)]


def test_nothing_is_wrong_with_a_good_issue(issue):
    assert codes(issue) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"subject": "", "subject_fr": " "}, ("stop", "subject")),
        ({"intro": "word " * 901}, ("look", "long")),
        ({"intro": "We meet at 10:00 on Thursday."}, ("look", "time")),
        ({"intro_fr": "Rendez-vous à 15 h 30."}, ("look", "time")),
        ({"intro": "[Here](/no/such/page/at/all/of/ours)"}, ("look", "dead_link")),
        ({"intro": "http://localhost:8000/m/abc/rsvp/"}, ("stop", "secret_link")),
        ({"intro": "https://elsewhere.example/page"}, ("look", "links_waiting")),
    ],
)
def test_a_finding_in_the_words(issue, change, found):
    for name, value in change.items():
        setattr(issue, name, value)
    issue.save()
    assert found in codes(issue)


def test_a_join_link_is_found_wherever_it_hides(issue, community):
    make_meeting(community)
    for number, name in enumerate(("title", "text", "text_fr", "path")):
        item = make_item(issue, **{"title": f"Link {number}", "title_fr": "L", name: SECRET})
        found = [one for one in stops(issue, now=NOW) if one.code == "secret_link"]
        assert [one.item for one in found] == [item.pk]
        item.delete()


def test_few_items_ask_skip_or_merge(issue):
    issue.items.first().delete()
    assert codes(issue) == [("look", "few")]


def test_a_picture_without_words_stops(issue):
    picture = issue.pictures.create(
        content_type="image/jpeg", content=b"x", width=1, height=1, added_at=NOW
    )
    issue.items.filter(title="Item 1").update(picture=picture)
    assert codes(issue) == [("stop", "alt")]
    issue.pictures.update(alt="A door, half open")
    assert codes(issue) == []


def test_what_was_withdrawn_since_is_told(issue, community):
    resource = make_resource(community, state="withdrawn")
    make_item(issue, "Gone", title_fr="Parti", source=f"resource:{resource.public_id}")
    assert codes(issue) == [("look", "gone")]


def test_a_missing_language_is_told(issue, community):
    community.languages = ["en", "fr"]
    community.save()
    issue.items.filter(title="Item 1").update(title_fr="")
    assert codes(issue) == [("look", "language")]


def test_too_long_for_a_mail_stops(issue):
    for number in range(20):
        make_item(issue, f"Long {number}", title_fr="Long", text="a" * 6000)
    assert ("stop", "size") in codes(issue)


def test_five_hundred_items_are_told_and_the_editor_still_opens(issue, priya, sign_in):
    for number in range(500):
        make_item(issue, f"One of many {number}", title_fr="Un")
    assert ("stop", "many") in codes(issue)
    url = reverse("admin:newsletter_newsletterissue_change", args=[issue.pk])
    body = sign_in(priya).get(url).content.decode()
    assert f"Only the first {MAX_ITEMS} items are shown" in body


@pytest.mark.parametrize("item", ["title", "text", "title_fr", "text_fr"])
def test_a_full_name_without_a_yes_stops_in_each_language(issue, community, item):
    person = make_member(community, "Zoë Achebe-Roy")
    values = {"title_fr": "Merci", item: "Thanks to ZOE ACHEBE-ROY for the tea."}
    make_item(issue, **({"title": "Thanks"} | values))
    found = stops(issue, now=NOW)
    assert [one.code for one in found] == ["name"]
    assert str(person) in found[0].text


def test_a_first_name_or_a_stranger_is_no_finding(issue, community):
    make_member(community, "Rose")
    make_item(issue, "Rose and Hope Garden", title_fr="Rose", text="Dr. Ann Elsewhere spoke.")
    assert codes(issue) == []


def test_links_are_asked_and_the_dead_are_named(issue):
    issue.intro = "https://fine.example/a, https://dead.example/b and https://never.example/c."
    issue.save()
    assert want_link_checks(issue=issue, now=NOW) == 3

    def asker(url):
        if "never" in url:
            raise NotFetched("no such name")
        return Reply(404 if "dead" in url else 200, url)

    assert check_links(now=NOW, asker=asker) == 3
    found = find_problems(issue, now=NOW)
    assert sorted(one.code for one in found) == ["dead_link", "dead_link"]
    assert "HTTP 404" in " ".join(one.text for one in found)
    # Asked once a day; what is no longer in the text is forgotten.
    assert want_link_checks(issue=issue, now=NOW) == 0
    assert want_link_checks(issue=issue, now=NOW + timedelta(hours=25)) == 3
    issue.intro = ""
    issue.save()
    assert want_link_checks(issue=issue, now=NOW) == 0
    assert not LinkCheck.objects.exists()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("We meet at 10:00.", ["10:00"]),
        ("We meet at 10:00 Pacific time.", []),
        ("10:00 to 11:30 PT, bring a mug.", []),
        ("Doors at 3 pm. Zoom opens at 2:45 p.m. Pacific Time.", ["3 pm"]),
        ("À 15 h 30, heure du Pacifique", []),
        ("À 15 h 30", ["15 h 30"]),
        ("Noon UTC is early here.", []),
        ("Chapter 10 of 12, page 3, 4:1 odds", []),
        ("Central Island Health opens at 9:00.", ["9:00"]),
    ],
)
def test_times_without_a_zone(text, found):
    assert times_without_zone(text) == found


def test_approval_is_refused_while_something_stops(issue, priya):
    issue.intro = f"Join: {SECRET} or http://localhost:8000/m/x/rsvp/"
    issue.save()
    with pytest.raises(ActionError, match="Not yet"):
        approve_issue(issue=issue, by=priya, now=NOW)
    issue.intro = ""
    issue.save()
    approve_issue(issue=issue, by=priya, now=NOW)
    issue.refresh_from_db()
    assert (issue.state, issue.approved_at) == ("approved", NOW)


def test_checks_page_approves_what_was_seen_and_nothing_newer(issue, priya, sign_in):
    client = sign_in(priya)
    url = reverse("admin:newsletter_issue_checks", args=[issue.pk])
    assert "Nothing is wrong with it" in client.get(url).content.decode()
    client.post(url, {"do": "approve", "version": issue.version + 1})
    issue.refresh_from_db()
    assert issue.state == "draft"
    client.post(url, {"do": "approve", "version": issue.version})
    issue.refresh_from_db()
    assert issue.state == "approved"


@pytest.mark.parametrize(("do", "goes_along"), [("hold", True), ("skip", False)])
def test_checks_page_holds_or_skips(issue, priya, sign_in, do, goes_along):
    sign_in(priya).post(reverse("admin:newsletter_issue_checks", args=[issue.pk]), {"do": do})
    issue.refresh_from_db()
    assert (issue.state, issue.carries_over) == ("held", goes_along)


def test_a_test_goes_to_chosen_addresses_in_the_public_edition(issue, priya):
    make_item(issue, "For members only", title_fr="Membres", edition="members")
    count = send_test(
        issue=issue, by=priya, now=NOW, addresses=["Board@one.example", "board@one.example", ""]
    )
    assert count == 2
    mails = Delivery.objects.filter(kind="newsletter_test")
    assert mails.count() == 4
    assert {mail.address for mail in mails} == {"", "board@one.example"}
    for mail in mails.filter(person=None):
        assert "For members only" not in mail.text + mail.html


@pytest.mark.parametrize(
    "addresses", [["no address"], [f"a{n}@one.example" for n in range(6)], ["x@y@z.example"]]
)
def test_a_test_to_bad_or_many_addresses_is_refused(issue, priya, addresses):
    with pytest.raises(ActionError):
        send_test(issue=issue, by=priya, now=NOW, addresses=addresses)
    assert not Delivery.objects.exists()


def test_tests_are_no_way_round_consent(issue, priya):
    for number in range(6):
        send_test(
            issue=issue, by=priya, now=NOW + timedelta(minutes=number),
            addresses=[f"a{number}{n}@one.example" for n in range(2)],
        )  # fmt: skip
    with pytest.raises(ActionError, match="enough"):
        send_test(issue=issue, by=priya, now=NOW + timedelta(hours=1),
                  addresses=[f"b{n}@one.example" for n in range(5)])  # fmt: skip


def test_approval_by_the_last_editor_is_refused_on_the_page(issue, priya, sign_in):
    make_staff(issue.community, "editor", "Tomasz Iverson")
    issue.edited_by = priya
    issue.save()
    body = sign_in(priya).get(reverse("admin:newsletter_issue_checks", args=[issue.pk]))
    assert "You wrote the last change" in body.content.decode()
    assert 'value="approve"' not in body.content.decode()
