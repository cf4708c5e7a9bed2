from outbox.actions.lists import (
    ensure_mailing_lists,
    find_mailing_list,
    resubscribe,
    unsubscribe_subscription,
    update_subscriptions,
    withdraw_all,
)
from outbox.actions.queue import cancel_deliveries, queue_batch, queue_email
from outbox.actions.send import send_due

__all__ = [
    "cancel_deliveries",
    "ensure_mailing_lists",
    "find_mailing_list",
    "queue_batch",
    "queue_email",
    "resubscribe",
    "send_due",
    "unsubscribe_subscription",
    "update_subscriptions",
    "withdraw_all",
]
