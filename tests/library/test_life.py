"""Out of the library and back: replaced, put away, taken out."""

import pytest

from cop.core.models import AuditEvent
from library.actions import (
    ConsentMissing,
    Incomplete,
    NotNow,
    add_credit,
    archive_resource,
    restore_resource,
    supersede_resource,
    withdraw_resource,
)
from library.models import Resource
from tests.factories import NOW, make_community
from tests.library.factories import make_resource

WHY = "The numbers are wrong."


@pytest.fixture
def old(community) -> Resource:
    return make_resource(community, title="Old card")


@pytest.fixture
def new(community) -> Resource:
    return make_resource(community, title="New card")


def state_of(resource: Resource) -> str:
    return Resource.objects.values_list("state", flat=True).get(pk=resource.pk)


def test_the_old_address_leads_to_the_new_one(client, old, new, priya):
    supersede_resource(resource=old, successor=new, by=priya)

    answer = client.get(old.get_absolute_url())
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Something newer has taken its place" in page
    assert new.get_absolute_url() in page
    listed = client.get(f"/{old.community.slug}/library/").content.decode()
    assert "New card" in listed
    assert "Old card" not in listed
    event = AuditEvent.objects.get(action="library.resource_superseded")
    assert (event.old, event.new) == ("published", "superseded")


def test_a_chain_leads_to_its_end(community, old, new, priya):
    newest = make_resource(community)
    supersede_resource(resource=old, successor=new, by=priya)
    supersede_resource(resource=new, successor=newest, by=priya)
    old.refresh_from_db()
    assert old.superseded_by == newest


def test_what_cannot_take_its_place(community, old, priya):
    waiting = make_resource(community, state="in_review")
    elsewhere = make_resource(make_community("other", name="Other"))
    for other in (old, waiting, elsewhere):
        with pytest.raises(Incomplete):
            supersede_resource(resource=old, successor=other, by=priya)
    assert state_of(old) == "published"


def test_neither_replaces_the_other(old, new, priya):
    supersede_resource(resource=old, successor=new, by=priya)
    with pytest.raises(Incomplete):
        supersede_resource(resource=new, successor=old, by=priya)
    with pytest.raises(NotNow):
        supersede_resource(resource=old, successor=new, by=priya)


def test_a_withdrawn_address_says_why(client, old, priya):
    withdraw_resource(resource=old, by=priya, reason=WHY)
    answer = client.get(old.get_absolute_url())
    assert answer.status_code == 410
    assert WHY in answer.content.decode()


def test_what_is_put_away_is_open_to_keepers_only(sign_in, old, priya, dani, visitor):
    archive_resource(resource=old, by=priya, reason=WHY)
    for person, status in ((priya, 200), (dani, 404), (visitor, 404)):
        assert sign_in(person).get(old.get_absolute_url()).status_code == status


@pytest.mark.parametrize("state", ["withdrawn", "archived", "superseded"])
def test_bringing_it_back(client, community, new, priya, state):
    away = make_resource(community, state=state, return_reason=WHY, superseded_by=new)
    was = away.published_at
    restore_resource(resource=away, by=priya, now=NOW)

    away.refresh_from_db()
    assert (away.state, away.return_reason, away.superseded_by) == ("published", "", None)
    assert away.published_at == was
    assert client.get(away.get_absolute_url()).status_code == 200
    with pytest.raises(NotNow):
        restore_resource(resource=away, by=priya, now=NOW)


def test_nothing_comes_back_without_every_yes(community, old, priya, dani):
    withdraw_resource(resource=old, by=priya, reason=WHY)
    add_credit(resource=old, part="speaker", by=priya, now=NOW, person=dani)
    with pytest.raises(ConsentMissing):
        restore_resource(resource=old, by=priya, now=NOW)
    assert state_of(old) == "withdrawn"


def test_nothing_comes_back_after_its_time(community, priya):
    over = make_resource(community, state="archived", kind="recording", expires_on=NOW.date())
    with pytest.raises(Incomplete, match="time"):
        restore_resource(resource=over, by=priya, now=NOW)


def test_the_steps_of_the_desk(sign_in, old, new, priya):
    client, path = sign_in(priya), f"/desk/library/resource/{old.pk}"
    assert b"Old card" in client.get(f"{path}/supersede/").content
    client.post(f"{path}/archive/", {"reason": WHY})
    assert state_of(old) == "archived"
    client.post(f"{path}/restore/")
    assert state_of(old) == "published"
    assert client.post(f"{path}/supersede/", {"successor": old.pk}).status_code == 200
    client.post(f"{path}/supersede/", {"successor": new.pk})
    assert state_of(old) == "superseded"
    client.post(f"{path}/restore/")
    client.post(f"{path}/withdraw/", {"reason": WHY})
    assert state_of(old) == "withdrawn"


def test_nobody_replaces_by_what_is_elsewhere(sign_in, old, priya):
    far = make_resource(make_community("other", name="Other"), title="Far away")
    client, path = sign_in(priya), f"/desk/library/resource/{old.pk}/supersede/"
    assert b"Far away" not in client.get(path).content
    assert client.post(path, {"successor": far.pk}).status_code == 200
    assert state_of(old) == "published"


def test_a_step_on_what_somebody_else_moved_says_so(sign_in, old, priya):
    client, path = sign_in(priya), f"/desk/library/resource/{old.pk}"
    client.post(f"{path}/archive/", {"reason": WHY})
    page = client.post(f"{path}/archive/", {"reason": WHY}, follow=True).content.decode()
    assert "not possible any more" in page
