"""F36: reports of providers that are forged, replayed, out of order, stale, or about nobody.

Each provider as it really calls: signed over the body, or with the password in the address.
"""

import base64
import json
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from outbox import webhooks
from outbox.actions import confirm_address_works, events, find_mailing_list, update_subscriptions
from outbox.models import AddressScore, Delivery, MailEvent
from outbox.providers import FRESH, PROVIDERS
from tests.faults.reports import LOGIN, SECRET, SECRETS, post, report, send, signed
from tests.returns import is_stopped, states

pytestmark = pytest.mark.filterwarnings("ignore:django-anymail has dropped")


@pytest.fixture(autouse=True)
def provider_settings(settings):
    settings.MAIL_EVENTS = SECRETS
    settings.MAIL_DOMAIN = "cop.example"
    settings.BOUNCE_ADDRESS = "bounces@cop.example"


@pytest.fixture
def mail(community, dani):
    """A newsletter that reached Dani's server an hour ago."""
    hour = timezone.now() - timedelta(hours=1)
    update_subscriptions(
        person=dani, scope=community.public_id, kinds={"newsletter"}, source="test", now=hour
    )
    return Delivery.objects.create(
        key="n", kind="newsletter", purpose="newsletter", priority=30, person=dani,
        mailing_list=find_mailing_list(community.public_id, "newsletter"),
        scope=community.public_id, due_at=hour, state="sent", ended_at=hour,
    )  # fmt: skip


every = pytest.mark.parametrize("provider", sorted(PROVIDERS))


@every
@pytest.mark.django_db
def test_true_report_counts(provider, mail):
    assert post(provider, report(provider, mail)).status_code == 200
    event = MailEvent.objects.get()
    assert (event.provider, event.kind) == (provider, "hard_bounce")
    assert AddressScore.objects.get().hard > 0


@pytest.mark.parametrize("provider", ["amazon_ses", "brevo", "mailgun", "sendgrid", "sparkpost"])
@pytest.mark.django_db
def test_true_report_finds_its_mail(provider, mail):
    post(provider, report(provider, mail))
    assert MailEvent.objects.get().delivery == mail
    assert is_stopped(mail.person)


@every
@pytest.mark.django_db
def test_true_complaint_ends_the_lists(provider, mail):
    assert post(provider, report(provider, mail, what="spam")).status_code == 200
    assert states(mail.person) == {"complained"}


@pytest.mark.parametrize("checked", [True, False], ids=["checked", "control: not checked"])
@every
@pytest.mark.django_db
def test_forged_report_does_nothing(provider, mail, checked, monkeypatch):
    webhooks._view.cache_clear()
    if not checked:
        from anymail.webhooks.base import AnymailCoreWebhookView

        monkeypatch.setattr(AnymailCoreWebhookView, "run_validators", lambda *_: None)
    answer = post(provider, report(provider, mail, what="spam"), forged=True)

    assert (answer.status_code, states(mail.person)) == (
        (400, {"subscribed"}) if checked else (200, {"complained"})
    )
    assert MailEvent.objects.exists() is not checked


@pytest.mark.parametrize("provider", sorted(set(PROVIDERS) - {"mailgun"}))
@pytest.mark.django_db
def test_report_without_any_proof_does_nothing(provider, mail):
    answer = send(provider, json.dumps(report(provider, mail)).encode())
    assert answer.status_code in (400, 401)
    assert not MailEvent.objects.exists()


@pytest.mark.parametrize("provider", ["mailersend", "sendgrid"])
@pytest.mark.django_db
def test_body_changed_under_a_true_signature_does_nothing(provider, mail):
    _raw, headers = signed(provider, report(provider, mail, to="nobody@else.example"))
    changed = json.dumps(report(provider, mail)).encode()
    assert send(provider, changed, headers).status_code == 400
    assert not MailEvent.objects.exists()


@every
@pytest.mark.django_db
def test_replayed_report_is_a_no_op(provider, mail):
    body = report(provider, mail)
    for _ in range(20):
        assert post(provider, json.loads(json.dumps(body))).status_code == 200
    assert MailEvent.objects.count() == 1
    assert AddressScore.objects.get().hard <= 2


@pytest.mark.parametrize("asked", [True, False], ids=["checked", "control: not checked"])
@every
@pytest.mark.django_db
def test_report_from_before_the_person_said_it_works(provider, mail, asked, monkeypatch):
    """Out of order: the older reports come after the newer word."""
    if not asked:
        monkeypatch.setattr(events, "_is_old_news", lambda *_: False)
    before = timezone.now() - timedelta(minutes=30)
    for number in "12":
        post(provider, report(provider, mail, number=number))
    assert is_stopped(mail.person)
    confirm_address_works(person=mail.person, now=timezone.now())
    mail.pk, mail.key = uuid.uuid4(), "earlier"
    mail.save(force_insert=True)
    for number in "34":
        body = report(provider, mail, number=number, at=before)
        assert post(provider, body).status_code == 200
    assert MailEvent.objects.count() == 4
    assert is_stopped(mail.person) is not asked


