import csv
import io
import zipfile

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile

from library import exports
from library.actions.importing import run_imports
from library.actions.imports import confirm_import, start_import
from library.importing.columns import NAMES
from library.models import Resource
from members.models import Stream
from tests.conftest import CAST
from tests.factories import NOW, make_staff
from tests.library.factories import make_resource
from tests.library.folders import pdf, sent

CSV, ZIP = "/every-door/library/export.csv", "/every-door/library/export.zip"


@pytest.fixture(autouse=True)
def first_hour():
    cache.clear()


def table(response) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def with_file(community, name="card.pdf", content=None, **fields):
    content = content or pdf()
    file = {"url": "", "file": ContentFile(content, name=name), "file_name": name}
    return make_resource(community, file_size=len(content), file_type="pdf", **{**file, **fields})


@pytest.mark.parametrize("who", CAST)
def test_the_list_holds_what_each_may_see(request, sign_in, community, who):
    for visibility in ("public", "members_and_allies", "members"):
        make_resource(community, title=visibility, visibility=visibility)
    make_resource(community, title="waits", state="in_review", visibility="public")
    person = request.getfixturevalue(who)
    rows = table(sign_in(person).get(CSV))

    seen = Resource.objects.visible_to(person).published()
    assert [row["title"] for row in rows] == list(
        seen.order_by("pk").values_list("title", flat=True)
    )
    assert ("members" in [row["title"] for row in rows]) == (who in {"dani", "priya"})
    if who in {"funder", "visitor", "newcomer", "stranger", "admin"}:
        assert [row["title"] for row in rows] == ["public"]


@pytest.mark.parametrize("who", CAST)
def test_the_files_are_for_members(request, sign_in, community, who):
    make_resource(community)
    response = sign_in(request.getfixturevalue(who)).get(ZIP)

    assert (response.status_code == 200) == (who in {"dani", "priya"})


def test_no_cell_runs_as_a_formula(sign_in, community, visitor):
    make_resource(community, title="=cmd|' /C calc'!A0", summary="+1\n-2", topics=["@x"])
    (row,) = table(sign_in(visitor).get(CSV))

    assert row["title"].startswith("'=")
    assert row["summary"].startswith("'+")
    assert row["topics"].startswith("'@")


@pytest.mark.parametrize("count", [0, 1, 450])
def test_queries_do_not_grow(community, visitor, count, django_assert_num_queries):
    for _number in range(count):
        make_resource(community)
    with django_assert_num_queries(1):
        lines = list(exports.csv_lines(exports.to_export(community, visitor), community))

    assert len(lines) == count + 1


def test_once_an_hour(sign_in, community, dani):
    client = sign_in(dani)
    assert client.get(ZIP).status_code == 200
    page = client.get(ZIP, follow=True)
    assert "within the last hour" in page.content.decode()


def test_too_much_is_said_before_it_starts(sign_in, community, dani, monkeypatch):
    with_file(community)
    monkeypatch.setattr(exports, "MOST_BYTES", 10)
    page = sign_in(dani).get(ZIP, follow=True)

    assert "Take the list (CSV)" in page.content.decode()


def test_only_files_that_may_be_served(sign_in, community, dani, own_media):
    with_file(community, "good.pdf")
    with_file(community, "bad.pdf", scan_state="infected")
    gone = with_file(community, "gone.pdf")
    gone.file.storage.delete(gone.file.name)
    data = b"".join(sign_in(dani).get(ZIP).streaming_content)

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        names = [name.rpartition("/")[2] for name in archive.namelist()]
    assert names == ["resources.csv", "good.pdf"]


def test_what_goes_out_comes_in_again_as_it_was(sign_in, community, other_community, dani):
    for place in (community, other_community):
        Stream.objects.create(community=place, kind="learn", name="Ententes · ʔa", is_active=True)
    stream = Stream.objects.get(community=community)
    make_resource(
        community, title="'=Été ʔaq̓am", summary="-un\n-deux; trois", kind="guideline",
        language="fr", topics=["nuit", "relève, bleue"], rights="cc_by", visibility="members",
        publisher="CIUSSS", edition="3ᵉ", date_of_source="2024-02-29", stream=stream,
        audience_tags=["Night staff"], source="مركز", url="https://a.example/x?a=1;b=2",
        evidence="evidence_based", is_external=True, reading_minutes=12,
        sensitivity="heavy_topic", sensitivity_note="Deuil",
    )  # fmt: skip
    text = {"url": "", "body": "# Un\n\n- deux\n- trois", "reading_minutes": 1}
    make_resource(community, title="Texte", topics=["un, deux"], **text)
    with_file(community, "Carte été.pdf", title="Carte", used_where="Here", limits="There")
    data = b"".join(sign_in(dani).get(ZIP).streaming_content)
    librarian = make_staff(other_community, "librarian")
    run = start_import(community=other_community, file=sent(data), by=librarian, now=NOW)
    run_imports(now=NOW)
    run.refresh_from_db()
    assert [row["problems"] for row in run.rows] == [[], [], []]
    confirm_import(run=run, by=librarian)
    run_imports(now=NOW)

    assert told(other_community) == told(community)
    assert Resource.objects.get(community=other_community, title="Carte").file.read() == pdf()


def told(community) -> list[dict]:
    names = [name for name in NAMES if name not in {"file", "stream"}]
    rows = Resource.objects.filter(community=community).order_by("pk")
    return list(rows.values(*names, "stream__name", "file_name", "file_size", "file_type"))
