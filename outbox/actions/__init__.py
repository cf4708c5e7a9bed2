from outbox.actions.batches import queue_batch
from outbox.actions.lists import (
    ensure_mailing_lists,
    find_mailing_list,
    resubscribe,
    unsubscribe_subscription,
    update_subscriptions,
    withdraw_all,
)
from outbox.actions.queue import Outgoing, cancel_deliveries, queue_email, queue_emails
from outbox.actions.send import send_due
from outbox.actions.upkeep import purge_old_mail, reconcile_mail

__all__ = [
    "Outgoing",
    "cancel_deliveries",
    "ensure_mailing_lists",
    "find_mailing_list",
    "purge_old_mail",
    "queue_batch",
    "queue_email",
    "queue_emails",
    "reconcile_mail",
    "resubscribe",
    "send_due",
    "unsubscribe_subscription",
    "update_subscriptions",
    "withdraw_all",
]
