"""Every list of this app at the desk: staff of another community see nothing of this one."""

import pytest

from cop.core.models import AuditEvent
from members.actions import request_information
from members.models import (
    Affiliation,
    Criterion,
    ParticipationAgreement,
    Partner,
    RoleGrant,
    Stream,
    User,
)
from tests.conftest import CAST
from tests.factories import NOW, make_organization, make_person
from tests.members.conftest import apply

# Address of the list, a word on it for those who may see it, and the roles that may.
LISTS = {
    "members/membershipapplication": ("Newcomer Nia", {"priya", "reviewer"}),
    "members/organization": ("Moss Stair Recovery House", {"priya", "reviewer"}),
    "members/evidence": ("Moss Stair Recovery House", {"priya", "reviewer"}),
    "members/membership": ("Dani Achebe-Roy", {"priya", "reviewer"}),
    "members/rolegrant": ("Anneke Sorrell", {"priya"}),
    "members/community": ("Every Door", {"priya", "reviewer"}),
    "members/criterion": ("REGISTERED-HERE", {"priya", "reviewer"}),
    "members/stream": ("Learning together", {"priya", "reviewer"}),
    "members/partner": ("Tidewater Capacity", {"priya", "reviewer"}),
    "members/participationagreement": ("2026", {"priya", "reviewer"}),
    "core/auditevent": ("Application sent", {"priya"}),
    "members/user": ("dani", set()),
}
STAFF = {"priya", "outsider", "reviewer", "admin"}


@pytest.fixture
def full(community, application, dani, reviewer, house):
    """A community with a row of everything."""
    Stream.objects.create(community=community, kind="learn", name="Learning together")
    host = make_organization("Tidewater Capacity Network")
    Partner.objects.create(community=community, organization=host, role="host")
    Criterion.objects.filter(community=community).update(code="REGISTERED-HERE")
    Affiliation.objects.create(person=dani, organization=house)
    return community


@pytest.mark.parametrize("who", [*CAST, "reviewer"])
@pytest.mark.parametrize("path", LISTS)
def test_desk_lists_show_a_community_to_its_own_staff_only(request, sign_in, full, path, who):
    words, roles = LISTS[path]
    person = request.getfixturevalue(who)

    response = sign_in(person).get(f"/desk/{path}/")

    if who not in STAFF:
        assert response.status_code == 302
    elif who == "admin" or who in roles:
        assert response.status_code == 200
        assert words in response.content.decode()
    elif who == "reviewer" or path == "members/user":
        assert response.status_code == 403
    else:
        assert response.status_code == 200
        if path != "members/participationagreement":
            assert words not in response.content.decode()


ROWS = [
    ("members/organization", "house"),
    ("members/evidence", "evidence"),
    ("members/membership", "membership"),
    ("members/rolegrant", "grant"),
    ("members/community", "community"),
    ("members/criterion", "criterion"),
    ("members/partner", "partner"),
    ("members/participationagreement", "agreement"),
]


@pytest.mark.parametrize(("path", "what"), ROWS)
def test_desk_rows_open_for_their_own_coordinator_only(
    sign_in, full, application, dani, priya, outsider, admin, house, path, what
):
    row = {
        "house": lambda: house,
        "evidence": lambda: application.evidence.get(),
        "membership": lambda: dani.memberships.get(),
        "grant": lambda: RoleGrant.objects.get(person=priya),
        "community": lambda: full,
        "criterion": lambda: full.criteria.get(),
        "partner": lambda: full.partners.get(),
        "agreement": lambda: full.agreements.get(),
    }[what]()
    url = f"/desk/{path}/{row.pk}/change/"

    assert sign_in(priya).get(url).status_code == 200
    assert sign_in(admin).get(url).status_code == 200
    assert sign_in(outsider).get(url).status_code == 302
    assert sign_in(outsider).post(url, {}).status_code in {302, 403}


