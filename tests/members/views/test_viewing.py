"""A coordinator looks at the community as a member sees it (P3)."""

from datetime import date

import pytest

from cop.core.models import AuditEvent
from members.middleware import MEMBER_VIEW
from members.models import Membership, RoleGrant
from tests.conftest import CAST
from tests.factories import make_meeting

PAGE, END = "/every-door/view-as-member/", "/every-door/view-as-member/end/"


@pytest.mark.parametrize("who", [*CAST, "reviewer"])
def test_member_view_is_for_coordinators(request, sign_in, community, who):
    client = sign_in(request.getfixturevalue(who))

    statuses = client.get(PAGE).status_code, client.post(PAGE).status_code

    allowed = who in {"priya", "admin"}
    assert statuses == ((200, 302) if allowed else ((302, 302) if who == "visitor" else (404, 404)))
    assert (MEMBER_VIEW in client.session) == allowed
    assert AuditEvent.objects.filter(action="member_view_began").exists() == allowed


def test_looking_begins_with_the_button_only(sign_in, community, priya):
    client = sign_in(priya)
    client.get(PAGE)
    assert MEMBER_VIEW not in client.session


def test_member_view_shows_what_members_see_and_reads_only(sign_in, community, priya, dani):
    meeting = make_meeting(community, audience="members_only", local_date=date(2026, 12, 10))
    client = sign_in(priya)
    client.post(PAGE)

    home = client.get("/every-door/").content.decode()
    page = client.get(meeting.get_absolute_url())
    directory = client.get("/every-door/directory/")

    assert "as a member sees it" in home
    assert 'aria-label="Staff"' not in home
    assert page.status_code == directory.status_code == 200
    answer = client.post(f"{meeting.get_absolute_url()}answer/", {"answer": "going"})
    assert answer.status_code == 403
    assert not meeting.rsvps.exists()
    assert not Membership.objects.filter(person=priya).exists()
    noted = AuditEvent.objects.filter(action="member_view_page", actor_id=priya.pk)
    assert sorted(noted.values_list("reason", flat=True)) == sorted(
        ["/every-door/", meeting.get_absolute_url(), "/every-door/directory/"]
    )
    assert set(noted.values_list("scope", flat=True)) == {community.public_id}


def test_member_view_closes_everything_else(sign_in, community, other_community, priya, dani):
    client = sign_in(priya)
    client.post(PAGE)

    for path in ("/desk/", "/me/", "/social-rd/", "/communities/", "/"):
        page = client.get(path)
        assert page.status_code == 403
        assert "You are only looking" in page.content.decode()
    assert client.post("/every-door/join/").status_code == 403
    # Everything of a particular person stays out of sight.
    assert "Dani Achebe-Roy" not in client.get("/every-door/").content.decode()


def test_member_view_ends_with_one_click(sign_in, community, priya):
    client = sign_in(priya)
    client.post(PAGE)

    response = client.post(END)

    assert response["Location"] == "/every-door/"
    assert client.get("/desk/").status_code == 200
    assert AuditEvent.objects.filter(action="member_view_ended").count() == 1
    assert client.post(END).status_code == 404
    assert client.get(END).status_code == 405


def test_member_view_ends_by_itself(sign_in, community, priya, outsider):
    client = sign_in(priya)
    client.post(PAGE)
    session = client.session
    session[MEMBER_VIEW] = session[MEMBER_VIEW] | {"at": session[MEMBER_VIEW]["at"] - 1801}
    session.save()
    assert client.get("/desk/").status_code == 200

    client.post(PAGE)
    RoleGrant.objects.filter(person=priya).update(ends_on=date(2026, 1, 1), starts_on="2025-01-01")
    assert "as a member sees it" not in client.get("/every-door/").content.decode()


def test_one_may_sign_out_while_looking(sign_in, community, priya):
    client = sign_in(priya)
    client.post(PAGE)
    assert client.post("/account/logout/").status_code == 302
