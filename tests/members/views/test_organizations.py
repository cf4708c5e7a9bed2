from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from cop.core.models import AuditEvent
from members.emails.evidence import queue_evidence_notice
from members.evidence_words import say_evidence
from members.models import Affiliation, Evidence, Organization, ReviewTask, Site
from outbox.models import Delivery
from tests.conftest import CAST
from tests.factories import NOW, make_member, make_organization, make_person
from tests.members.conftest import make_photo

HOME = "/me/organizations/"


def make_contact(organization, name="Joan Contact", **fields):
    person = make_person(name, **fields)
    Affiliation.objects.create(
        person=person, organization=organization, state="confirmed", is_contact=True
    )
    return person


@pytest.fixture
def contact(house):
    return make_contact(house)


@pytest.fixture
def page(house):
    return f"{HOME}{house.public_id}/"


@pytest.fixture
def claim(house, newcomer):
    return Affiliation.objects.create(
        person=newcomer, organization=house, role_title="Night worker", role_group="front_line"
    )


@pytest.fixture
def evidence(criterion, house):
    return Evidence.objects.create(
        organization=house, criterion=criterion, state="verified", reference="Moss Stair 12",
        submitted_at=NOW, checked_at=NOW, valid_to=date(2099, 3, 31),
    )  # fmt: skip


def read(client, url):
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("who", [*CAST, "reviewer", "contact"])
@pytest.mark.parametrize("part", ["", "papers/", "people/{}/left/", "people/{}/", "list"])
def test_organization_pages_are_its_contacts_alone(
    request, sign_in, page, house, claim, evidence, who, part
):
    person = request.getfixturevalue(who)
    Affiliation.objects.filter(pk=claim.pk).update(person=make_person("Somebody Else"))
    client = sign_in(person)
    url = HOME if part == "list" else page + part.format(claim.public_id)

    response = client.post(url) if part == "people/{}/" else client.get(url)

    if who == "visitor":
        assert response.status_code == 302
        assert "/account/login/" in response["Location"]
    elif who == "contact":
        goes_on = {"list": 302, "people/{}/": 302}
        assert response.status_code == goes_on.get(part, 200)
    else:
        assert response.status_code == 404
    claim.refresh_from_db()
    assert claim.state == "claimed"


def test_organization_pages_close_with_the_contact_s_own_standing(sign_in, page, house, contact):
    client = sign_in(contact)
    for changes in (
        {"is_contact": False}, {"state": "claimed"}, {"state": "disputed"},
        {"state": "ended", "ended_on": date(2026, 1, 1)},
    ):  # fmt: skip
        contact.affiliations.update(**({"is_contact": True, "state": "confirmed"} | changes))
        assert client.get(page).status_code == 404
    contact.affiliations.update(state="confirmed", is_contact=True, ended_on=None)
    Organization.objects.filter(pk=house.pk).update(status="closed")
    assert client.get(page).status_code == 404


def test_my_organizations_lists_several_and_follows_a_merger(sign_in, page, house, contact):
    other = make_organization("Cedar Lantern")
    Affiliation.objects.create(
        person=contact, organization=other, state="confirmed", is_contact=True
    )
    client = sign_in(contact)
    text = read(client, HOME)
    assert house.name in text
    assert "Cedar Lantern" in text

    Organization.objects.filter(pk=house.pk).update(status="merged", merged_into=other)
    assert client.get(page)["Location"] == f"{HOME}{other.public_id}/"
    assert client.get(page + "papers/")["Location"] == f"{HOME}{other.public_id}/papers/"


def test_my_organization_shows_names_roles_houses_and_papers(
    community, sign_in, page, house, contact, claim, evidence
):
    make_member(community, "Dani Achebe-Roy", organization=house)
    Site.objects.create(
        organization=house, name="Main house", city="Nelson", region="interior",
        address="12 Hidden Cedar Lane",
    )  # fmt: skip

    text = read(sign_in(contact), page)

    for words in (
        "Newcomer Nia", "Night worker", "Yes, works here", "Dani Achebe-Roy", "Has left",
        "This is you.", "12 Hidden Cedar Lane", "Confidential", "It holds until 31 March 2099",
        "Moss Stair 12", "Send a new paper", "speaks for you",
    ):  # fmt: skip
        assert words in text
    # Neither addresses of people nor what they belong to (A5).
    assert claim.person.email not in text
    assert "Member" not in text.replace("Membership", "")


