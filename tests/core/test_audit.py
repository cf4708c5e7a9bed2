import pytest
from django.db import DatabaseError, connection, transaction

from cop.core.audit import record
from cop.core.models import AuditEvent
from members.models import Community, User


@pytest.fixture
def event(community: Community, priya: User) -> AuditEvent:
    record("community_updated", community, by=priya, scope=community.public_id, old="a", new="b")
    return AuditEvent.objects.get()


def test_record_names_ids_and_no_person(event: AuditEvent, community: Community) -> None:
    assert (event.object_type, event.object_id) == ("members.community", community.public_id)


@pytest.mark.parametrize(
    "statement", ["UPDATE core_auditevent SET new='c'", "DELETE FROM core_auditevent"]
)
def test_audit_events_cannot_be_changed(event: AuditEvent, statement: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)
    event.refresh_from_db()
    assert event.new == "b"


def test_the_one_erasure_function_makes_the_person_nobody(event: AuditEvent, priya: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT core_erase_person(%s)", [priya.pk])
        assert cursor.fetchone()[0] == 1
    event.refresh_from_db()
    assert (event.actor_id, event.new) == (None, "b")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEvent.objects.update(new="c")
