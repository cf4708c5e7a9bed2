"""What is deleted when, and what lies around without a row (E7)."""

import os
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from cop.core.models import AuditEvent
from members.actions import withdraw_application
from members.actions.documents import purge_old_documents
from members.actions.papers import keep_papers, remove_orphans
from members.actions.standing import PARTS
from members.actions.waiting import keep_applications
from members.models import AppealFile, Evidence, MembershipApplication
from tests.core.uploads import PDF
from tests.factories import NOW
from tests.members.appeals import decline, make_appeal

DAY = timedelta(days=1)


@pytest.fixture
def keep(django_capture_on_commit_callbacks):
    def _keep(now):
        with django_capture_on_commit_callbacks(execute=True):
            keep_papers(now=now)

    return _keep


def paper_of(application):
    return application.evidence.get()


def is_kept(row):
    row.refresh_from_db()
    return bool(row.document)


def test_the_nightly_look_looks_after_papers():
    assert keep_papers in PARTS


def test_papers_of_what_was_taken_back_go_after_90_days(application, newcomer, keep):
    withdraw_application(application=application, person=newcomer, now=NOW)
    keep(NOW + 89 * DAY)
    assert is_kept(paper_of(application))
    keep(NOW + 90 * DAY)
    assert not is_kept(paper_of(application))


def test_papers_of_what_lapsed_go_after_90_days(application, keep):
    MembershipApplication.objects.update(state="info_requested", answer_by=NOW.date())
    keep_applications(now=NOW + 2 * DAY)
    application.refresh_from_db()
    assert application.state == "lapsed"
    keep(application.decided_at + 89 * DAY)
    assert is_kept(paper_of(application))
    keep(application.decided_at + 90 * DAY)
    assert not is_kept(paper_of(application))


def test_papers_of_an_erased_person_go_at_once(application, newcomer, keep):
    paper = paper_of(application)
    path = paper.document.path
    newcomer.delete()
    keep(NOW)
    assert not is_kept(paper)
    assert not os.path.exists(path)
    event = AuditEvent.objects.get(action="evidence_purged")
    assert event.reason == "the sender is erased"


def test_papers_of_an_appeal_go_90_days_after_its_decision(
    application, reviewer, keep, checked_photo
):
    row = decline(application, reviewer)
    appeal = make_appeal(row, documents=[checked_photo])
    sent = appeal.files.get()
    keep(NOW + 300 * DAY)
    assert is_kept(sent)
    assert is_kept(paper_of(row))

    decided = NOW + 300 * DAY
    type(appeal).objects.update(state="dismissed", decided_at=decided)
    MembershipApplication.objects.update(state="appeal_dismissed", decided_at=decided)
    keep(decided + 89 * DAY)
    assert is_kept(sent)
    assert is_kept(paper_of(row))
    path = sent.document.path
    keep(decided + 90 * DAY)
    assert not is_kept(sent)
    assert not is_kept(paper_of(row))
    assert not os.path.exists(path)


def test_papers_of_a_returned_appeal_count_from_its_new_review(
    application, reviewer, keep, checked_photo
):
    appeal = make_appeal(decline(application, reviewer), documents=[checked_photo])
    type(appeal).objects.update(state="returned", decided_at=NOW)
    MembershipApplication.objects.update(state="in_review", decided_at=None)
    keep(NOW + 200 * DAY)
    assert is_kept(appeal.files.get())
    MembershipApplication.objects.update(state="approved", decided_at=NOW + 200 * DAY)
    keep(NOW + 289 * DAY)
    assert is_kept(appeal.files.get())
    keep(NOW + 290 * DAY)
    assert not is_kept(appeal.files.get())


def test_a_paper_that_a_newer_one_overtook_goes_too(house, criterion, reviewer, keep):
    row = Evidence.objects.create(
        organization=house, criterion=criterion, submitted_by=reviewer, submitted_at=NOW,
        document=ContentFile(PDF, name="key"), state="superseded",
    )  # fmt: skip
    keep(NOW + 89 * DAY)
    assert is_kept(row)
    keep(NOW + 90 * DAY)
    assert not is_kept(row)


def test_a_paper_that_nobody_has_looked_at_stays(house, criterion, reviewer, keep):
    row = Evidence.objects.create(
        organization=house, criterion=criterion, submitted_by=reviewer, submitted_at=NOW,
        document=ContentFile(PDF, name="key"),
    )  # fmt: skip
    keep(NOW + 400 * DAY)
    assert is_kept(row)


def test_files_that_no_row_names_are_found_and_removed(application, reviewer, checked_photo):
    appeal = make_appeal(decline(application, reviewer), documents=[checked_photo])
    for folder in ("evidence", "appeals", "imports"):
        default_storage.save(f"{folder}/of-no-row", ContentFile(PDF))
    default_storage.save("library/not-ours", ContentFile(PDF))
    now = default_storage.get_modified_time("evidence/of-no-row")

    assert remove_orphans(now=now + timedelta(hours=23)) == 0
    assert remove_orphans(now=now + timedelta(hours=25)) == 3
    assert remove_orphans(now=now + timedelta(hours=25)) == 0

    assert default_storage.exists("library/not-ours")
    assert is_kept(paper_of(application))
    assert default_storage.exists(paper_of(application).document.name)
    assert default_storage.exists(appeal.files.get().document.name)


def test_files_of_an_erased_person_s_appeal_leave_the_storage(
    application, reviewer, newcomer, checked_photo
):
    appeal = make_appeal(decline(application, reviewer), documents=[checked_photo])
    name = appeal.files.get().document.name
    now = default_storage.get_modified_time(name)
    newcomer.delete()
    assert not AppealFile.objects.exists()

    remove_orphans(now=now + 2 * DAY)

    assert not default_storage.exists(name)


def test_without_any_file_there_is_nothing_to_do(db):
    assert remove_orphans(now=NOW) == 0
    assert purge_old_documents(now=NOW) == 0


def test_files_of_another_database_are_left_alone(db, monkeypatch):
    """An empty database before a restore must not cost the papers."""
    monkeypatch.setattr("cop.core.keeping_files.TOO_MANY", 3)
    for number in range(4):
        default_storage.save(f"evidence/of-another-{number}", ContentFile(PDF))
    now = default_storage.get_modified_time("evidence/of-another-0")

    assert remove_orphans(now=now + 2 * DAY) == 0
    assert default_storage.exists("evidence/of-another-0")
