"""Lists and two connections: a living worker is told from a dead one, and nothing is half done."""

from contextlib import suppress
from datetime import timedelta
from threading import Event, Thread

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from members.actions.imports import confirm_import, run_imports, start_import, work
from members.actions.imports.runs import has_stopped
from members.models import ImportRun, User
from tests.factories import NOW

TEXT = b"Name,E-mail address\nAna,ana@a.example\nBo,bo@a.example\n"


@pytest.mark.django_db(transaction=True)
def test_living_worker_holds_the_row_and_a_dead_one_lets_go(community, priya, monkeypatch):
    file = SimpleUploadedFile("a.csv", TEXT)
    run = start_import(community=community, kind="people", file=file, by=priya, now=NOW)
    run_imports(now=NOW)
    run.refresh_from_db()
    confirm_import(run=run, by=priya, now=NOW, choices={})
    written, may_die = Event(), Event()
    write = work.write_people

    def write_and_wait(*args, **kwargs):
        write(*args, **kwargs)
        written.set()
        may_die.wait(20)
        # The server sees a killed process as this: a connection that is gone.
        connection.close()
        raise SystemExit

    def run_worker():
        with suppress(SystemExit):
            run_imports(now=NOW)

    monkeypatch.setattr(work, "write_people", write_and_wait)
    worker = Thread(target=run_worker)
    worker.start()
    assert written.wait(20)
    run.refresh_from_db()
    later = NOW + timedelta(minutes=1)
    assert run.state == "running"
    assert not has_stopped(run, now=later)

    may_die.set()
    worker.join(20)
    # The server takes a moment to see that the other end is gone: wait for its lock.
    with transaction.atomic():
        ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)

    assert has_stopped(ImportRun.objects.get(pk=run.pk), now=later)
    assert not User.objects.filter(email__endswith="@a.example").exists()
