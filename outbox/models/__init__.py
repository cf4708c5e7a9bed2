from outbox.models.lists import AddressScore, Consent, MailingList, Subscription, Suppression
from outbox.models.mail import PRIORITY, Delivery, DeliveryQuerySet, MailBatch, Purpose
from outbox.models.post import (
    Heartbeat,
    HostPace,
    MailAlarm,
    MailEvent,
    MailHold,
    SendGate,
)

__all__ = [
    "PRIORITY",
    "AddressScore",
    "Consent",
    "Delivery",
    "DeliveryQuerySet",
    "Heartbeat",
    "HostPace",
    "MailAlarm",
    "MailBatch",
    "MailEvent",
    "MailHold",
    "MailingList",
    "Purpose",
    "SendGate",
    "Subscription",
    "Suppression",
]
