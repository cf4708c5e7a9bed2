"""What a worker reads becomes findable; what ends a worker is given up."""

from functools import partial

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from cop.core.uploads import check_upload
from cop.demo.documents import make_document
from library.actions import edit_resource, submit_resource
from library.actions.reading import MOST_TRIES, read_waiting_files
from library.extraction import read_file
from library.models import Resource
from library.search import Filters, find
from tests.factories import make_staff
from tests.library.factories import make_resource

SAID = "Une tisane et une couverture valent mieux qu'un formulaire."


@pytest.fixture
def librarian(community):
    return make_staff(community, "librarian")


def sent(community, librarian, name="guide.pdf", pages=(SAID,), **fields):
    return submit_resource(
        community=community, person=librarian, now=timezone.now(), publish=True, kind="tool",
        title=f"Guide {name}", summary="For the night.", visibility="public",
        upload=make_document(name, list(pages)), **fields,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["a.pdf", "b.docx", "c.pptx", "d.xlsx", "e.odt"])
def test_a_sentence_in_a_file_is_found_once_it_was_read(community, librarian, name):
    resource = sent(community, librarian, name, language="fr")
    rows = Resource.objects.all()
    assert find(rows, Filters(words="couvertures"), now=timezone.now()).total == 0

    assert read_waiting_files() == 1
    assert read_waiting_files() == 0
    found = find(rows, Filters(words="couvertures"), now=timezone.now())
    assert found.rows == [resource]
    assert found.rows[0].excerpt.is_inside
    misspelt = find(rows, Filters(words="tizane"), now=timezone.now())
    assert (misspelt.rows, misspelt.meant) == ([resource], "tisane")


def test_what_is_known_of_the_file_afterwards(community, librarian):
    resource = sent(community, librarian, pages=["word " * 900, "Two"])
    read_waiting_files()
    resource.refresh_from_db()

    assert (resource.text_state, resource.preview_pages) == ("read", 2)
    assert resource.reading_minutes == 5


def test_a_file_without_text_says_so(community, librarian):
    resource = sent(community, librarian, pages=[""])
    read_waiting_files()
    resource.refresh_from_db()
    assert resource.text_state == "empty"


def test_a_new_file_is_read_anew_and_a_link_forgets_it(community, librarian):
    resource = sent(community, librarian)
    read_waiting_files()
    upload = make_document("new.pdf", ["Quite another sentence"])
    edit_resource(
        resource=resource, by=librarian, now=timezone.now(), change_note="New", upload=upload
    )
    rows = Resource.objects.all()
    assert find(rows, Filters(words="tisane"), now=timezone.now()).total == 0
    read_waiting_files()
    assert find(rows, Filters(words="another sentence"), now=timezone.now()).total == 1

    resource.refresh_from_db()
    edit_resource(
        resource=resource,
        by=librarian,
        now=timezone.now(),
        change_note="New",
        url="https://tools.example/",
    )
    assert find(rows, Filters(words="another sentence"), now=timezone.now()).total == 0
    resource.refresh_from_db()
    assert resource.text_state == "none"


def test_pictures_hold_no_text(community, librarian):
    from io import BytesIO

    from PIL import Image

    data = BytesIO()
    Image.new("RGB", (20, 20)).save(data, "PNG")
    resource = submit_resource(
        community=community, person=librarian, now=timezone.now(), kind="tool", title="Photo",
        summary="A photo.", upload=check_upload(SimpleUploadedFile("a.png", data.getvalue())),
    )  # fmt: skip
    read_waiting_files()
    resource.refresh_from_db()
    assert resource.text_state == "empty"


def test_what_the_scanner_has_not_seen_is_not_opened(community, librarian, settings):
    resource = sent(community, librarian)
    settings.CLAMAV_ADDRESS = "tcp://127.0.0.1:1"
    Resource.objects.filter(pk=resource.pk).update(scan_state="pending")
    assert read_waiting_files() == 0
    Resource.objects.filter(pk=resource.pk).update(scan_state="clean")
    assert read_waiting_files() == 1


def test_a_file_that_ends_the_worker_is_given_up(community, librarian, monkeypatch):
    from library.actions import reading

    resource, good = sent(community, librarian), sent(community, librarian, "b.pdf")
    real = reading.read_file

    def dies(path, kind):
        if Resource.objects.filter(pk=resource.pk, text_tries__gt=0, text_state="waiting").exists():
            raise KeyboardInterrupt
        return real(path, kind)

    monkeypatch.setattr(reading, "read_file", dies)
    Resource.objects.filter(pk=good.pk).update(text_state="read")
    for _run in range(MOST_TRIES):
        with pytest.raises(KeyboardInterrupt):
            read_waiting_files()
    read_waiting_files()
    resource.refresh_from_db()
    assert (resource.text_state, resource.text_tries) == ("failed", MOST_TRIES)


def test_a_file_that_is_gone(community):
    resource = make_resource(
        community, file="library/gone", file_name="a.pdf", file_type="pdf", text_state="waiting"
    )
    read_waiting_files()
    resource.refresh_from_db()
    assert resource.text_state == "failed"


def test_a_file_that_hangs_is_given_up_and_the_next_one_is_read(
    community, librarian, monkeypatch, tmp_path
):
    """A real one: few bytes that unpack to more than anybody waits for."""
    from library.actions import reading
    from tests.library.test_extraction import slow_xlsx

    slow, good = sent(community, librarian), sent(community, librarian, "b.pdf")
    name = default_storage.save("library/slow", File(open(slow_xlsx(tmp_path), "rb")))  # noqa: SIM115
    Resource.objects.filter(pk=slow.pk).update(file=name, file_type="xlsx")
    monkeypatch.setattr(reading, "read_file", partial(read_file, seconds=2))

    assert read_waiting_files() == 2
    states = dict(Resource.objects.values_list("pk", "text_state"))
    assert states == {slow.pk: "failed", good.pk: "read"}


def test_a_file_that_was_replaced_meanwhile_keeps_nothing_of_the_old_one(
    community, librarian, monkeypatch
):
    from library.actions import reading

    resource = sent(community, librarian)

    def slowly(path, kind):
        upload = make_document("new.pdf", ["Quite another sentence"])
        monkeypatch.setattr(reading, "read_file", read_file)
        edit_resource(
            resource=resource, by=librarian, now=timezone.now(), change_note="New", upload=upload
        )
        return read_file(path, kind)

    monkeypatch.setattr(reading, "read_file", slowly)
    assert read_waiting_files() == 2
    resource.refresh_from_db()
    assert resource.file_text == "Quite another sentence"


@pytest.mark.parametrize(
    "words",
    [
        "".join(chr(0x20000 + n % 40_000) + " " * (n % 3 == 0) for n in range(199_000)),
        " ".join(f"word{number:x}é" for number in range(19_000)),
        "x" * 200_000,
    ],
)  # fmt: skip
def test_as_much_text_as_a_file_may_have_fits_the_index(community, librarian, words):
    resource = sent(community, librarian)
    name = default_storage.save("library/long", ContentFile(words.encode()))
    Resource.objects.filter(pk=resource.pk).update(file=name, file_type="txt")
    assert read_waiting_files() == 1
    resource.refresh_from_db()
    assert resource.text_state == "read"
    assert len(resource.file_text) > 180_000
