"""Papers of applications and appeals, from the phone to the bin (E7)."""

import time

import pytest
from django.core import signing
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from cop.core.models import AuditEvent
from members.documents import paper_token
from members.models import Affiliation, AppealFile, Evidence
from members.tasks import scan_documents_task
from tests.conftest import CAST
from tests.core.scanner import FakeScanner
from tests.core.uploads import PDF, picture, upload
from tests.factories import make_person, make_staff
from tests.members.appeals import decline, make_appeal
from tests.members.conftest import apply

AWAY = "127.0.0.1:9"


def address(paper, person):
    return f"/m/{paper_token(paper, person)}/paper/"


@pytest.fixture
def contact(house, criterion):
    """Speaks for a house that is known to the community."""
    now = timezone.now()
    Evidence.objects.create(
        organization=house, criterion=criterion, state="verified", submitted_at=now, checked_at=now
    )
    person = make_person("Joan Contact")
    Affiliation.objects.create(
        person=person, organization=house, state="confirmed", is_contact=True
    )
    return person


@pytest.fixture
def paper(application):
    return application.evidence.get()


@pytest.fixture
def appeal_paper(application, reviewer, checked_photo):
    now = timezone.now()
    declined = decline(application, reviewer, now=now)
    return make_appeal(declined, now=now, documents=[checked_photo]).files.get()


@pytest.mark.parametrize("who", [*CAST, "reviewer"])
def test_a_signed_way_is_for_one_person(request, sign_in, paper, reviewer, who):
    person = request.getfixturevalue(who)

    response = sign_in(person).get(address(paper, reviewer))

    assert response.status_code == {"reviewer": 200, "visitor": 302}.get(who, 404)
    if who == "visitor":
        assert response["Location"].startswith("/account/login")
    assert AuditEvent.objects.filter(action="evidence_viewed").count() == (who == "reviewer")


def test_a_signed_way_closes_after_two_minutes(sign_in, paper, reviewer, monkeypatch):
    url, client = address(paper, reviewer), sign_in(reviewer)
    made = time.time()
    monkeypatch.setattr(signing.time, "time", lambda: made + 110)
    assert client.get(url).status_code == 200
    monkeypatch.setattr(signing.time, "time", lambda: made + 130)
    response = client.get(url)
    assert response.status_code == 404
    assert "works for two minutes" in response.content.decode()


def test_a_forged_or_borrowed_token_opens_nothing(sign_in, paper, reviewer):
    client = sign_in(reviewer)
    token = paper_token(paper, reviewer)
    for one in (token[:-1], token + "x", "x", paper.public_id):
        assert client.get(f"/m/{one}/paper/").status_code == 404
    # Nor does it open the page of another journey.
    assert client.get(reverse("members:works_here", args=[token])).status_code == 404


def test_a_paper_that_is_deleted_meanwhile_is_gone(sign_in, paper, reviewer):
    url = address(paper, reviewer)
    Evidence.objects.update(document_purged_at=timezone.now())
    assert sign_in(reviewer).get(url).status_code == 404


def test_a_paper_whose_file_is_lost_is_no_error(sign_in, paper, reviewer):
    url = address(paper, reviewer)
    paper.document.storage.delete(paper.document.name)
    assert sign_in(reviewer).get(url).status_code == 404


def test_the_uploader_s_reading_is_noted_too(sign_in, paper, appeal_paper, newcomer):
    client = sign_in(newcomer)
    client.get(address(paper, newcomer))
    client.get(address(appeal_paper, newcomer))
    seen = AuditEvent.objects.filter(actor=newcomer, action__endswith="_viewed")
    assert set(seen.values_list("action", flat=True)) == {"evidence_viewed", "appeal_file_viewed"}


def test_the_coordinator_reads_who_opened_papers(sign_in, paper, reviewer, priya, community):
    sign_in(reviewer).get(address(paper, reviewer))
    other = make_staff(community, "librarian", "Not For Me")

    text = sign_in(priya).get("/desk/core/auditevent/?papers=opened").content.decode()

    assert "Document opened" in text
    assert "Anneke Sorrell" in text
    assert "Application sent" not in text
    assert sign_in(other).get("/desk/core/auditevent/").status_code in {302, 403}


