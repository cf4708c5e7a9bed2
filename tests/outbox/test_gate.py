from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from members.models import User
from outbox.actions import send_due
from outbox.gate import adopt, gate_state, installation
from outbox.models import Delivery, Purpose, SendGate
from tests.outbox.test_send import queue
from tests.smtp import Box

pytestmark = pytest.mark.django_db


def test_a_new_database_belongs_to_whoever_asks_first() -> None:
    assert gate_state(now=timezone.now()).may_send
    assert SendGate.objects.get().environment == installation()


def test_installation_changes_with_the_address_of_the_site(settings: object) -> None:
    before = installation()
    settings.SITE_URL = "https://staging.example"
    assert installation() != before
    settings.ENVIRONMENT_ID = "other"
    assert len({before, installation()}) == 2


def test_a_restored_copy_sends_nothing_until_it_is_adopted(dani: User, mailbox: Box) -> None:
    gate_state(now=timezone.now())
    SendGate.objects.update(environment="f" * 32)  # what a dump of another installation brings
    old = queue(dani, key="old")
    code = queue(None, key="code", address=dani.email, purpose=Purpose.SECURITY)

    assert send_due() == 0
    old.refresh_from_db()
    assert (old.state, old.attempts) == ("queued", 0)

    out = StringIO()
    call_command("adopt_database", check=True, stdout=out)
    assert "another installation" in out.getvalue()
    call_command("adopt_database", by="Ada", stdout=out)

    code.refresh_from_db()
    assert (code.state, code.text) == ("cancelled", "")
    new = queue(dani, key="new")
    assert send_due() == 1
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.state, old.reason) == ("paused", "restored copy")
    assert new.state == "sent"


def test_a_gate_that_staff_closed_stays_closed(dani: User, mailbox: Box) -> None:
    gate_state(now=timezone.now())
    SendGate.objects.update(is_open=False, reason="the DNS is being changed")
    queue(dani)
    assert send_due() == 0
    SendGate.objects.update(is_open=True)
    assert send_due() == 1


def test_control_the_gate_is_asked_in_the_fence_itself(
    dani: User, mailbox: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closed between the look at the gate and the sending of a mail: it still does not leave."""
    from outbox.actions import send as sending

    gate_state(now=timezone.now())
    queue(dani)
    seen = gate_state(now=timezone.now())
    monkeypatch.setattr(sending, "gate_state", lambda *, now: seen)
    SendGate.objects.update(is_open=False)
    assert send_due(seconds=0.3) == 0
    assert Delivery.objects.get().state == "queued"


def test_adopt_says_how_many_it_set_aside(dani: User) -> None:
    for number in range(3):
        queue(dani, key=f"k{number}")
    assert adopt(by_name="Ada", now=timezone.now()) == 3
