"""The link of somebody who is named: it works without signing in and takes a yes back any time."""

from django.urls import reverse

from cop.core.links import absolute, make_token
from newsletter.models import NamedPerson


def named_path(row: NamedPerson) -> str:
    return reverse("named_link", args=[make_token("named", row.public_id)])


def named_url(row: NamedPerson) -> str:
    return absolute(named_path(row))
