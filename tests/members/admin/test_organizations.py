"""Organizations at the desk: search, duplicates, houses, evidence, merging and closing."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from cop.core.models import AuditEvent
from members.models import Affiliation, Evidence, Organization, Partner, ReviewTask, Site
from tests.conftest import CAST
from tests.factories import NOW, make_member, make_organization

LIST = "/desk/members/organization/"
NO_SITES = {"sites-TOTAL_FORMS": "0", "sites-INITIAL_FORMS": "0"}
FACTS = {"name": "Tamarack House", "kind": "service_provider", "language": "en"}
STAFF = {"priya", "reviewer", "admin"}


def page(organization, step="change"):
    return f"{LIST}{organization.pk}/{step}/"


@pytest.fixture
def known(community, house):
    """The house has to do with the community."""
    make_member(community, "Somebody", organization=house)
    return house


@pytest.fixture
def evidence(community, criterion, known):
    return Evidence.objects.create(
        organization=known, criterion=criterion, state="verified", reference="Moss 12",
        submitted_at=NOW, checked_at=NOW, valid_to=date(2099, 3, 31),
    )  # fmt: skip


def site_data(**changes):
    values = {"name": "Main", "city": "Creston", "region": "", "timezone": "", "services": []}
    values |= {"address_confidential": "on", "shows_city": "on"} | changes
    return {"sites-TOTAL_FORMS": "1", "sites-INITIAL_FORMS": "0"} | {
        f"sites-0-{name}": value for name, value in values.items() if value is not None
    }


def read(response):
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("who", [*CAST, "reviewer"])
@pytest.mark.parametrize("step", ["change", "merge", "close", "history", "record"])
def test_organization_desk_is_for_its_own_reviewers(request, sign_in, known, who, step):
    url = page(known, step)
    if step == "record":
        url = f"/desk/members/evidence/record/{known.pk}/"

    status = sign_in(request.getfixturevalue(who)).get(url).status_code

    if who in STAFF:
        assert status == 200
    else:
        assert status in {302, 404}


def test_organization_list_finds_without_accents_by_everything(sign_in, community, priya):
    house = make_organization(
        "Maison Théberge", legal_name="Société Étoile", domains=["etoile.example"],
        phone="250 555 0142",
    )  # fmt: skip
    Site.objects.create(
        organization=house, name="Le Phare", city="Fort St. John", region="northern"
    )
    tide = make_organization("ʔaʔaɬ x̱ House")
    for one in (house, tide):
        Partner.objects.create(organization=one, community=community, role="knowledge")
    client = sign_in(priya)

    for words in ("theberge", "MAISON theb", "etoile", "phare", "st. john", "etoile.ex", "0142"):
        text = read(client.get(LIST, {"q": words}))
        assert "Maison Théberge" in text, words
        assert "ʔaʔaɬ" not in text
    assert "ʔaʔaɬ" in read(client.get(LIST, {"q": "ʔaʔaɬ x̱"}))
    assert "Maison" not in read(client.get(LIST, {"q": "%_"}))
    assert "Maison" in read(client.get(LIST, {"sites__region__exact": "northern"}))
    assert "ʔaʔaɬ" not in read(client.get(LIST, {"sites__region__exact": "northern"}))


def test_organization_add_saves_what_is_new(sign_in, community, reviewer):
    client = sign_in(reviewer)

    client.post(
        f"{LIST}add/", FACTS | site_data() | {"domains": "@Tamarack.example; www.tamarack.ca"}
    )

    made = Organization.objects.get(name="Tamarack House")
    assert made.domains == ["tamarack.example", "tamarack.ca"]
    site = made.sites.get()
    # From the city: Creston has a clock of its own.
    assert (site.region, site.timezone) == ("interior", "America/Creston")
    event = AuditEvent.objects.get(action="organization_added")
    assert (event.actor, event.scope) == (reviewer, community.public_id)
    assert "Tamarack House" in read(client.get(LIST))
    assert read(client.get(page(made)))


def test_organization_add_asks_is_it_one_of_these(sign_in, reviewer, known, outsider):
    client = sign_in(reviewer)
    new = FACTS | NO_SITES | {"name": "moss stair recovery house"}

    text = read(client.post(f"{LIST}add/", new))

    assert "Is it one of these?" in text
    assert "a name much like it" in text
    assert page(known) in text
    assert Organization.objects.filter(name__iexact=new["name"]).count() == 1
    client.post(f"{LIST}add/", new | {"is_new": "on"})
    assert Organization.objects.filter(name__iexact=new["name"]).count() == 2


def test_organization_add_names_those_of_others_without_a_door(sign_in, outsider, known):
    text = read(sign_in(outsider).post(f"{LIST}add/", FACTS | NO_SITES | {"name": known.name}))

    assert "Is it one of these?" in text
    assert page(known) not in text


@pytest.mark.parametrize(
    ("domains", "words"),
    [("gmail.com", "Leave it out"), ("house", "not a mail domain"), ("a b", "not a mail domain")],
)
def test_organization_add_refuses_domains_that_confirm_everybody(sign_in, reviewer, domains, words):
    text = read(sign_in(reviewer).post(f"{LIST}add/", FACTS | NO_SITES | {"domains": domains}))
    assert words in text
    assert not Organization.objects.filter(name="Tamarack House").exists()


def test_organization_add_unknown_town_asks_for_the_region(sign_in, reviewer):
    client = sign_in(reviewer)
    text = read(client.post(f"{LIST}add/", FACTS | site_data(city="Nowhere")))
    assert "Choose its health region" in text

    client.post(f"{LIST}add/", FACTS | site_data(city="Nowhere", region="island"))
    site = Site.objects.get()
    assert (site.region, site.timezone) == ("island", "America/Vancouver")


def test_organization_add_for_one_of_several_communities(
    sign_in, admin, community, other_community
):
    client = sign_in(admin)
    assert "For the community" in read(client.get(f"{LIST}add/"))

    client.post(f"{LIST}add/", FACTS | NO_SITES | {"for_community": other_community.pk})

    assert AuditEvent.objects.get(action="organization_added").scope == other_community.public_id


def save(client, organization, **changes):
    site = organization.sites.first()
    data = FACTS | {"name": organization.name, "city": organization.city, **NO_SITES}
    if site is not None:
        data |= site_data(
            name=site.name, city=site.city, region=site.region, timezone=site.timezone,
            address=site.address, id=str(site.pk), services=site.services, **changes,
        ) | {"sites-INITIAL_FORMS": "1"}  # fmt: skip
    return client.post(page(organization), data)


def test_organization_change_of_address_opens_a_task(sign_in, reviewer, known, evidence):
    type(evidence.criterion).objects.update(is_tied_to_address=True)
    Site.objects.create(
        organization=known, name="Main", city="Nelson", region="interior", address="1 Old Road"
    )
    client = sign_in(reviewer)

    assert save(client, known).status_code == 302
    evidence.refresh_from_db()
    assert evidence.state == "verified"

    site = known.sites.get()
    Site.objects.filter(pk=site.pk).update(address="Old")
    assert client.post(
        page(known),
        FACTS | site_data(id=str(site.pk), address="2 New Road", city="Cranbrook",
                          region="interior", timezone="America/Vancouver")
        | {"sites-INITIAL_FORMS": "1", "name": known.name},
    ).status_code == 302  # fmt: skip
    evidence.refresh_from_db()
    assert evidence.state == "under_challenge"
    assert ReviewTask.objects.get().kind == "address_changed"
    site.refresh_from_db()
    # Another town: its clock comes along, since nobody chose one.
    assert (site.address, site.timezone) == ("2 New Road", "America/Edmonton")


def test_organization_change_without_a_change_writes_no_history(sign_in, reviewer, known):
    save(sign_in(reviewer), known)

    assert not AuditEvent.objects.filter(action__contains="changed").exists()


def test_merge_view_searches_previews_and_merges(sign_in, reviewer, community, known):
    double = make_organization("Moss Stairs Recovery House", city="Nelson")
    make_member(community, "Dani", organization=double)
    client = sign_in(reviewer)
    assert f"?into={known.public_id}" in read(client.get(page(double, "merge")))
    assert f"?into={known.public_id}" in read(client.get(page(double, "merge"), {"q": "moss"}))

    text = read(client.get(page(double, "merge"), {"into": known.public_id}))
    assert "Affiliations: 1" in text
    double.refresh_from_db()
    assert double.status == "active"

    client.post(page(double, "merge"), {"into": known.public_id, "confirmed": "1"})

    double.refresh_from_db()
    assert (double.status, double.merged_into) == ("merged", known)
    assert known.affiliations.count() == 2
    history = read(client.get(page(known, "history")))
    assert "Another organization merged into it" in history
    assert "Moss Stairs Recovery House" in history
    assert "It was merged into" in read(client.get(page(double)))
    assert client.post(page(double), FACTS | NO_SITES).status_code == 403
    assert client.get(page(double, "merge")).status_code == 403


def test_merge_view_says_why_not(sign_in, reviewer, known):
    fund = make_organization("Coast Fund", is_regulator_or_funder=True)
    client = sign_in(reviewer)

    text = read(client.post(page(known, "merge"), {"into": fund.public_id, "confirmed": "1"}))

    assert "regulates or funds" in text
    assert "Merge them" not in text
    known.refresh_from_db()
    assert known.status == "active"
    assert client.get(page(known, "merge"), {"into": "nonsense"}).status_code == 404


def test_close_view_asks_then_closes(sign_in, reviewer, known):
    client, url = sign_in(reviewer), page(known, "close")
    today = timezone.now().astimezone(ZoneInfo(reviewer.timezone)).date()
    late = (today + timedelta(days=5)).isoformat()
    assert "The tie of 1 person" in read(client.post(url, {"closed_on": today.isoformat()}))
    assert "still to come" in read(client.post(url, {"closed_on": late, "confirmed": "1"}))
    known.refresh_from_db()
    assert known.status == "active"

    client.post(url, {"closed_on": today.isoformat(), "confirmed": "1"})

    known.refresh_from_db()
    assert known.status == "closed"
    assert not Affiliation.objects.exclude(state="ended").exists()


def test_record_view_counts_at_once(sign_in, reviewer, criterion, known):
    url = f"/desk/members/evidence/record/{known.pk}/"
    client = sign_in(reviewer)
    data = {"criterion": criterion.pk, "kind": "public_listing", "reference": "Moss Stair"}
    assert "Say how" in read(client.post(url, data)) or Evidence.objects.count() == 0

    client.post(url, data | {"check_method": "public_register"})

    row = Evidence.objects.get()
    assert (row.state, row.organization, row.checked_by) == ("verified", known, reviewer)
    assert "Registered" in read(client.get(page(known)))


def test_record_view_offers_own_criteria_alone(sign_in, reviewer, known, other_community):
    foreign = other_community.criteria.get()
    url = f"/desk/members/evidence/record/{known.pk}/"

    response = sign_in(reviewer).post(
        url, {"criterion": foreign.pk, "kind": "other", "reference": "x",
              "check_method": "known_to_host"},
    )  # fmt: skip

    assert response.status_code == 200
    assert not Evidence.objects.exists()


def step(evidence, name):
    return f"/desk/members/evidence/{evidence.pk}/step/{name}/"


@pytest.mark.parametrize("who", [*CAST, "reviewer"])
def test_evidence_steps_are_for_reviewers_of_its_community(request, sign_in, evidence, who):
    client = sign_in(request.getfixturevalue(who))

    response = client.post(step(evidence, "challenge"), {"note": "The papers say it closed."})

    evidence.refresh_from_db()
    assert evidence.state == ("under_challenge" if who in STAFF else "verified")
    assert response.status_code in {302, 403, 404}


def test_evidence_goes_under_challenge_back_and_is_revoked(sign_in, reviewer, evidence):
    client = sign_in(reviewer)
    detail = f"/desk/members/evidence/{evidence.pk}/change/"
    text = read(client.get(detail))
    assert "Put a question mark on it" in text
    assert "Answer the question" not in text

    def press(name, **data):
        client.post(step(evidence, name), data)
        evidence.refresh_from_db()
        return evidence.state

    assert press("challenge", note="") == "verified"
    assert press("challenge", note="A report.") == "under_challenge"
    assert press("challenge", note="Again.") == "under_challenge"
    assert press("settle", holds="yes", note="Called the registry.") == "verified"
    assert press("challenge", note="A report.") == "under_challenge"
    assert press("settle", holds="no", note="Struck off.") == "revoked"
    assert press("revoke", note="x") == "revoked"
    assert not ReviewTask.objects.filter(done_at=None).exists()


def test_evidence_sent_by_a_contact_is_verified_or_rejected(sign_in, reviewer, evidence):
    rows = [
        Evidence.objects.create(
            organization=evidence.organization, criterion=evidence.criterion, submitted_at=NOW
        )
        for _ in range(2)
    ]
    client = sign_in(reviewer)

    client.post(step(rows[0], "verify"), {"check_method": "public_register"})
    client.post(step(rows[1], "reject"), {"reason_code": "UNREADABLE"})

    states = {row.pk: row.state for row in Evidence.objects.all()}
    assert [states[row.pk] for row in (evidence, *rows)] == ["superseded", "verified", "rejected"]


def test_evidence_of_an_open_application_is_decided_there(sign_in, reviewer, application):
    row = application.evidence.get()
    client = sign_in(reviewer)
    assert "I checked it" not in read(client.get(f"/desk/members/evidence/{row.pk}/change/"))

    client.post(step(row, "verify"), {"check_method": "public_register"})

    row.refresh_from_db()
    assert row.state == "submitted"


@pytest.mark.parametrize("count", [1, 40])
def test_organization_page_query_count_is_constant(
    sign_in, reviewer, community, known, evidence, count, django_assert_max_num_queries
):
    for number in range(count):
        make_member(community, f"P{number}", organization=known)
        Evidence.objects.create(organization=known, criterion=evidence.criterion, submitted_at=NOW)
        make_organization(f"{known.name} {number}")
    client = sign_in(reviewer)
    client.get(page(known))

    with django_assert_max_num_queries(36):
        read(client.get(page(known)))