def test_the_neighbour_s_coordinator_reads_none_of_it(sign_in, paper, reviewer, outsider):
    sign_in(reviewer).get(address(paper, reviewer))
    text = sign_in(outsider).get("/desk/core/auditevent/?papers=opened").content.decode()
    assert "Anneke Sorrell" not in text


def test_a_phone_photo_is_kept_without_place_and_device(sign_in, house, criterion, contact):
    photo = upload("IMG_2041.JPG", picture(exif=True))
    assert b"Secret Phone" in photo.read()
    photo.seek(0)

    response = sign_in(contact).post(
        f"/me/organizations/{house.public_id}/papers/",
        {"criterion": criterion.pk, "document": photo},
    )

    assert response.status_code == 302
    row = Evidence.objects.get(submitted_by=contact)
    with row.document.open("rb") as file:
        content = file.read()
    assert b"Secret" not in content
    assert not Image.open(row.document.open("rb")).getexif()


TRICKS = {
    "html named .pdf": upload("licence.pdf", b"<html><script>1</script>"),
    "64 MB": upload("licence.pdf", PDF + b"0" * 64 * 1024 * 1024),
    "a program": upload("licence.exe", b"MZ" + b"0" * 100),
    "empty": upload("licence.pdf", b""),
}


@pytest.mark.parametrize("trick", TRICKS)
def test_what_is_no_paper_is_refused_and_nothing_is_kept(sign_in, house, criterion, contact, trick):
    response = sign_in(contact).post(
        f"/me/organizations/{house.public_id}/papers/",
        {"criterion": criterion.pk, "reference": "Moss Stair", "document": TRICKS[trick]},
    )
    assert response.status_code == 200
    assert not Evidence.objects.filter(submitted_by=contact).exists()
    assert "Moss Stair" in response.content.decode()


def test_papers_wait_while_the_scanner_is_away_and_open_later(
    settings, sign_in, community, house, newcomer, reviewer, checked_photo
):
    settings.CLAMAV_ADDRESS = AWAY
    row = apply(community, newcomer, organization=house, document=checked_photo)
    paper = row.evidence.get()
    mine, desk = row.get_absolute_url(), f"/desk/members/membershipapplication/{row.pk}/change/"

    scan_documents_task()

    for person, page in ((newcomer, mine), (reviewer, desk)):
        text = sign_in(person).get(page).content.decode()
        assert "Being checked for harmful content" in text
        assert f"{paper.pk}/document/" not in text
        assert f"documents/{paper.public_id}" not in text
    closed = sign_in(reviewer).get(f"/desk/members/evidence/{paper.pk}/document/")
    assert closed.status_code == 403
    assert "still checking" in closed.content.decode()
    assert not AuditEvent.objects.filter(action="evidence_viewed").exists()

    with FakeScanner() as scanner:
        settings.CLAMAV_ADDRESS = scanner.address
        scan_documents_task()
        opened = sign_in(reviewer).get(f"/desk/members/evidence/{paper.pk}/document/", follow=True)
    assert opened.status_code == 200
    assert "Being checked" not in sign_in(newcomer).get(mine).content.decode()


def test_a_harmful_paper_stays_closed_and_is_noted(
    settings, sign_in, paper, appeal_paper, newcomer, monkeypatch
):
    for row in (paper, appeal_paper):
        path = row.document.path
        with open(path, "ab") as file:
            file.write(b"..EICAR..")
    with FakeScanner() as scanner:
        settings.CLAMAV_ADDRESS = scanner.address
        scan_documents_task()

        assert set(Evidence.objects.values_list("scan_state", flat=True)) == {"infected"}
        assert set(AppealFile.objects.values_list("scan_state", flat=True)) == {"infected"}
        assert AuditEvent.objects.filter(action="file_infected", actor=None).count() == 2
        text = sign_in(newcomer).get(paper.application.get_absolute_url()).content.decode()
        assert "something harmful" in text
        assert sign_in(newcomer).get(address(paper, newcomer)).status_code == 403
        assert sign_in(newcomer).get(address(appeal_paper, newcomer)).status_code == 403
