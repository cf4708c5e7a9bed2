"""The desk of a community and its parts: steps that say what follows, for its own staff only."""

from datetime import timedelta

import pytest
from django.utils import timezone

from members.actions.memberships import suspend_membership
from members.actions.streams import add_stream
from members.models import (
    Community,
    Criterion,
    Membership,
    Partner,
    RoleGrant,
    Stream,
)
from outbox.models import Delivery
from tests.conftest import CAST
from tests.factories import make_organization

STAFF = {"priya", "reviewer", "outsider", "admin"}


@pytest.fixture
def full(community, priya, dani):
    Community.objects.filter(pk=community.pk).update(
        domain="D", community="C", practice="P", postal_address="100 Example Street"
    )
    host = make_organization("Tidewater Capacity Network", kind="host")
    Partner.objects.create(community=community, organization=host, role="host")
    fund = make_organization("Coast Fund", is_regulator_or_funder=True)
    Partner.objects.create(community=community, organization=fund, role="funder")
    add_stream(community=community, kind="learn", name="Learn", by=priya)
    community.refresh_from_db()
    return community


def url_of(model, row, step=""):
    end = f"step/{step}/" if step else "change/"
    return f"/desk/members/{model}/{row.pk}/{end}"


STEPS = [
    ("community", "pause", lambda c: c),
    ("community", "host", lambda c: c),
    ("stream", "close", lambda c: c.streams.get()),
    ("partner", "end", lambda c: c.partners.get(role="funder")),
    ("membership", "suspend", lambda c: c.memberships.get(person__display_name="Dani Achebe-Roy")),
    ("membership", "remove", lambda c: c.memberships.get(person__display_name="Dani Achebe-Roy")),
    ("membership", "delegate", lambda c: c.memberships.get(person__display_name="Dani Achebe-Roy")),
]


@pytest.mark.parametrize("who", [*CAST, "reviewer"])
@pytest.mark.parametrize(("model", "step", "find"), STEPS, ids=[f"{m}-{s}" for m, s, _f in STEPS])
def test_steps_are_for_coordinators_of_the_community(
    request, sign_in, full, model, step, find, who
):
    client = sign_in(request.getfixturevalue(who))
    url = url_of(model, find(full), step)

    status = client.get(url).status_code

    if who in {"priya", "admin"}:
        assert status == 200
    elif who == "reviewer":
        assert status == 403
    elif who == "outsider":
        assert status == 404
        assert client.post(url, {}).status_code == 404
    else:
        assert status == 302
    full.refresh_from_db()
    assert full.status == "open"


@pytest.mark.parametrize("who", [*CAST, "reviewer"])
@pytest.mark.parametrize("model", ["community", "stream", "partner", "criterion", "membership"])
def test_pages_of_the_parts_are_for_their_own_staff(request, sign_in, full, model, who):
    row = {
        "community": full, "stream": full.streams.get(), "criterion": full.criteria.get(),
        "partner": full.partners.first(), "membership": full.memberships.order_by("pk").first(),
    }[model]  # fmt: skip

    response = sign_in(request.getfixturevalue(who)).get(url_of(model, row))

    assert response.status_code == (200 if who in STAFF - {"outsider"} else 302)


def test_community_page_shows_how_it_stands_and_its_buttons(sign_in, full, priya):
    client = sign_in(priya)
    text = client.get(url_of("community", full)).content.decode()
    assert "How it stands" in text
    assert "step/pause/" in text
    assert "step/open/" not in text
    assert "missing" not in text

    Community.objects.filter(pk=full.pk).update(status="planning", postal_address="")
    text = client.get(url_of("community", full)).content.decode()
    assert "Before it can open" in text
    assert "<strong>The postal address of the sender</strong>: missing" in text
    page = client.post(url_of("community", full, "open"))
    assert "It cannot be open without these: The postal address" in page.content.decode()


def test_reviewers_see_no_buttons(sign_in, full, reviewer):
    text = sign_in(reviewer).get(url_of("community", full)).content.decode()
    assert "step/pause/" not in text


def test_a_step_says_what_follows_then_acts(sign_in, full, priya, dani):
    client = sign_in(priya)
    asked = client.get(url_of("community", full, "close")).content.decode()
    assert "sixty days" in asked
    assert "cannot be taken back" in asked
    full.refresh_from_db()
    assert full.status == "open"

    client.post(url_of("community", full, "close"))

    full.refresh_from_db()
    assert full.status == "closing"
    assert Delivery.objects.filter(kind="community_closing", person=dani).exists()
    page = client.get(url_of("community", full, "close"), follow=True)
    assert "not possible now" in page.content.decode()