def test_my_organization_survives_every_name(sign_in, page, house, contact):
    names = ["بيت الأرز", "ʔaʔaɬ x̱", "Long" * 30, "<b>bold</b>", ""]
    for name in names:
        Affiliation.objects.create(
            person=make_person("X", email=f"{len(name)}{hash(name)}@people.example"),
            organization=house,
        )
    for row, name in zip(house.affiliations.filter(is_contact=False), names, strict=True):
        type(row.person).objects.filter(pk=row.person_id).update(display_name=name)

    text = read(sign_in(contact), page)

    assert "<b>bold</b>" not in text
    assert "no name yet" in text


@pytest.mark.parametrize("count", [1, 40])
def test_my_organization_query_count_is_constant(
    sign_in, community, criterion, page, house, contact, count, django_assert_max_num_queries
):
    for number in range(count):
        site = Site.objects.create(
            organization=house, name=f"H{number}", city="Nelson", region="interior"
        )
        for state in ("claimed", "confirmed"):
            Affiliation.objects.create(
                person=make_person(f"P{number}"), organization=house, state=state, site=site
            )
        Evidence.objects.create(
            organization=house, criterion=criterion, submitted_at=NOW, site=site
        )
    client = sign_in(contact)
    client.get(page)

    with django_assert_max_num_queries(11):
        assert client.get(page).status_code == 200


def test_organization_person_yes_confirms(sign_in, page, contact, claim):
    sign_in(contact).post(f"{page}people/{claim.public_id}/", {"answer": "yes"})

    claim.refresh_from_db()
    assert (claim.state, claim.confirmed_by) == ("confirmed", "org_contact")
    assert AuditEvent.objects.get(action="affiliation_confirmed").actor == contact


def test_organization_person_no_disputes_and_yes_takes_it_back(sign_in, page, contact, claim):
    client, url = sign_in(contact), f"{page}people/{claim.public_id}/"
    client.post(url, {"answer": "no"})
    claim.refresh_from_db()
    assert claim.state == "disputed"
    assert "You said no" in read(client, page)

    client.post(url, {"answer": "yes"})
    claim.refresh_from_db()
    assert claim.state == "confirmed"


@pytest.mark.parametrize("answer", ["", "no", "ended", "delete"])
def test_organization_person_other_answers_change_nothing(sign_in, page, contact, claim, answer):
    Affiliation.objects.filter(pk=claim.pk).update(state="confirmed")

    sign_in(contact).post(f"{page}people/{claim.public_id}/", {"answer": answer})

    claim.refresh_from_db()
    assert claim.state == "confirmed"


def test_organization_person_left_asks_then_ends(community, sign_in, page, house, contact):
    person = make_member(community, "Dani", organization=house)
    tie = person.affiliations.get()
    client, url = sign_in(contact), f"{page}people/{tie.public_id}/left/"
    assert "Has Dani left?" in read(client, url)
    tie.refresh_from_db()
    assert tie.state == "confirmed"

    client.post(url)

    tie.refresh_from_db()
    assert tie.state == "ended"
    assert client.post(url).status_code == 404


def test_organization_person_of_another_house_or_oneself_is_404(sign_in, page, contact):
    other = Affiliation.objects.create(
        person=make_person("Else"), organization=make_organization("Other")
    )
    client = sign_in(contact)
    for tie in (other, contact.affiliations.get()):
        assert client.post(f"{page}people/{tie.public_id}/", {"answer": "yes"}).status_code == 404
        assert client.post(f"{page}people/{tie.public_id}/left/").status_code == 404


def test_organization_send_waits_for_a_reviewer(sign_in, page, house, contact, evidence, criterion):
    client = sign_in(contact)
    assert "Send the paper" in read(client, page + "papers/")

    response = client.post(
        page + "papers/",
        {"criterion": criterion.pk, "reference": "Moss Stair 13", "valid_to": "2098-03-31",
         "document": make_photo()},
        follow=True,
    )  # fmt: skip

    text = response.content.decode()
    assert "A reviewer looks at it next." in text
    row = Evidence.objects.get(reference="Moss Stair 13")
    assert (row.state, row.submitted_by, row.valid_to) == (
        "submitted", contact, date(2098, 3, 31)
    )  # fmt: skip
    assert ReviewTask.objects.get().evidence == row
    evidence.refresh_from_db()
    assert evidence.state == "verified"


