"""O1: women's houses depend on it. A street address shows to staff and the house's own contacts.

A walk over every page that each of the cast can reach by links, the searches and feeds, and over
every mail that the site writes about the house.
"""

import re
from datetime import date
from html import unescape
from urllib.parse import urldefrag, urljoin

import pytest

from cop.core.models import AuditEvent
from members.actions.affiliations import claim_affiliation
from members.actions.contacts import ask_contacts
from members.actions.merging import merge_organizations
from members.actions.organizations import change_site, close_organization
from members.actions.standing import keep_standing
from members.emails.evidence import queue_evidence_notice
from members.models import Affiliation, Evidence, Partner, Site
from outbox.models import Delivery
from tests.conftest import CAST
from tests.factories import NOW, make_meeting, make_organization, make_person
from tests.members.conftest import apply

STREET, OPERATOR = "4711 Hidden Cedar Lane", "Quiet Operator Holdings"
SECRETS = re.compile(r"4711|hidden\s+cedar|V8V\s?4Z9|Quiet Operator", re.IGNORECASE)
# Off the walk: what leaves, what only sorts, and the months of the calendar, which never end.
AVOID = re.compile(r"logout|/static/|^(mailto|tel|#)|/language/|/meetings/\d{4}/|[?&](o|p|next)=")
MOST_PAGES = 120
# Parts of the address that are not the secret themselves: the field shows them again.
WORDS = ["lane", "cedar+lane", "V8V", "operator", "moss"]
EXTRA = [
    "/", "/every-door/", "/every-door/meetings/", "/every-door/library/", "/me/",
    "/me/organizations/", "/every-door/people/",
    *(f"/every-door/library/?q={word}" for word in WORDS),
    *(f"/every-door/join/?q={word}" for word in WORDS),
    *(f"/every-door/join/organizations/?q={word}" for word in WORDS),
    *(f"/every-door/people/?q={word}" for word in WORDS),
]  # fmt: skip


@pytest.fixture
def site(community, house, dani):
    """dani works there, is no contact, and the house stands behind the community as a partner."""
    Affiliation.objects.create(person=dani, organization=house, state="confirmed")
    Partner.objects.create(organization=house, community=community, role="knowledge")
    Evidence.objects.create(
        organization=house, criterion=community.criteria.get(), state="verified",
        submitted_at=NOW, checked_at=NOW, valid_to=date(2027, 3, 31), reference="Moss Stair",
    )  # fmt: skip
    make_meeting(community)
    return Site.objects.create(
        organization=house, name="The blue house", city="Nelson", region="interior",
        address=f"{STREET}, V8V 4Z9", operator=OPERATOR,
    )  # fmt: skip


def links_of(url: str, text: str) -> list[str]:
    found = re.findall(r'(?:href|src|hx-get|action)="([^"]+)"', text)
    whole = [urldefrag(urljoin(url, unescape(one))).url for one in found if not AVOID.search(one)]
    return [one for one in whole if one.startswith("/")]


def walk(client, first: list[str]) -> dict[str, str]:
    """Address -> what stood there, for all pages within reach."""
    seen: dict[str, str] = {}
    waiting = list(first)
    while waiting and len(seen) < MOST_PAGES:
        url = waiting.pop(0)
        if url in seen:
            continue
        response = client.get(url)
        if response.status_code in {301, 302}:
            seen[url] = ""
            waiting += links_of(url, f'href="{response["Location"]}"')
            continue
        body = b"".join(response) if response.streaming else response.content
        seen[url] = body.decode(errors="replace")
        waiting += links_of(url, seen[url])
    return seen


@pytest.mark.parametrize("who", [one for one in CAST if one not in {"priya", "admin"}])
def test_confidential_address_is_on_no_page(request, sign_in, site, who):
    person = request.getfixturevalue(who)

    pages = walk(sign_in(person), EXTRA)

    assert len(pages) > len(EXTRA)
    assert [url for url, text in pages.items() if SECRETS.search(text)] == []


def test_confidential_address_shows_to_staff_and_own_contacts(
    sign_in, house, site, reviewer, priya, admin
):
    contact = make_person("Joan Contact")
    Affiliation.objects.create(
        person=contact, organization=house, state="confirmed", is_contact=True
    )
    desk = f"/desk/members/organization/{house.pk}/change/"
    for person, url in (
        (contact, f"/me/organizations/{house.public_id}/"),
        (reviewer, desk), (priya, desk), (admin, desk),
    ):  # fmt: skip
        assert STREET in sign_in(person).get(url).content.decode()

    other = make_person("Other Contact")
    Affiliation.objects.create(
        person=other, organization=make_organization("Else"), state="confirmed", is_contact=True
    )
    for text in walk(sign_in(other), ["/me/", "/me/organizations/"]).values():
        assert not SECRETS.search(text)
    assert sign_in(other).get(f"/me/organizations/{house.public_id}/").status_code == 404


def test_confidential_address_is_in_no_mail_and_no_history(
    community, house, site, newcomer, reviewer, priya, dani
):
    contact = make_person("Joan Contact")
    Affiliation.objects.create(
        person=contact, organization=house, state="confirmed", is_contact=True
    )
    evidence = house.evidence.get()
    apply(community, newcomer, organization=house)
    tie = claim_affiliation(
        person=make_person("New"), organization=house, role_title="", role_group="front_line",
        now=NOW,
    )  # fmt: skip
    ask_contacts(affiliation=tie, now=NOW)
    for days in (60, 30, 7, 0):
        queue_evidence_notice(evidence, days, now=NOW)
    change_site(site=site, by=reviewer, now=NOW, address=f"{STREET} East")
    keep_standing(now=NOW)
    double = make_organization("Moss Stairs")
    merge_organizations(source=double, target=house, by=priya, now=NOW)
    close_organization(organization=house, by=reviewer, now=NOW)
    keep_standing(now=NOW)

    rows = Delivery.objects.values_list("subject", "text", "html", "kind")
    assert {"evidence_expiring", "evidence_expired"} <= {row[3] for row in rows}
    assert not [kind for *texts, kind in rows if SECRETS.search(" ".join(texts))]
    for words in AuditEvent.objects.values_list("old", "new", "reason"):
        assert not SECRETS.search(" ".join(words))