@pytest.mark.parametrize("checked", [True, False], ids=["checked", "control: not checked"])
@pytest.mark.parametrize("minutes", [-6, 6])
@pytest.mark.parametrize("provider", sorted(FRESH))
@pytest.mark.django_db
def test_stale_report_does_nothing(provider, mail, minutes, checked, monkeypatch):
    if not checked:
        monkeypatch.setattr(webhooks, "_is_fresh", lambda *_: True)
    at = timezone.now() + timedelta(minutes=minutes)
    answer = post(provider, report(provider, mail), at=at)
    assert answer.status_code == (400 if checked else 200)
    assert MailEvent.objects.exists() is not checked


@every
@pytest.mark.django_db
def test_report_about_nobody_is_heard_and_forgotten(provider, mail, caplog):
    stranger = Delivery(id=uuid.uuid4(), person=mail.person)
    body = report(provider, stranger, to="nobody@else.example")
    assert post(provider, body).status_code == 200
    assert not MailEvent.objects.exists()
    assert not AddressScore.objects.exists()
    assert "nobody@else.example" not in caplog.text


@every
@pytest.mark.django_db
def test_report_of_an_unknown_mail_to_a_known_address_counts(provider, mail):
    stranger = Delivery(id=uuid.uuid4(), person=mail.person)
    post(provider, report(provider, stranger, what="spam"))
    assert MailEvent.objects.get().delivery is None
    assert states(mail.person) == {"complained"}


@every
def test_provider_that_is_not_named_does_not_exist(provider, settings):
    settings.MAIL_EVENTS = {}
    for client_method in ("post", "get", "head"):
        answer = getattr(Client(), client_method)(f"/mail-events/{provider}/tracking/")
        assert answer.status_code == 404


def test_unknown_provider_does_not_exist(settings):
    settings.MAIL_EVENTS = {"pigeon": LOGIN}
    assert send("pigeon", b"{}").status_code == 404


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{}", b"null", b"\xff", b"[" * 100_000, b'{"signature": 5}', b"[{}]"]
)
@every
@pytest.mark.django_db
def test_report_that_cannot_be_read_is_refused(provider, raw):
    login = "Basic " + base64.b64encode(LOGIN.encode()).decode()
    answer = send(provider, raw, {"Authorization": login})
    assert answer.status_code in (200, 400)
    assert not MailEvent.objects.exists()


@pytest.mark.parametrize("event", ["opened", "clicked", "delivered", "accepted"])
@pytest.mark.django_db
def test_opens_and_clicks_are_thrown_away(mail, event):
    body = report("mailgun", mail)
    body["event-data"]["event"] = event
    assert post("mailgun", body).status_code == 200
    assert not MailEvent.objects.exists()


@pytest.mark.parametrize(
    ("provider", "changes", "kind"),
    [
        ("brevo", {"event": "soft_bounce"}, "soft_bounce"),
        ("brevo", {"event": "deferred"}, None),
        ("brevo", {"event": "unsubscribe"}, "unsubscribe"),
        ("brevo", {"reason": "550 5.7.1 we do not like you"}, None),
        ("mailjet", {"hard_bounce": False}, "soft_bounce"),
        ("mailjet", {"event": "blocked", "error": "user unknown"}, "hard_bounce"),
        ("postmark", {"Type": "SoftBounce"}, "soft_bounce"),
        ("postmark", {"Type": "Transient"}, None),
        ("postmark", {"Type": "AutoResponder"}, None),
    ],
)
@pytest.mark.django_db
def test_what_a_report_means(mail, provider, changes, kind):
    post(provider, report(provider, mail) | changes)
    assert list(MailEvent.objects.values_list("kind", flat=True)) == ([kind] if kind else [])


@pytest.mark.django_db
def test_full_mailbox_is_soft(mail):
    body = report("mailgun", mail)
    body["event-data"]["delivery-status"]["message"] = "552 5.2.2 over quota"
    post("mailgun", body)
    assert MailEvent.objects.get().kind == "soft_bounce"


@pytest.mark.parametrize(
    ("url", "called"),
    [
        ("https://sns.ca-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=x", True),
        ("http://sns.ca-central-1.amazonaws.com/", False),
        ("https://sns.evil.example/", False),
        ("https://sns.x.amazonaws.com@evil.example/", False),
        ("https://127.0.0.1/", False),
        ("file:///etc/passwd", False),
    ],
)
@pytest.mark.django_db
def test_amazon_is_answered_once_and_nobody_else(monkeypatch, url, called):
    asked = []

    def urlopen(address, timeout):
        asked.append(address)
        return open("/dev/null")

    monkeypatch.setattr("outbox.providers.urllib.request.urlopen", urlopen)
    body = {"Type": "SubscriptionConfirmation", "MessageId": "1", "SubscribeURL": url}
    assert post("amazon_ses", dict(body)).status_code == 200
    assert asked == ([url] if called else [])
    assert post("amazon_ses", dict(body), forged=True).status_code == 400
    assert len(asked) == called


@pytest.mark.parametrize(
    ("events", "fine"),
    [
        ({}, True),
        ({"mailgun": SECRET, "postmark": LOGIN}, True),
        ({"pigeon": LOGIN}, False),
        ({"mailgun": "short"}, False),
        ({"postmark": "no-colon-but-long-enough"}, False),
    ],
)
def test_half_a_configuration_is_refused_at_the_start(settings, events, fine):
    from outbox.checks import mail_events

    settings.MAIL_EVENTS = events
    assert (mail_events(None) == []) is fine
