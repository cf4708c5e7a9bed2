from datetime import timedelta

import pytest
from django.utils import timezone

from cop.core.mail import Email
from outbox.actions import pace, queue_email, send_due
from outbox.gate import gate_state
from outbox.models import Delivery, HostPace, Purpose, SendGate
from outbox.transport import Outcome, classify
from tests.smtp import Box

NOW = timezone.now().replace(microsecond=0)
pytestmark = pytest.mark.django_db


def queue(key: str, address: str, purpose: Purpose = Purpose.TRANSACTIONAL) -> Delivery:
    email = Email(subject="Hello", text="Hello\n", html="<p>Hello</p>")
    queue_email(key=key, kind="test", purpose=purpose, email=email, address=address)
    return Delivery.objects.get(key=key)


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("421 4.3.2 closing", Outcome.SLOW),
        ("432 too fast", Outcome.SLOW),
        ("451 4.7.1 greylisted by rate", Outcome.SLOW),
        ("450 4.2.0 come back", Outcome.RETRY),
        ("451 4.3.0 local trouble", Outcome.RETRY),
        ("452 4.2.2 mailbox full", Outcome.FULL),
        ("552 5.2.2 over quota", Outcome.FULL),
        ("552 5.3.4 message too big", Outcome.REFUSED),
        ("550 5.1.1 no such user", Outcome.BAD_ADDRESS),
        ("553 5.1.3 bad syntax", Outcome.BAD_ADDRESS),
        ("550 no such user", Outcome.BAD_ADDRESS),
        ("550 5.7.515 not authenticated", Outcome.POLICY),
        ("554 5.7.1 policy", Outcome.POLICY),
        ("554 5.6.0 odd content", Outcome.REFUSED),
    ],
)
def test_classify(text: str, outcome: Outcome) -> None:
    assert classify(int(text[:3]), text) == outcome


def test_a_host_that_asks_for_it_is_halved_and_recovers_by_a_tenth_a_minute() -> None:
    pace.slow_down(host="mail.example", answer="421 slow", now=NOW)
    assert pace.paces(now=NOW) == {"mail.example": 5.0}
    pace.slow_down(host="mail.example", answer="421 slow", now=NOW)
    pace.slow_down(host="mail.example", answer="421 slow", now=NOW)
    assert pace.paces(now=NOW) == {"mail.example": 1.25}
    pace.slow_down(host="mail.example", answer="421 slow", now=NOW)
    assert pace.paces(now=NOW) == {"mail.example": 1.0}  # never less
    later = pace.paces(now=NOW + timedelta(minutes=10))
    assert later["mail.example"] == pytest.approx(1.1**10)


def test_a_host_that_has_recovered_is_let_go_unless_staff_cap_it() -> None:
    for host, cap in (("free.example", None), ("capped.example", 2.0)):
        HostPace.objects.create(host=host, per_second=1, cap=cap, tokens=0, at=NOW, slowed_at=NOW)
    assert pace.paces(now=NOW + timedelta(hours=1)) == {"capped.example": 2.0}
    assert list(HostPace.objects.values_list("host", flat=True)) == ["capped.example"]


def test_turns_are_handed_out_no_faster_than_the_pace() -> None:
    HostPace.objects.create(host="mail.example", per_second=2, tokens=0, at=NOW)
    taken = sum(
        pace.take_turn(hosts=["mail.example"], now=NOW + timedelta(milliseconds=100 * step))
        for step in range(1, 101)
    )
    assert 19 <= taken <= 21  # ten seconds at two a second


def test_a_slow_host_waits_and_holds_up_nobody_else(mailbox: Box) -> None:
    HostPace.objects.create(host="slow.example", per_second=1, tokens=1, at=timezone.now(), cap=1)
    for number in range(30):
        queue(f"a{number}", f"p{number}@slow.example")
    for number in range(5):
        queue(f"b{number}", f"p{number}@quick.example")
    code = queue("code", "p@slow.example", Purpose.SECURITY)

    send_due(seconds=2)

    arrived = [message["To"] for message in mailbox.messages]
    assert sum("quick" in address for address in arrived) == 5
    assert "p@slow.example" in arrived  # a sign-in code waits for nobody
    assert 1 <= sum("slow" in address for address in arrived) - 1 <= 4
    code.refresh_from_db()
    waiting = Delivery.objects.filter(state="queued", host="slow.example")
    assert waiting.count() >= 26
    assert set(waiting.values_list("attempts", flat=True)) == {0}


def test_421_about_a_recipient_slows_that_host_only(mailbox: Box) -> None:
    slow = queue("a", "p+421@slow.example")
    queue("b", "p@quick.example")
    assert send_due() == 1
    slow.refresh_from_db()
    assert slow.state == "queued"
    assert list(pace.paces(now=timezone.now())) == ["slow.example"]


def test_while_the_mail_server_is_away_nobody_knocks_again_for_a_while(
    settings: object, mailbox: Box
) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 9
    row = queue("a", "p@quick.example")
    now = timezone.now()
    assert send_due(clock=lambda: now) == 0
    assert gate_state(now=now).failures == 1
    settings.EMAIL_PORT = port
    assert send_due(clock=lambda: now) == 0, "the circuit is open"
    assert send_due(clock=lambda: now + timedelta(seconds=3)) == 1
    row.refresh_from_db()
    assert row.state == "sent"
    gate = SendGate.objects.get()
    assert (gate.failures, gate.resume_at) == (0, None)
