"""The signed links that stand in a mail: they work without signing in and never expire."""

from functools import cache
from typing import Any

from django.urls import reverse

from cop.core.links import absolute, make_token
from outbox.addresses import address_hash
from outbox.models import Subscription


def unsubscribe_url(subscription: Subscription, address: str) -> str:
    """The one-click address of one subscription (RFC 8058); it outlives the account (CASL-6)."""
    payload = [subscription.pk, subscription.mailing_list.public_id, address_hash(address)]
    return _address_of("outbox:unsubscribe", make_token("unsubscribe", payload))


def choices_url(person: Any, scope: str) -> str:  # noqa: ANN401  a User, further right
    """Where this person sets what one community sends: no sign-in, no name in the address."""
    token = make_token("choices", [person.public_id, scope])
    return _address_of("outbox:choices_edit", token)


def address_choices_url(subscription: Subscription) -> str:
    """The same page for an address without an account."""
    token = make_token("choices", [subscription.pk, subscription.mailing_list.scope])
    return _address_of("outbox:choices_edit", token)


def _address_of(view: str, token: str) -> str:
    return absolute(_pattern(view).replace("TOKEN", token))


@cache
def _pattern(view: str) -> str:
    """Looked up once: a newsletter holds thousands of these."""
    return reverse(view, args=["TOKEN"])


def confirm_url(payload: Any) -> str:  # noqa: ANN401  see find_asker
    """The link of a double opt-in."""
    return absolute(reverse("outbox:subscription_confirm", args=[make_token("confirm", payload)]))
