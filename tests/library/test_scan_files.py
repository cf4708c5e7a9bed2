import pytest
from django.core.files.base import ContentFile

from cop.core.models import AuditEvent
from library.models import Resource, ResourceVersion
from library.tasks import scan_files_task
from tests.core.scanner import FakeScanner
from tests.factories import NOW
from tests.library.factories import make_resource


@pytest.fixture
def files(community):
    for number, content in enumerate([b"fine", b"..EICAR..", b"fine too"]):
        make_resource(
            community, file=ContentFile(content, name="key"), file_name=f"{number}.pdf",
            scan_state="pending" if number else "off",
        )  # fmt: skip
    make_resource(community)


def states() -> list[str]:
    return list(Resource.objects.order_by("pk").values_list("scan_state", flat=True))


def test_scan_files_finds_clean_and_harmful(settings, files):
    with FakeScanner() as scanner:
        settings.CLAMAV_ADDRESS = scanner.address
        scan_files_task()
        scan_files_task()

    assert states() == ["clean", "infected", "clean", "off"]
    assert len(scanner.received) == 3
    event = AuditEvent.objects.get()
    assert (event.action, event.actor_id) == ("library.file_infected", None)


def test_scan_files_leaves_all_pending_while_the_scanner_is_away(settings, files):
    settings.CLAMAV_ADDRESS = "127.0.0.1:1"
    scan_files_task()

    assert states() == ["off", "pending", "pending", "off"]


def test_scan_files_does_nothing_without_a_scanner(settings, files):
    settings.CLAMAV_ADDRESS = ""
    scan_files_task()

    assert states() == ["off", "pending", "pending", "off"]


def test_scan_files_goes_on_past_many_lost_files(settings, community, own_media):
    for _number in range(25):
        make_resource(community, file="library/lost", scan_state="pending")
    make_resource(community, file=ContentFile(b"fine", name="key"), scan_state="pending")
    with FakeScanner() as scanner:
        settings.CLAMAV_ADDRESS = scanner.address
        scan_files_task()

    assert states() == ["pending"] * 25 + ["clean"]


def test_scan_files_looks_at_earlier_versions_too(settings, community):
    resource = make_resource(community)
    version = ResourceVersion.objects.create(
        resource=resource, number=1, title="Before", change_note="x", replaced_at=NOW,
        file=ContentFile(b"..EICAR..", name="key"), scan_state="pending",
    )  # fmt: skip
    with FakeScanner() as scanner:
        settings.CLAMAV_ADDRESS = scanner.address
        scan_files_task()

    version.refresh_from_db()
    assert version.scan_state == "infected"
    assert AuditEvent.objects.get().object_id == resource.public_id


def test_scan_files_goes_on_past_a_lost_file(settings, files, own_media):
    (own_media / Resource.objects.order_by("pk").first().file.name).unlink()
    with FakeScanner() as scanner:
        settings.CLAMAV_ADDRESS = scanner.address
        scan_files_task()

    assert states() == ["off", "infected", "clean", "off"]