def test_the_host_is_changed_on_the_page_of_the_community(sign_in, full, priya):
    heir = full.partners.get(role="funder").organization
    client, url = sign_in(priya), url_of("community", full, "host")
    page = client.post(url, {"organization": heir.pk})
    assert page.status_code == 200
    new = make_organization("Alliance")
    Partner.objects.create(community=full, organization=new, role="cohost")

    client.post(url, {"organization": new.pk})

    assert full.partners.get(role="host", ends_on=None).organization == new


def test_an_open_community_keeps_what_it_needs(sign_in, full, priya):
    client, url = sign_in(priya), url_of("community", full)
    form = client.get(url).context["adminform"].form
    data = {name: form.initial.get(name) or "" for name in form.fields} | {"functions": []}

    page = client.post(url, data | {"postal_address": ""})

    assert "The postal address of the sender" in page.content.decode()
    full.refresh_from_db()
    assert full.postal_address
    assert client.post(url, data | {"domain": "New", "functions": ["learning"]}).status_code == 302
    full.refresh_from_db()
    assert (full.domain, full.functions) == ("New", ["learning"])


def test_a_new_community_is_begun_by_the_administrator(sign_in, full, priya, admin):
    url = "/desk/members/community/add/"
    assert sign_in(priya).get(url).status_code == 403
    data = {
        "slug": "night-shift", "name": "Night Shift", "short_name": "Night", "purpose": "We learn.",
        "admission_policy": "open", "languages": ["en"],
    }  # fmt: skip

    response = sign_in(admin).post(url, data)

    assert response.status_code == 302
    made = Community.objects.get(slug="night-shift")
    assert (made.status, made.admission_policy) == ("planning", "open")
    assert sign_in(admin).post(url, data | {"slug": "desk"}).status_code == 200


def test_criterion_has_lists_one_a_line(sign_in, full, priya):
    row = full.criteria.get()
    client, url = sign_in(priya), url_of("criterion", row)
    form = client.get(url).context["adminform"].form
    data = {name: form.initial.get(name) or "" for name in form.fields}
    data |= {"issuers": "Fraser\n\nIsland, north", "is_active": "on", "accepted_kinds": []}
    data["position"] = 0

    wrong = client.post(url, data | {"check_links": "https://a.example/x\nnot a link"})
    assert "Line 2 is not a web address" in wrong.content.decode()
    client.post(url, data | {"check_links": "https://a.example/x", "examples": "A licence."})

    row.refresh_from_db()
    assert row.issuers == ["Fraser", "Island, north"]
    assert row.check_links == ["https://a.example/x"]
    assert row.examples == "A licence."
    assert row.code == "REGISTERED"
    page = client.get(url).content.decode()
    assert "Fraser\nIsland, north" in page
    del data["is_active"]
    assert "only criterion in use" in client.post(url, data).content.decode()


def test_stream_keeps_its_parts_and_the_last_one_stays(sign_in, full, priya):
    row = full.streams.get()
    client, url = sign_in(priya), url_of("stream", row)
    data = {"name": "Learn", "cadence": "monthly", "features": ["meetings", "directory"]}

    client.post(url, data)

    row.refresh_from_db()
    assert row.features == ["meetings", "directory"]
    page = client.post(url_of("stream", row, "close"))
    assert "only stream in use" in page.content.decode()


def test_partner_second_host_is_refused_with_a_sentence(sign_in, full, priya):
    other = full.partners.get(role="funder").organization
    data = {"community": full.pk, "organization": other.pk, "role": "host", "position": 0,
            "data_access": "none"}  # fmt: skip
    client = sign_in(priya)

    page = client.post("/desk/members/partner/add/", data)

    assert "cannot be the host" in page.content.decode()
    data |= {"role": "knowledge", "statement": "They teach."}
    assert client.post("/desk/members/partner/add/", data).status_code == 302
    row = full.partners.get(role="knowledge")
    client.post(url_of("partner", row, "end"), {"ends_on": "2030-01-01"})
    row.refresh_from_db()
    assert str(row.ends_on) == "2030-01-01"