@pytest.mark.parametrize(
    "path", ["members/membershipapplication", "members/organization", "members/evidence",
             "members/membership", "members/rolegrant", "core/auditevent"]
)  # fmt: skip
def test_desk_list_query_count_is_constant(
    sign_in, full, priya, house, path, django_assert_max_num_queries
):
    client = sign_in(priya)
    client.get(f"/desk/{path}/")
    with django_assert_max_num_queries(80) as before:
        client.get(f"/desk/{path}/")
    for number in range(3):
        person = make_person(f"Zoë Ørsted-{'Long' * 20} {number}")
        apply(full, person, organization=make_organization(f"Maison {number}"))
        full.memberships.create(person=person, joined_on="2026-04-01")
        RoleGrant.objects.create(
            community=full, person=person, role="greeter", starts_on="2026-04-01", granted_by=priya
        )
    with django_assert_max_num_queries(len(before)):
        client.get(f"/desk/{path}/")


def test_coordinator_edits_the_texts_and_leaves_a_line(sign_in, full, priya):
    client = sign_in(priya)
    url = f"/desk/members/community/{full.pk}/change/"
    form = client.get(url).context["adminform"].form
    data = {name: form.initial.get(name) or "" for name in form.fields}

    response = client.post(
        url, data | {"purpose": "New words.", "languages": ["en"], "functions": []}
    )

    assert response.status_code == 302
    full.refresh_from_db()
    assert full.purpose == "New words."
    assert "purpose" in AuditEvent.objects.get(action="community_updated").reason
    assert full.slug == "every-door"


def test_new_agreement_is_the_next_version(sign_in, full, priya):
    lines = "One.\n\nTwo, with a comma."
    data = {"community": full.pk, "lines": lines, "asks_again": "on"}
    client, url = sign_in(priya), "/desk/members/participationagreement/add/"

    preview = client.post(url, data).content.decode()
    assert "<ins>Two, with a comma.</ins>" in preview
    assert "<del>Ask before giving advice.</del>" in preview
    assert ParticipationAgreement.objects.filter(community=full).count() == 1
    client.post(url, data | {"confirmed": "1"})

    newest = ParticipationAgreement.objects.get(community=full, version=2)
    assert newest.lines == ["One.", "Two, with a comma."]
    assert newest.asks_again


def test_coordinator_cannot_add_to_another_community(sign_in, full, outsider):
    data = {"community": full.pk, "kind": "learn", "name": "Sneaked in", "cadence": "monthly"}

    sign_in(outsider).post("/desk/members/stream/add/", data)

    assert not Stream.objects.filter(name="Sneaked in").exists()


def test_roles_are_given_and_ended_at_the_desk(sign_in, full, priya, dani):
    client = sign_in(priya)
    data = {"community": full.pk, "email": dani.email.upper(), "role": "librarian", "ends_on": ""}

    asked = client.post("/desk/members/rolegrant/add/", data)
    assert "Dani Achebe-Roy" in asked.content.decode()
    assert "becomes Librarian of" in asked.content.decode()
    assert not RoleGrant.objects.filter(person=dani).exists()
    again = client.post("/desk/members/rolegrant/add/", data | {"edit": "1"})
    assert dani.email.upper() in again.content.decode()
    client.post("/desk/members/rolegrant/add/", data | {"confirmed": "1"})
    grant = RoleGrant.objects.get(person=dani)
    assert User.objects.get(pk=dani.pk).is_staff

    url = f"/desk/members/rolegrant/{grant.pk}/end/"
    assert client.get(url).status_code == 200
    assert User.objects.get(pk=dani.pk).is_staff
    client.post(url)
    assert not User.objects.get(pk=dani.pk).is_staff


