"""The signed links that stand in a mail: they work without signing in and never expire."""

from typing import Any

from django.urls import reverse

from cop.core.links import absolute, make_token
from outbox.addresses import address_hash
from outbox.models import Subscription


def unsubscribe_url(subscription: Subscription, address: str) -> str:
    """The one-click address of one subscription (RFC 8058); it outlives the account (CASL-6)."""
    payload = [subscription.pk, subscription.mailing_list.public_id, address_hash(address)]
    return absolute(reverse("outbox:unsubscribe", args=[make_token("unsubscribe", payload)]))


def choices_url(person: Any, scope: str) -> str:  # noqa: ANN401  a User, further right
    """Where this person sets what one community sends: no sign-in, no name in the address."""
    token = make_token("choices", [person.public_id, scope])
    return absolute(reverse("outbox:choices_edit", args=[token]))
