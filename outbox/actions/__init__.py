from outbox.actions.batches import queue_batch
from outbox.actions.board import (
    cancel_mail,
    hold_mail,
    release_mail,
    reschedule_mail,
    resend_uncertain,
    settle_uncertain,
)
from outbox.actions.imports import import_addresses
from outbox.actions.lists import (
    ensure_mailing_lists,
    find_mailing_list,
    resubscribe,
    unsubscribe_address,
    unsubscribe_subscription,
    update_subscriptions,
    withdraw_all,
)
from outbox.actions.pauses import change_choices, pause_until
from outbox.actions.queue import Outgoing, cancel_deliveries, queue_email, queue_emails
from outbox.actions.send import send_due
from outbox.actions.signup import confirm_subscription, purge_pending, request_subscription
from outbox.actions.upkeep import purge_old_mail, reconcile_mail
from outbox.actions.working import confirm_address_works

__all__ = [
    "Outgoing",
    "cancel_deliveries",
    "cancel_mail",
    "change_choices",
    "confirm_address_works",
    "confirm_subscription",
    "ensure_mailing_lists",
    "find_mailing_list",
    "hold_mail",
    "import_addresses",
    "pause_until",
    "purge_old_mail",
    "purge_pending",
    "queue_batch",
    "queue_email",
    "queue_emails",
    "reconcile_mail",
    "release_mail",
    "request_subscription",
    "reschedule_mail",
    "resend_uncertain",
    "resubscribe",
    "send_due",
    "settle_uncertain",
    "unsubscribe_address",
    "unsubscribe_subscription",
    "update_subscriptions",
    "withdraw_all",
]
