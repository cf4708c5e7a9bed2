import multiprocessing
import os
import signal
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import connections
from django.db.models import Count

from cop.core.errors import ActionError
from library.actions import importing
from library.actions.importing import run_imports
from library.actions.imports import confirm_import, drop_import, purge_imports, start_import
from library.errors import NotNow
from library.models import LibraryImport, Resource
from tests.core.uploads import odt, office
from tests.factories import NOW, make_community, make_staff
from tests.library.factories import make_resource
from tests.library.folders import HEAD, folder, links, pdf, sent

LIST = "/desk/library/libraryimport/"


def looked(community, by, parts) -> LibraryImport:
    run = start_import(community=community, file=folder(parts), by=by, now=NOW)
    run_imports(now=NOW)
    run.refresh_from_db()
    return run


def states(run: LibraryImport) -> list[str]:
    return [row["state"] for row in run.rows]


def taken(run: LibraryImport, by, **words) -> LibraryImport:
    confirm_import(run=run, by=by, **words)
    run_imports(now=NOW)
    run.refresh_from_db()
    return run


def test_a_folder_with_a_table_becomes_resources_in_review(community, priya):
    table = HEAD + "card.pdf,Night card,What it is.,tool,own\n,Broken,Words.,tool,own\n"
    run = looked(community, priya, {"resources.csv": table, "card.pdf": pdf()})
    assert run.state == "ready"
    assert states(run) == ["good", "bad"]
    assert not Resource.objects.exists()

    run = taken(run, priya)

    one = Resource.objects.get()
    assert (one.title, one.state, one.visibility) == ("Night card", "in_review", "members")
    assert (one.submitted_by, one.file_name, one.text_state) == (priya, "card.pdf", "waiting")
    assert run.state == "done"
    assert run.rows[0]["id"] == one.public_id
    assert not run.file


def test_the_zip_goes_when_all_is_taken_over(community, priya, django_capture_on_commit_callbacks):
    run = looked(community, priya, {"card.pdf": pdf()})
    name = run.file.name
    with django_capture_on_commit_callbacks(execute=True):
        taken(run, priya)

    assert not default_storage.exists(name)


def test_each_file_alone_waits_for_its_words(community, priya):
    run = taken(looked(community, priya, {"a/night-card.pdf": pdf()}), priya, publish=True)

    one = Resource.objects.get()
    assert (one.title, one.summary, one.state) == ("Night card", "", "in_review")
    assert "not said" in run.rows[0]["waits"]


def test_published_are_those_that_are_complete(community, priya, mailbox):
    table = (
        "url,title,summary,kind,rights,visibility,publisher\n"
        "https://a.example/,Guide,Words.,guideline,link_only,public,Health Canada\n"
        "https://b.example/,Half,Words.,guideline,link_only,public,\n"
        "https://c.example/,Page,Words.,link,link_only,,\n"
    )
    run = taken(looked(community, priya, {"resources.csv": table}), priya, publish=True)

    found = dict(Resource.objects.values_list("title", "state"))
    assert found == {"Guide": "published", "Half": "in_review", "Page": "published"}
    assert "publisher" in run.rows[1]["waits"]
    assert Resource.objects.get(title="Page").visibility == "members"


def test_what_is_there_already_is_left_out_unless_asked_for(community, priya):
    make_resource(community, title="night CARD")
    make_resource(community, title="Page", url="https://a.example/x")
    table = (
        "file,url,title,summary,kind,rights\n"
        "card.pdf,,Night card,Words.,tool,own\n"
        ",https://a.example/x,Other,Words.,link,link_only\n"
        "new.pdf,,New,Words.,tool,own\ncopy.pdf,,Copy,Words.,tool,own\n"
    )
    parts = {"card.pdf": pdf("1"), "new.pdf": pdf("2"), "copy.pdf": pdf("2")}
    run = looked(community, priya, {"resources.csv": table, **parts})

    assert states(run) == ["same", "same", "good", "same"]
    assert run.rows[3]["same"] == "The same as line 4."
    taken(run, priya)
    assert Resource.objects.count() == 3

    again = looked(community, priya, {"again.pdf": pdf("2")})
    assert "This very file" in again.rows[0]["same"]
    taken(again, priya, takes_same=True)
    assert Resource.objects.count() == 4


