from datetime import timedelta

import pytest
from django.utils import timezone

from members.models import Community, User
from outbox.actions import purge_old_mail, reconcile_mail
from outbox.models import Delivery, MailAlarm, MailBatch
from tests.outbox.test_error_budget import make_batch
from tests.outbox.test_send import queue

NOW = timezone.now()
pytestmark = pytest.mark.django_db


def ended(person: User, key: str, days: float) -> Delivery:
    row = queue(person, key=key)
    Delivery.objects.filter(pk=row.pk).update(
        state="sent", ended_at=NOW - timedelta(days=days), last_answer="250 OK"
    )
    return row


def test_content_goes_after_ninety_days_and_the_row_after_thirteen_months(dani: User) -> None:
    young, old, ancient = (ended(dani, f"k{days}", days) for days in (89, 91, 400))

    purge_old_mail(now=NOW)
    purge_old_mail(now=NOW)

    young.refresh_from_db()
    old.refresh_from_db()
    assert (young.text, young.purged_at) == ("Hello, ʔa.\n.dot\n", None)
    assert (old.subject, old.text, old.html, old.address, old.last_answer) == ("",) * 5
    assert (old.state, old.purged_at) == ("sent", NOW)
    assert not Delivery.objects.filter(pk=ancient.pk).exists()


def test_what_waits_is_never_purged(dani: User) -> None:
    row = queue(dani, due_at=NOW - timedelta(days=200))
    purge_old_mail(now=NOW)
    row.refresh_from_db()
    assert row.text


def test_reconcile_finds_what_does_not_add_up_and_forgets_what_is_mended(
    dani: User, community: Community
) -> None:
    batch = make_batch(community, ["a@people.example", "b@people.example"])
    assert reconcile_mail(now=NOW) == []

    Delivery.objects.filter(batch=batch)[0].delete()
    MailBatch.objects.update(state="paused", reason="policy")
    late = queue(dani, due_at=NOW - timedelta(hours=2))
    unclear = queue(dani, key="unclear", scope=community.public_id)
    Delivery.objects.filter(pk=unclear.pk).update(state="uncertain", ended_at=NOW)
    queue(dani, key="held", scope=community.public_id, held="waits for release")
    names = [
        f"held:{community.public_id}",
        "count:n",
        "late",
        "paused:n",
        f"unclear:{community.public_id}",
    ]
    assert reconcile_mail(now=NOW) == sorted(names)
    assert MailAlarm.objects.get(name="paused:n").scope == community.public_id

    Delivery.objects.filter(pk=unclear.pk).update(reason="left as it is")
    later = NOW + timedelta(hours=1)
    Delivery.objects.filter(pk=late.pk).update(state="sent", ended_at=later)
    assert not {"late", f"unclear:{community.public_id}"} & set(reconcile_mail(now=later))
    assert MailAlarm.objects.get(name="count:n").since == NOW, "since it began, not since the look"
