"""Who reads: a person with an account, or an address that has none."""

from dataclasses import dataclass
from typing import Any, Self

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from cop.core.time import DEFAULT_ZONE
from outbox.models import MailingList, Subscription


@dataclass(frozen=True)
class Reader:
    person: Any = None  # a User; this app knows no model to its right
    address: str = ""

    @classmethod
    def of(cls, subscription: Subscription) -> Self:
        return cls(subscription.person, subscription.address)

    @property
    def email(self) -> str:
        return self.address if self.person is None else self.person.email

    @property
    def zone(self) -> str:
        return DEFAULT_ZONE if self.person is None else self.person.timezone

    @property
    def key(self) -> dict[str, Any]:
        """The fields of a subscription that make it this reader's."""
        return {"person": self.person, "address": "" if self.person is not None else self.address}

    def subscriptions(self, scope: str) -> QuerySet[Subscription]:
        return Subscription.objects.filter(**self.key, mailing_list__scope=scope)


def address_of(subscription: Subscription) -> str:
    """Where the mail of a subscription goes."""
    return Reader.of(subscription).email


def person_with(address: str) -> Any:  # noqa: ANN401  a User, or None
    """The open account of an address."""
    return get_user_model().objects.filter(email=address, is_active=True).first()


def same_reader(mailing_list: MailingList, address: str) -> QuerySet[Subscription]:
    """All subscriptions by which this address gets this list: of the account, of the address."""
    rows = Subscription.objects.filter(mailing_list=mailing_list)
    return rows.filter(Q(person__email=address) | Q(person=None, address=address))
