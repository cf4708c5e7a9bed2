from dataclasses import replace
from datetime import datetime

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from cop.core.links import absolute
from cop.core.mail import Email
from cop.core.samples import Sample, Scene
from members.mailing import CHOICES_MARK, UNSUBSCRIBE_MARK
from members.models import User
from outbox.actions import queue_email
from outbox.models import Purpose


def build_sample(sample: Sample, language: str, *, now: datetime) -> Email:
    """As it would leave; the links that each reader gets of their own lead to one's own choices."""
    email = sample.build(Scene(language, now))
    own = absolute(reverse("mail_choices"))
    text, html = email.text, email.html
    for mark in (CHOICES_MARK, UNSUBSCRIBE_MARK):
        text, html = text.replace(mark, own), html.replace(mark, own)
    return replace(email, text=text, html=html)


def send_sample(*, sample: Sample, language: str, by: User, now: datetime) -> bool:
    """Queue it to whoever asks, once a minute at most. True if it is new."""
    email = build_sample(sample, language, now=now)
    with translation.override(language):
        subject = _("[Sample] %(subject)s") % {"subject": email.subject}
    # Without the calendar entry: it would stand in the calendar of whoever reads the proof.
    email = replace(email, subject=subject, calendar="", calendar_method="")
    return queue_email(
        key=f"sample:{sample.name}:{language}:{by.public_id}:{now:%Y%m%d%H%M}",
        kind="sample",
        purpose=Purpose.TRANSACTIONAL,
        email=email,
        person=by,
    )
