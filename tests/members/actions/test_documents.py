from datetime import timedelta

import pytest

from cop.core.models import AuditEvent
from members.actions import decline_application, purge_old_documents
from members.models import Evidence, MembershipApplication
from members.tasks import keep_standing_task
from tests.factories import NOW


@pytest.fixture
def decided(application, reviewer):
    decline_application(
        application=application, by=reviewer, seen_version=1, message="No",
        reason_codes=["NOT_IN_BC"], now=NOW,
    )  # fmt: skip
    return application.evidence.get()


def test_purge_old_documents_deletes_90_days_after_the_decision(
    decided, django_capture_on_commit_callbacks
):
    path, storage = decided.document.name, decided.document.storage
    with django_capture_on_commit_callbacks(execute=True):
        assert purge_old_documents(now=NOW + timedelta(days=89)) == 0
    assert storage.exists(path)

    with django_capture_on_commit_callbacks(execute=True):
        assert purge_old_documents(now=NOW + timedelta(days=90)) == 1
    assert purge_old_documents(now=NOW + timedelta(days=91)) == 0

    decided.refresh_from_db()
    assert not storage.exists(path)
    assert (decided.document.name, decided.reference) == ("", "Moss Stair")
    assert AuditEvent.objects.filter(action="evidence_purged", actor=None).count() == 1


def test_purge_old_documents_finishes_what_a_crash_left(decided):
    Evidence.objects.filter(pk=decided.pk).update(document_purged_at=NOW)

    purge_old_documents(now=NOW)

    assert not decided.document.storage.exists(decided.document.name)
    decided.refresh_from_db()
    assert not decided.document


def test_purge_old_documents_keeps_what_is_still_open(application):
    assert purge_old_documents(now=NOW + timedelta(days=400)) == 0
    assert application.evidence.get().document


def test_the_clock_looks_after_papers(decided, django_capture_on_commit_callbacks):
    MembershipApplication.objects.update(decided_at=NOW - timedelta(days=400))

    with django_capture_on_commit_callbacks(execute=True):
        keep_standing_task()

    decided.refresh_from_db()
    assert not decided.document