def test_the_same_elsewhere_does_not_matter(community, other_community, priya):
    make_resource(other_community, title="Night card")

    assert states(looked(community, priya, {"night-card.pdf": pdf()})) == ["good"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.exe", b"MZ", "of this kind"),
        ("a.docx", office("docx", {"word/vbaProject.bin": b"x"}), "macros"),
        ("a.pdf", b"<html>", "something else"),
        ("a.pdf", b"", "empty"),
        ("a.zip", b"PK\x03\x04", "packed files"),
        ("a.svg", b"<svg/>", "drawing"),
    ],
)
def test_hostile_files_are_refused_line_by_line(community, priya, name, content, words):
    run = looked(community, priya, {name: content, "good.odt": odt()})

    assert sorted(states(run)) == ["bad", "good"]
    assert words in " ".join(next(row for row in run.rows if row["state"] == "bad")["problems"])


def test_nothing_in_it(community, priya):
    for parts in ({"resources.csv": HEAD}, {".DS_Store": b"x"}):
        run = looked(community, priya, parts)
        assert run.state == "failed"
        assert "nothing in it" in run.problem
    with pytest.raises(ActionError, match="empty"):
        start_import(community=community, file=sent(b""), by=priya, now=NOW)


def test_a_thousand_lines(community, priya, django_assert_max_num_queries):
    run = start_import(
        community=community, file=folder({"resources.csv": links(1000)}), by=priya, now=NOW
    )
    # A slice of twenty asks the same few questions, however long the list is.
    with django_assert_max_num_queries(50 * 8 + 20):
        run_imports(now=NOW)
    run.refresh_from_db()
    assert states(run) == ["good"] * 1000

    run = taken(run, priya)
    assert Resource.objects.count() == 1000
    assert run.state == "done"


def test_a_double_click_takes_it_over_once(community, priya):
    run = looked(community, priya, {"resources.csv": links(3)})

    assert confirm_import(run=run, by=priya) == 3
    assert confirm_import(run=run, by=priya) == 3
    run_imports(now=NOW)
    assert confirm_import(run=run, by=priya) == 3
    run_imports(now=NOW)
    assert Resource.objects.count() == 3


def test_thrown_away(community, priya):
    run = looked(community, priya, {"resources.csv": links(1)})
    drop_import(run=run, by=priya)
    drop_import(run=run, by=priya)

    assert not LibraryImport.objects.exists()
    with pytest.raises(NotNow):
        confirm_import(run=run, by=priya)


def test_after_a_week_the_folder_goes(community, priya):
    run = looked(community, priya, {"resources.csv": links(1)})
    purge_imports(now=run.created_at + timedelta(days=6))
    run.refresh_from_db()
    assert run.state == "ready"
    purge_imports(now=run.created_at + timedelta(days=8))
    run.refresh_from_db()
    assert (run.state, bool(run.file)) == ("failed", False)


@pytest.mark.parametrize("role", ["editor", "reviewer", "facilitator"])
def test_only_keepers(community, role):
    with pytest.raises(ActionError):
        start_import(
            community=community, file=folder({"a.txt": "x"}), by=make_staff(community, role),
            now=NOW,
        )  # fmt: skip


def test_a_broken_line_costs_only_itself(community, priya, monkeypatch):
    run = looked(community, priya, {"resources.csv": links(3)})
    keep = importing._Work._keep

    def breaking(work, one, plan):
        if plan.title == "Tool 1":
            raise ValueError
        return keep(work, one, plan)

    monkeypatch.setattr(importing._Work, "_keep", breaking)
    run = taken(run, priya)

    assert Resource.objects.count() == 2
    assert "went wrong" in run.rows[1]["failed"]
    assert run.state == "done"


def _die_at(number: int) -> None:
    """In a process of its own: killed while it keeps line `number`, with half a slice written."""
    keep = importing._Work._keep

    def dying(work, run, plan):
        resource = keep(work, run, plan)
        if plan.title == f"Tool {number}":
            os.kill(os.getpid(), signal.SIGKILL)
        return resource

    importing._Work._keep = dying
    run_imports(now=NOW)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [0, 19, 27, 44])
def test_a_killed_worker_leaves_no_doubles(number):
    community = make_community("killed")
    librarian = make_staff(community, "librarian")
    run = looked(community, librarian, {"resources.csv": links(45)})
    confirm_import(run=run, by=librarian)
    connections.close_all()
    worker = multiprocessing.get_context("fork").Process(target=_die_at, args=[number])
    worker.start()
    worker.join(60)

    assert worker.exitcode == -signal.SIGKILL
    assert Resource.objects.count() == number // 20 * 20
    run_imports(now=NOW)
    run_imports(now=NOW)
    run.refresh_from_db()
    assert run.state == "done"
    doubles = Resource.objects.values("title").annotate(n=Count("pk")).filter(n__gt=1)
    assert (Resource.objects.count(), doubles.count()) == (45, 0)
    assert {row["id"] for row in run.rows} == set(
        Resource.objects.values_list("public_id", flat=True)
    )
