"""The mails about an account: allauth says when, our words say what."""

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop.core.mail import Email, inline_css, one_line, tidy_text, without_hidden_signs
from members.models import Community

# What stands on the button of a mail without a code; all others are about something that changed.
BUTTONS: dict[str, str | Promise] = {
    "account_already_exists": gettext_lazy("Ask for a code"),
    "unknown_account": gettext_lazy("Make an account"),
}


def account_email(prefix: str, email: str, context: dict[str, Any], language: str) -> Email:
    """Render `<prefix>_subject.txt` and `<prefix>_message.txt` into the frame of all mail."""
    kind = prefix.rpartition("/")[2]
    is_notice = "user_agent" in context
    with translation.override(language):
        full = {
            **context,
            "email": email,
            "site_name": settings.SITE_NAME,
            "site_url": settings.SITE_URL,
            "postal_address": settings.POSTAL_ADDRESS,
            "sender_name": settings.SITE_NAME,
            "language": language,
            "why": _("You get this because the way you sign in has changed.")
            if is_notice
            else _("You get this because somebody typed this address at our sign-in."),
            "label": _("Look at Security") if is_notice else BUTTONS.get(kind, _("Sign in")),
        }
        subject = one_line(render_to_string(f"{prefix}_subject.txt", full))
        text = tidy_text(render_to_string(f"{prefix}_message.txt", full))
        full |= {"subject": subject, "body": text.strip()}
        full["paragraphs"] = paragraphs_of(text, str(context.get("code") or ""))
        html = render_to_string("account/email/message.html", full)
        letter = render_to_string("account/email/message.txt", full)
        html = inline_css(without_hidden_signs(html))
        return Email(subject=subject, text=tidy_text(letter), html=html)


def paragraphs_of(text: str, code: str) -> list[dict[str, str]]:
    """The letter for the HTML part: a code stands large, a link below its words is a button."""
    found = []
    for part in filter(None, (part.strip() for part in text.split("\n\n"))):
        words, _line, last = part.rpartition("\n")
        if last.startswith(f"{settings.SITE_URL}/"):
            found.append({"kind": "link", "text": words.rstrip(": \u00a0") + ".", "url": last})
        elif code and code in part:
            found.append({"kind": "code", "text": part.replace(code, "").strip()})
        else:
            found.append({"kind": "text", "text": part})
    return found


def human_address() -> str:
    """Who reads the answers: the one community's contact; with several, the site's own sender."""
    contacts = Community.objects.public().exclude(contact_email="").order_by("pk")
    found = list(contacts.values_list("contact_email", flat=True)[:2])
    return found[0] if len(found) == 1 else ""
