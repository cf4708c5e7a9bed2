"""How a community writes to one person: its name, its postal address, a human to reply to."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise

from cop.core.mail import Email, one_line, render_email
from cop.core.text import localized
from members.models import Community, User
from outbox.actions import queue_email
from outbox.models import Delivery, MailingList, Purpose

# Sending replaces these marks by the signed links of the one delivery (outbox.rendering).
CHOICES_MARK = "%%CHOICES_URL%%"
UNSUBSCRIBE_MARK = "%%UNSUBSCRIBE_URL%%"


def footer(
    community: Community, *, language: str, why: str | Promise, can_stop: bool
) -> dict[str, str]:
    """What stands under each mail of a community (CASL-4, N10), in the language of the mail."""
    with translation.override(language):
        why = str(why)
    return {
        "sender_name": one_line(localized(community, "name", language)),
        "postal_address": community.postal_address or settings.POSTAL_ADDRESS,
        "why": why,
        "choices_url": CHOICES_MARK,
        "unsubscribe_url": UNSUBSCRIBE_MARK if can_stop else "",
    }


def community_email(
    *,
    community: Community,
    person: User,
    template: str,
    why: str,
    context: dict[str, Any] | None = None,
    can_stop: bool = False,
    calendar: str = "",
    method: str = "",
) -> Email:
    """Render `template` (<name>.subject.txt, .txt, .html) in the person's language.

    The template knows community, person, zone (the person's), and what `context` adds. `why` is
    a lazy translation: "You get this because …".
    """
    language = person.language
    with translation.override(language):
        frame = footer(community, language=language, why=str(why), can_stop=can_stop)
        known = {"community": community, "person": person, "zone": person.timezone, **frame}
        return render_email(
            template,
            known | (context or {}),
            language=language,
            calendar=calendar,
            method=method,
        )


def queue_community_email(
    *,
    community: Community,
    person: User,
    key: str,
    kind: str,
    purpose: Purpose,
    template: str,
    why: str,
    context: dict[str, Any] | None = None,
    mailing_list: MailingList | None = None,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
    calendar: str = "",
    method: str = "",
    budgeted: bool = False,
    looks_first: bool = False,
) -> bool:
    """Render (`community_email`) and queue. True if the mail was new. `budgeted`: counts for EM1.

    `looks_first`: for the clock, which asks again and again: no rendering of what is there already.
    """
    if looks_first and Delivery.objects.filter(key=key).exists():
        return False
    email = community_email(
        community=community,
        person=person,
        template=template,
        why=why,
        context=context,
        can_stop=mailing_list is not None,
        calendar=calendar,
        method=method,
    )
    return queue_email(
        key=key,
        kind=kind,
        purpose=purpose,
        email=email,
        person=person,
        scope=community.public_id,
        mailing_list=mailing_list,
        due_at=due_at,
        expires_at=expires_at,
        reply_to=community.contact_email,
        budgeted=budgeted,
        sender_name=localized(community, "name", person.language),
    )
