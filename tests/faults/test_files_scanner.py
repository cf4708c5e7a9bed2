"""F22: the scanner is down, freezes in the middle, or finds something later. What was not looked at
is taken in and waits; nobody gets it by any address, and all goes out once it was found clean.
"""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from cop.core import scan
from library import urls
from library.models import Resource, ResourceVersion
from library.tasks import scan_files_task
from members.models import Community, User
from tests.core.scanner import FakeScanner
from tests.core.uploads import PDF
from tests.library.hostile import kept
from tests.library.hostile.sending import content_of, send

pytestmark = [pytest.mark.faults, pytest.mark.django_db]
ADD = "/every-door/library/add/"
NOBODY = "127.0.0.1:1"
SECRET = b"the words inside this very file"
FILES = 20


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    settings.CLAMAV_ADDRESS = NOBODY


@pytest.fixture
def frozen() -> Iterator[str]:
    """Takes the call and says nothing, ever."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def send_plan(client: Any, title: str) -> Any:
    file = kept("plan.pdf", PDF + b"% " + SECRET + title.encode(), "application/pdf")
    return send(client, ADD, file, title=title)


def addresses(resource: Resource) -> list[str]:
    """Every address of the library that has this resource in it."""
    found = []
    for pattern in urls.urlpatterns:
        for more in ([], [1]):
            try:
                args = ["every-door", resource.public_id, *more]
                found.append(reverse(f"library:{pattern.name}", args=args))
            except NoReverseMatch:
                continue
    return found


def downloads(clients: list[Any]) -> int:
    """How many times the content came out, over all addresses of all resources."""
    count = 0
    for resource in Resource.objects.all():
        for address in addresses(resource):
            for client in clients:
                answer = client.get(address)
                assert answer.status_code < 500, address
                count += SECRET in content_of(answer)
    return count


@pytest.fixture
def people(sign_in: Any, community: Community, dani: User, priya: User) -> list[Any]:
    return [sign_in(person) for person in (dani, priya, AnonymousUser())]


def test_without_the_scanner_files_come_in_and_none_goes_out(
    people: list[Any], settings: Any
) -> None:
    for number in range(FILES):
        # The coordinator's are published at once.
        assert send_plan(people[number % 2], f"Plan {number}").status_code == 302
    scan_files_task()

    assert set(Resource.objects.values_list("scan_state", flat=True)) == {"pending"}
    assert downloads(people) == 0

    with FakeScanner() as scanner:
        settings.CLAMAV_ADDRESS = scanner.address
        scan_files_task()
        assert len(scanner.received) == FILES
    assert set(Resource.objects.values_list("scan_state", flat=True)) == {"clean"}
    assert downloads(people) > FILES


def test_scanner_that_freezes_costs_its_patience_once_and_nobody_gets_a_file(
    people: list[Any], frozen: str, settings: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(scan, "TIMEOUT_SECONDS", 0.3)
    settings.CLAMAV_ADDRESS = frozen
    for number in range(3):
        send_plan(people[0], f"Plan {number}")
    began = timezone.now()
    scan_files_task()

    assert (timezone.now() - began).total_seconds() < 1.5
    assert downloads(people) == 0


def test_files_from_before_the_scanner_wait_for_it_too(people: list[Any], settings: Any) -> None:
    settings.CLAMAV_ADDRESS = ""
    send_plan(people[1], "Plan")
    assert downloads(people) > 0

    settings.CLAMAV_ADDRESS = NOBODY

    assert downloads(people) == 0


def test_harmful_file_stays_locked_for_good(people: list[Any], settings: Any) -> None:
    file = kept("plan.txt", SECRET + b" EICAR", "text/plain")
    send(people[1], ADD, file)
    with FakeScanner() as scanner:
        settings.CLAMAV_ADDRESS = scanner.address
        scan_files_task()
    assert Resource.objects.get().scan_state == "infected"
    assert downloads(people) == 0

    settings.CLAMAV_ADDRESS = ""  # the scanner is taken away again

    assert downloads(people) == 0


def test_earlier_version_waits_as_well(people: list[Any], settings: Any) -> None:
    send_plan(people[1], "Plan")
    resource = Resource.objects.get()
    ResourceVersion.objects.create(
        resource=resource, number=1, title="Before", change_note="x", replaced_at=timezone.now(),
        file=ContentFile(PDF + SECRET, name="key"), file_name="old.pdf", file_type="pdf",
        scan_state="pending",
    )  # fmt: skip

    assert downloads(people) == 0


def test_without_the_rule_unlooked_files_go_out(people: list[Any], monkeypatch: Any) -> None:
    """The control: the count counts."""
    send_plan(people[1], "Plan")
    for module in [one for one in sys.modules.values() if hasattr(one, "may_serve")]:
        monkeypatch.setattr(module, "may_serve", lambda _state: True)

    assert downloads(people) > 0
