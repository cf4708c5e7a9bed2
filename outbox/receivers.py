from typing import Any

from allauth.account.signals import email_changed
from django.dispatch import receiver
from django.utils import timezone

from outbox.actions.working import take_new_address


@receiver(email_changed)
def address_changed(sender: Any, user: Any, **kwargs: Any) -> None:  # noqa: ANN401
    take_new_address(person=user, now=timezone.now())
