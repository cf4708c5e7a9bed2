"""From a delivery to the bytes that leave: marks filled in, headers by the book."""

from email.utils import format_datetime, formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse

from cop.core.links import absolute, make_token
from cop.core.mail import one_line
from outbox.models import Delivery, Purpose, Subscription


def choices_url(delivery: Delivery) -> str:
    """Where this person sets what we send: no sign-in needed, no name in the address.

    An address without an account has one choice: this list, or not.
    """
    if not delivery.person_id:
        return unsubscribe_url(subscription_of(delivery))
    token = make_token("choices", [delivery.person.public_id, delivery.scope])
    return absolute(reverse("outbox:choices_edit", args=[token]))


def unsubscribe_url(subscription: Subscription | None) -> str:
    """The one-click address of one subscription (RFC 8058). It never expires."""
    if subscription is None:
        return ""
    token = make_token("unsubscribe", subscription.pk)
    return absolute(reverse("outbox:unsubscribe", args=[token]))


def subscription_of(delivery: Delivery) -> Subscription | None:
    if delivery.mailing_list_id is None:
        return None
    who = (
        {"person": delivery.person_id}
        if delivery.person_id
        else {"person": None, "address": delivery.address}
    )
    return Subscription.objects.filter(mailing_list=delivery.mailing_list_id, **who).first()


def recipient_address(delivery: Delivery) -> str:
    return delivery.person.email if delivery.person_id else delivery.address


def build_message(delivery: Delivery) -> EmailMultiAlternatives:
    """One message to one recipient. Raises ValueError where it cannot be built."""
    content = _content(delivery)
    stop = unsubscribe_url(subscription_of(delivery))
    marks = {"%%CHOICES_URL%%": choices_url(delivery), "%%UNSUBSCRIBE_URL%%": stop}
    for mark, value in marks.items():
        content = {name: text.replace(mark, value) for name, text in content.items()}
    address = recipient_address(delivery)
    if "@" not in address:
        raise ValueError("no address")
    message = EmailMultiAlternatives(
        subject=one_line(content["subject"]),
        body=content["text"],
        from_email=_sender(delivery),
        to=[address],
        reply_to=[delivery.reply_to] if delivery.reply_to else None,
        headers=_headers(delivery, stop),
    )
    message.attach_alternative(content["html"], "text/html")
    if delivery.calendar:
        method = delivery.calendar_method or "PUBLISH"
        message.attach_alternative(
            delivery.calendar, f"text/calendar; charset=utf-8; method={method}"
        )
        message.attach("invite.ics", delivery.calendar.encode(), "application/ics")
    return message


def _content(delivery: Delivery) -> dict[str, str]:
    if delivery.batch_id is None:
        return {"subject": delivery.subject, "text": delivery.text, "html": delivery.html}
    contents = delivery.batch.contents
    return dict(contents.get(delivery.language) or contents["en"])


def _sender(delivery: Delivery) -> str:
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return formataddr((one_line(delivery.sender_name) or name, address))


def _headers(delivery: Delivery, stop: str) -> dict[str, str]:
    headers = {
        "Message-ID": delivery.message_id,
        "Date": format_datetime(delivery.created_at),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, DR, RN, NRN, AutoReply",
    }
    if delivery.mailing_list_id:
        listing = delivery.mailing_list
        headers["List-Id"] = formataddr(
            (one_line(listing.sender_name), f"{listing.public_id}.{settings.MAIL_DOMAIN}")
        )
    if stop:
        headers["List-Unsubscribe"] = f"<{stop}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if delivery.purpose == Purpose.NEWSLETTER:
        headers["Precedence"] = "bulk"
    return headers
