from typing import Any

from django import template
from django.forms import Form

from outbox.forms import SubscribeForm
from outbox.wordings import SIGN_UP

register = template.Library()


@register.inclusion_tag("newsletter/_signup.html")
def newsletter_signup(
    community: Any,  # noqa: ANN401
    form: Form | None = None,
    came_from: str = "",
) -> dict[str, Any]:
    """The newsletter by e-mail, for people without a membership."""
    return {
        "community": community,
        "form": form or SubscribeForm(),
        "wording": SIGN_UP,
        "came_from": came_from,
    }
