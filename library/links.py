"""The signed link for somebody who is in a resource: say yes or no, and take the yes back.

It opens without signing in, and never ends: a yes can be taken back at any time (L4).
"""

from typing import TYPE_CHECKING

from django.urls import reverse

from cop.core.links import absolute, make_token

if TYPE_CHECKING:
    from library.models import ResourceCredit


def consent_path(credit: "ResourceCredit", visibility: str = "") -> str:
    """`visibility`: the readers that are asked for; what was asked is what was answered (L3)."""
    wanted = visibility or credit.resource.visibility
    token = make_token("consent", [credit.public_id, wanted])
    return reverse("consent_link", args=[token])


def consent_url(credit: "ResourceCredit", visibility: str = "") -> str:
    return absolute(consent_path(credit, visibility))