def test_roles_of_another_community_are_out_of_reach(sign_in, full, priya, outsider):
    grant = RoleGrant.objects.get(person=priya)
    client = sign_in(outsider)

    assert client.post(f"/desk/members/rolegrant/{grant.pk}/end/").status_code == 404
    data = {"community": full.pk, "email": outsider.email, "role": "coordinator", "ends_on": ""}
    client.post("/desk/members/rolegrant/add/", data | {"confirmed": "1"})
    assert RoleGrant.objects.filter(community=full, person=outsider).count() == 0


def test_nothing_of_this_app_can_be_deleted_at_the_desk(sign_in, full, admin, house, dani):
    client = sign_in(admin)

    for path, pk in (("organization", house.pk), ("membership", dani.memberships.get().pk)):
        assert client.get(f"/desk/members/{path}/{pk}/delete/").status_code == 403


@pytest.mark.parametrize("who", ["priya", "outsider"])
def test_history_of_a_row_is_for_its_own_staff(request, sign_in, full, application, who):
    evidence = application.evidence.get()

    response = sign_in(request.getfixturevalue(who)).get(
        f"/desk/members/evidence/{evidence.pk}/history/"
    )

    assert response.status_code == (200 if who == "priya" else 404)
    assert (b"Evidence sent" in response.content) == (who == "priya")


def test_no_role_is_chosen_beforehand(sign_in, full, priya, dani):
    client = sign_in(priya)
    assert "Choose one" in client.get("/desk/members/rolegrant/add/").content.decode()

    data = {"community": full.pk, "email": dani.email, "role": "", "confirmed": "1"}
    client.post("/desk/members/rolegrant/add/", data)
    assert not RoleGrant.objects.filter(person=dani).exists()


def test_the_list_of_roles_shows_those_in_force_first(sign_in, full, priya, dani):
    RoleGrant.objects.create(
        community=full, person=dani, role="greeter", starts_on="2026-01-01", ends_on="2026-02-01"
    )
    client = sign_in(priya)
    path = "/desk/members/rolegrant/"

    def names(query: str) -> bool:
        return "Dani Achebe-Roy" in client.get(path + query).content.decode()

    assert [names(query) for query in ("", "?force=ended", "?force=all")] == [False, True, True]


def test_people_are_named_without_a_link(sign_in, full, application, priya, dani):
    client = sign_in(priya)

    for path, row in (
        ("membership", dani.memberships.get()),
        ("rolegrant", RoleGrant.objects.get(person=priya)),
        ("evidence", application.evidence.get()),
    ):
        text = client.get(f"/desk/members/{path}/{row.pk}/change/").content.decode()
        assert "/desk/members/user/" not in text
    assert "Newcomer Nia" in text


def test_history_speaks_in_words(sign_in, full, application, reviewer, priya):
    request_information(
        application=application, by=reviewer, seen_version=1, message="Which?",
        reason_codes=["NAME_MISMATCH"], now=NOW,
    )  # fmt: skip

    text = sign_in(priya).get("/desk/core/auditevent/").content.decode()

    for words in ("Waiting for the applicant", "Name differs", "Newcomer Nia", "Application"):
        assert words in text
    for code in ("info_requested", "NAME_MISMATCH", "members.evidence<"):
        assert code not in text


def test_staff_of_one_community_see_no_column_for_it(sign_in, full, other_community, priya):
    client = sign_in(priya)
    assert "column-community_name" not in client.get("/desk/members/rolegrant/").content.decode()

    make_grant = {"person": priya, "role": "coordinator", "starts_on": "2026-04-01"}
    RoleGrant.objects.create(community=other_community, **make_grant)
    assert "column-community_name" in client.get("/desk/members/rolegrant/").content.decode()


def test_saving_is_told_in_our_words(sign_in, full, priya):
    data = {"community": full.pk, "kind": "learn", "name": "Evening talks", "cadence": "monthly"}
    page = sign_in(priya).post("/desk/members/stream/add/", data, follow=True)

    text = page.content.decode()
    assert "Saved: <a" in text
    assert "successfully" not in text
