"""People to whom mail comes back: what the tests of it share."""

import uuid
from datetime import timedelta

from django.utils import timezone

from outbox.actions.events import note_event
from outbox.addresses import bounce_address
from outbox.models import MailEvent, Subscription
from outbox.queries import returned_mail

NOW = timezone.now()
DAY = timedelta(days=1)
Kind = MailEvent.Kind
DSN = """\
Return-Path: <>
From: MAILER-DAEMON@mx.example (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <{number}@mx.example>
Date: {date}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset={charset}

Sorry, your message could not be delivered.
--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said}

--b1
Content-Type: message/rfc822

From: hello@cop.example
Subject: Newsletter 3
X-Padding: {padding}

Hello
--b1--
"""
ARF = """\
From: <feedback@provider.example>
To: {to}
Subject: FW: Newsletter
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b2"

--b2
Content-Type: text/plain

This is an abuse report.
--b2
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
{extra}
--b2
Content-Type: {copy}

From: hello@cop.example
Message-ID: {message_id}

Hello
--b2--
"""


def note(kind, delivery=None, *, at=NOW, now=None, **fields):
    values = {
        "provider": "test",
        "event_id": f"{kind}:{at.timestamp()}:{delivery and delivery.pk}",
        "address": "",
        "detail": "550 5.1.1 <dani@people.example> unknown",
    } | fields
    return note_event(kind=kind, delivery=delivery, at=at, now=now or at, **values)


def states(person):
    return set(Subscription.objects.filter(person=person).values_list("state", flat=True))


def is_stopped(person):
    return returned_mail(person) is not None


def dsn(delivery, **fields):
    values = {
        "to": bounce_address(delivery.pk), "number": uuid.uuid4(), "charset": "utf-8",
        "date": "Thu, 26 Nov 2026 09:00:00 -0700", "recipient": delivery.person.email,
        "action": "failed", "status": "5.1.1", "said": "550 5.1.1 unknown", "padding": "",
    } | fields  # fmt: skip
    return DSN.format(**values).replace("\n", "\r\n").encode()


def arf(delivery, *, kind="abuse", to=None, extra="", message_id="<x@else>", copy="message/rfc822"):
    to = bounce_address(delivery.pk) if to is None else to
    text = ARF.format(to=to, kind=kind, extra=extra, message_id=message_id, copy=copy)
    return text.encode()
