"""The banner and its button: a person says that mail reaches them after all."""

import pytest
from allauth.account.signals import email_changed

from cop.core.models import AuditEvent
from outbox.actions import confirm_address_works, unsubscribe_subscription
from outbox.addresses import address_hash
from outbox.models import AddressScore, Consent, Subscription, Suppression
from tests.returns import DAY, NOW, Kind, is_stopped, note, states


@pytest.mark.django_db
def test_confirming_restores_what_bounces_had_stopped(reader, deliver, community):
    note(Kind.HARD_BOUNCE, deliver(reader, bulk=True))
    Subscription.objects.filter(mailing_list__kind="invitations").update(state="complained")

    assert confirm_address_works(person=reader, now=NOW + DAY) is True
    assert confirm_address_works(person=reader, now=NOW + DAY) is False

    assert not is_stopped(reader)
    assert states(reader) == {"subscribed", "complained"}
    score = AddressScore.objects.get()
    assert (score.soft, score.hard) == (0, 0)
    assert Suppression.objects.get().lifted_at == NOW + DAY
    assert AuditEvent.objects.filter(action="address confirmed", actor=reader).count() == 1


@pytest.mark.django_db
def test_confirming_does_not_bring_back_a_list_they_left_meanwhile(reader, deliver):
    note(Kind.HARD_BOUNCE, deliver(reader, bulk=True))
    row = Subscription.objects.get(person=reader, mailing_list__kind="newsletter")
    assert unsubscribe_subscription(subscription=row, source="test", now=NOW)
    confirm_address_works(person=reader, now=NOW + DAY)
    row.refresh_from_db()
    assert row.state == "unsubscribed"
    assert states(reader) == {"subscribed", "unsubscribed"}


@pytest.mark.django_db
def test_confirming_asks_the_last_word(reader, deliver):
    note(Kind.HARD_BOUNCE, deliver(reader, bulk=True))
    row = Subscription.objects.get(person=reader, mailing_list__kind="newsletter")
    Consent.objects.create(
        subscription=row, mailing_list=row.mailing_list, address_hash=address_hash(reader.email),
        given=False, source="test", at=NOW,
    )  # fmt: skip
    confirm_address_works(person=reader, now=NOW + DAY)
    row.refresh_from_db()
    assert row.state == "suspended_bounce"


@pytest.mark.django_db
def test_new_address_goes_on_with_the_lists(reader, deliver):
    note(Kind.HARD_BOUNCE, deliver(reader, bulk=True))
    reader.email = "dani@new.example"
    reader.save(update_fields=["email"])
    email_changed.send(sender=type(reader), request=None, user=reader)
    assert states(reader) == {"subscribed"}
    assert not is_stopped(reader)


@pytest.mark.django_db
def test_banner_tells_and_its_button_ends_it(reader, deliver, sign_in):
    client = sign_in(reader)
    assert "Mail to you comes back" not in client.get("/me/").content.decode()
    note(Kind.HARD_BOUNCE, deliver(reader, bulk=True))

    for path in ("/me/", "/me/profile/"):
        page = client.get(path).content.decode()
        assert "Mail to you comes back" in page
        assert 'action="/me/mail/works/"' in page
    assert client.get("/me/mail/works/").status_code == 405
    answer = client.post("/me/mail/works/", follow=True).content.decode()
    assert "We write to you again" in answer
    assert "Mail to you comes back" not in answer


@pytest.mark.django_db
def test_button_needs_a_person(client):
    assert client.post("/me/mail/works/").status_code == 302