def test_memberships_are_put_on_hold_and_ended(sign_in, full, priya, dani):
    row, client = dani.memberships.get(), sign_in(priya)
    today = timezone.localdate()
    # The mail was read before: tests/members/admin/test_review_memberships.py.
    sure = {"confirmed": "1"}
    url = url_of("membership", row, "suspend")
    late = client.post(url, {"until": today + timedelta(days=40), "reason": "Talk."})
    assert "thirty days" in late.content.decode()

    client.post(url, sure | {"until": today + timedelta(days=9), "reason": "Let us talk first."})

    row.refresh_from_db()
    assert row.state == "suspended"
    assert "Let us talk first." in Delivery.objects.get(kind="membership_suspended").text
    client.post(url_of("membership", row, "end-hold"), sure)
    row.refresh_from_db()
    assert row.state == "active"
    assert "appeal" in client.get(url_of("membership", row, "remove")).content.decode()
    client.post(url_of("membership", row, "remove"), sure | {"reason": "It goes no further."})
    row.refresh_from_db()
    assert row.state == "removed"
    page = client.get(url_of("membership", row, "suspend"), follow=True)
    assert "not possible now" in page.content.decode()


def test_a_delegate_speaks_for_an_organization_that_confirmed_them(sign_in, full, priya, dani):
    house = make_organization("Cedar House")
    tie = dani.affiliations.create(organization=house)
    row, client = dani.memberships.get(), sign_in(priya)
    url = url_of("membership", row, "delegate")
    assert client.post(url, {"organization": house.pk}).status_code == 200

    dani.affiliations.filter(pk=tie.pk).update(state="confirmed")
    client.post(url, {"organization": house.pk})

    row.refresh_from_db()
    assert row.delegate_for == house
    client.post(url, {"organization": ""})
    row.refresh_from_db()
    assert row.delegate_for is None


def test_suspended_memberships_are_listed(sign_in, full, priya, dani):
    today = timezone.localdate()
    suspend_membership(
        membership=dani.memberships.get(), by=priya, until=today + timedelta(days=2),
        reason="R", now=timezone.now(),
    )  # fmt: skip
    text = sign_in(priya).get("/desk/members/membership/?state__exact=suspended").content.decode()
    assert "Dani Achebe-Roy" in text


def test_roles_with_days_in_several_communities(sign_in, full, other_community, priya, dani):
    RoleGrant.objects.create(
        community=other_community, person=priya, role="coordinator", starts_on="2026-04-01"
    )
    day = timezone.now().date() + timedelta(days=10)
    client, url = sign_in(priya), "/desk/members/rolegrant/add/"
    data = {
        "community": [full.pk, other_community.pk], "email": dani.email, "role": "librarian",
        "starts_on": day.isoformat(), "ends_on": (day + timedelta(days=30)).isoformat(),
    }  # fmt: skip

    asked = client.post(url, data).content.decode()
    assert "The last day is" in asked
    assert asked.count('name="community"') == 2
    client.post(url, data | {"confirmed": "1"})

    grants = RoleGrant.objects.filter(person=dani)
    assert {(row.community_id, row.starts_on) for row in grants} == {
        (full.pk, day), (other_community.pk, day),
    }  # fmt: skip
    assert not Community.objects.staffed_by(dani).exists()
    assert "Dani" in client.get("/desk/members/rolegrant/?force=coming").content.decode()


def test_roles_in_another_community_are_not_given(sign_in, full, outsider, other_community, dani):
    data = {"community": [full.pk, other_community.pk], "email": dani.email, "role": "librarian"}
    sign_in(outsider).post("/desk/members/rolegrant/add/", data | {"confirmed": "1"})
    assert not RoleGrant.objects.filter(person=dani).exists()


@pytest.mark.parametrize("model", ["community", "stream", "partner", "criterion"])
def test_lists_of_parts_ask_a_fixed_number_of_questions(
    sign_in, full, priya, django_assert_max_num_queries, model
):
    client = sign_in(priya)
    client.get(f"/desk/members/{model}/")
    with django_assert_max_num_queries(80) as before:
        client.get(f"/desk/members/{model}/")
    for number in range(20):
        Stream.objects.create(community=full, kind="share", name=f"Étude ʔa {number}")
        organization = make_organization("Ünïcødé " * 15 + str(number))
        Partner.objects.create(community=full, organization=organization, role="knowledge")
        Criterion.objects.create(community=full, code=f"C{number}", label="L", help_text="H")
    with django_assert_max_num_queries(len(before)):
        client.get(f"/desk/members/{model}/")


def test_hints_for_the_coordinator(sign_in, full, priya, ally):
    RoleGrant.objects.filter(person=priya).update(ends_on=timezone.now().date())
    Membership.objects.filter(person=ally).update(state="active")

    text = sign_in(priya).get(url_of("community", full)).content.decode()

    assert "Nobody coordinates after" in text
    assert "1 of 2 people are allies (50 of a hundred; you set 20 as the most)" in text
