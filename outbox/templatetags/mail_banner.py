from typing import Any

from django import template

from outbox.queries import returned_mail
from outbox.verdicts import say_verdict

register = template.Library()


@register.inclusion_tag("outbox/_mail_comes_back.html", takes_context=True)
def mail_comes_back(context: dict[str, Any]) -> dict[str, Any]:
    """The word to a signed-in person that mail to them comes back (N6); else nothing."""
    person = getattr(context.get("request"), "user", None)
    if person is None or not person.is_authenticated:
        return {}
    returned = returned_mail(person)
    return {
        "returned": returned,
        "why": say_verdict(returned.evidence) if returned else "",
        "person": person,
        "csrf_token": context.get("csrf_token"),
    }