def test_organization_document_is_the_uploader_s_alone(
    sign_in, page, house, contact, evidence, criterion
):
    sign_in(contact).post(
        page + "papers/", {"criterion": criterion.pk, "document": make_photo("our.png")}
    )
    row = Evidence.objects.exclude(pk=evidence.pk).get()
    url = f"{page}papers/{row.public_id}/"

    response = sign_in(contact).get(url, follow=True)
    assert response.status_code == 200
    assert "attachment" in response["Content-Disposition"]
    second = make_contact(house, "Second Contact")
    assert sign_in(second).get(url).status_code == 404
    assert "our.png" not in read(sign_in(second), page)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "photo of the paper"),
        ({"reference": "x", "valid_to": "2020-03-31"}, "has ended"),
        (
            {"reference": "x", "valid_from": "2098-02-01", "valid_to": "2098-01-01"},
            "before the first",
        ),
        ({"reference": "x", "criterion": "0"}, "valid choice"),
        (
            {"document": SimpleUploadedFile("licence.pdf", b"<html>", "application/pdf")},
            "inside it is something else",
        ),
    ],
)
def test_organization_send_says_what_is_missing(
    sign_in, page, contact, evidence, criterion, data, words
):
    response = sign_in(contact).post(page + "papers/", {"criterion": criterion.pk} | data)

    assert response.status_code == 200
    assert words in response.content.decode()
    assert Evidence.objects.count() == 1


def test_organization_send_offers_own_communities_alone(
    community, other_community, sign_in, page, house, contact
):
    """A colleague's community is not the contact's to know (A5)."""
    make_member(other_community, "Colleague", organization=house)
    client = sign_in(contact)
    assert client.get(page + "papers/").status_code == 404
    assert "Send a new paper" not in read(client, page)

    community.memberships.create(person=contact, joined_on="2026-04-01")
    text = read(client, page + "papers/")
    assert "Every Door" in text
    assert "Social R&amp;D" not in text


def test_contact_of_a_funder_sees_its_own_people_and_no_community(
    community, sign_in, funder, house
):
    fund = Organization.objects.get(is_regulator_or_funder=True)
    funder.affiliations.update(is_contact=True)
    page = f"{HOME}{fund.public_id}/"

    text = read(sign_in(funder), page)

    assert "Beth Kowalchuk" in text
    assert "Every Door" not in text
    assert sign_in(funder).get(f"{page}papers/").status_code == 404
    assert sign_in(funder).get(f"{HOME}{house.public_id}/").status_code == 404


def test_me_home_leads_contacts_to_their_organization(sign_in, page, contact, dani):
    assert page in read(sign_in(contact), "/me/")
    assert HOME not in read(sign_in(dani), "/me/")


DAY = date(2027, 1, 1)


@pytest.mark.parametrize(
    ("state", "valid_to", "words"),
    [
        ("submitted", None, "A reviewer looks at it next."),
        ("verified", None, "It holds."),
        ("verified", DAY + timedelta(61), "It holds until 3 March 2027."),
        ("expiring", DAY + timedelta(1), "until 2 January 2027, 1 more day."),
        ("expiring", DAY, "0 more days. Send the new one"),
        # The clock may be late: the days count.
        ("verified", DAY - timedelta(1), "It ended on 31 December 2026."),
        ("expired", DAY - timedelta(1), "until 1 March 2027"),
        ("expired", None, "It has ended."),
        ("under_challenge", DAY, "Until then it counts."),
        ("revoked", DAY, "does not count any more"),
        ("superseded", DAY, "A newer one"),
        ("rejected", DAY, "could not read the file"),
    ],
)
def test_say_evidence(state, valid_to, words):
    row = Evidence(state=state, valid_to=valid_to, reason_code="UNREADABLE")
    assert words in say_evidence(row, DAY)


def test_evidence_notice_goes_to_each_contact_once_a_step(house, contact, evidence):
    make_contact(house, "Jean Théberge", language="fr")
    now = timezone.now()

    sent = [queue_evidence_notice(evidence, days, now=now) for days in (60, 60, 30, 7, 0, 0)]

    assert sent == [2, 0, 2, 2, 2, 0]
    kinds = sorted(Delivery.objects.values_list("kind", flat=True))
    assert kinds == ["evidence_expired"] * 2 + ["evidence_expiring"] * 6
    mail = Delivery.objects.filter(person=contact).first()
    assert f"/me/organizations/{house.public_id}/" in mail.text
