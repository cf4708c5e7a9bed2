"""The mails about an application. One function each; the reviewer's words go through untouched."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from cop.core.links import absolute
from cop.core.mail import Email, render_email
from members.mailing import footer, queue_community_email
from members.models import MembershipApplication
from members.queries import greeter_for
from members.reasons import say_reasons, say_what_would_change
from outbox.models import Purpose

TEMPLATES = {
    "received": "members/email/application_received",
    "welcome": "members/email/welcome",
    "asked": "members/email/information_requested",
    "declined": "members/email/declined",
    "reminder": "members/email/information_reminder",
    "lapsed": "members/email/application_lapsed",
}
WHY = _("You get this because you applied to join this community.")


def application_context(
    application: MembershipApplication,
    *,
    message: str = "",
    reason_codes: Sequence[str] = (),
    category: str = "",
    may_be_ally: bool = False,
) -> dict[str, Any]:
    with translation.override(application.person.language):
        return {
            "application": application,
            "organization": application.organization,
            "message": message,
            "reasons": say_reasons(list(reason_codes)),
            "category": category,
            "greeter": greeter_for(application.community, application.person) if category else None,
            "page_url": absolute(application.get_absolute_url()),
            "may_be_ally": may_be_ally,
            "changes": say_what_would_change(list(reason_codes)),
            "appeal_url": absolute(reverse("members:appeal", args=[application.public_id])),
        }


def queue_application_email(
    kind: str,
    application: MembershipApplication,
    *,
    turn: int = 0,
    **context: Any,  # noqa: ANN401
) -> None:
    """`kind`: a key of TEMPLATES. One mail for each version of the application, never two.

    `turn`: of several reminders about the same version, which one.
    """
    key = f"application:{application.public_id}:{kind}:{application.version}"
    queue_community_email(
        community=application.community,
        person=application.person,
        key=f"{key}:{turn}" if turn else key,
        kind=TEMPLATES[kind].rpartition("/")[2],
        purpose=Purpose.TRANSACTIONAL,
        template=TEMPLATES[kind],
        why=WHY,
        context=application_context(application, **context),
        looks_first=bool(turn),
    )


def preview_application_email(
    kind: str,
    application: MembershipApplication,
    **context: Any,  # noqa: ANN401
) -> Email:
    """The very mail that the decision will send, for the reviewer's eyes first."""
    person, community = application.person, application.community
    with translation.override(person.language):
        frame = footer(community, language=person.language, why=str(WHY), can_stop=False)
        # The link to the person's mail choices is made at sending; it is not for other eyes.
        frame["choices_url"] = ""
        known = {"community": community, "person": person, "zone": person.timezone, **frame}
        return render_email(
            TEMPLATES[kind],
            known | application_context(application, **context),
            language=person.language,
        )
