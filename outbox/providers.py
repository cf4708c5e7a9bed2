"""The mail providers we understand, and what is particular about each."""

import json
import re
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from anymail.signals import AnymailTrackingEvent
from anymail.webhooks.amazon_ses import AmazonSESTrackingWebhookView
from anymail.webhooks.base import AnymailBaseWebhookView
from django.http import HttpRequest

from outbox.verdicts import HARD, SOFT, verdict

HOOKS = "anymail.webhooks"
# The view, and how it calls the secret. `webhook_secret` is name:password in the address that the
# provider calls; the others are keys with which it signs.
PROVIDERS = {
    "amazon_ses": ("outbox.providers.SesView", "webhook_secret"),
    "brevo": (f"{HOOKS}.brevo.BrevoTrackingWebhookView", "webhook_secret"),
    "mailersend": (f"{HOOKS}.mailersend.MailerSendTrackingWebhookView", "signing_secret"),
    "mailgun": (f"{HOOKS}.mailgun.MailgunTrackingWebhookView", "webhook_signing_key"),
    "mailjet": (f"{HOOKS}.mailjet.MailjetTrackingWebhookView", "webhook_secret"),
    "postmark": (f"{HOOKS}.postmark.PostmarkTrackingWebhookView", "webhook_secret"),
    "resend": (f"{HOOKS}.resend.ResendTrackingWebhookView", "webhook_secret"),
    "sendgrid": (
        f"{HOOKS}.sendgrid.SendGridTrackingWebhookView",
        "tracking_webhook_verification_key",
    ),
    "sparkpost": (f"{HOOKS}.sparkpost.SparkPostTrackingWebhookView", "webhook_secret"),
}
BY_PASSWORD = {name for name, (_view, option) in PROVIDERS.items() if option == "webhook_secret"}
# Seconds for which a signed report may be shown to us, where the time is signed too.
FRESH = {"mailgun": 300, "sendgrid": 300}
SNS_HOST = re.compile(r"sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?")
# SparkPost's numbers for an address that does not exist.
GONE = {"10", "30"}


def signed_at(provider: str, request: HttpRequest) -> float | None:
    """The signed time of a report in seconds; anymail checks the signature afterwards."""
    try:
        if provider == "sendgrid":
            return float(request.headers["X-Twilio-Email-Event-Webhook-Timestamp"])
        if request.content_type == "application/json":
            return float(json.loads(request.body)["signature"]["timestamp"])
        return float(request.POST["timestamp"])
    except (KeyError, RecursionError, TypeError, ValueError):
        return None


def is_soft(provider: str, event: AnymailTrackingEvent) -> bool:
    """May it work the next time? The provider's own word first, then that of the server."""
    report = event.esp_event if isinstance(event.esp_event, dict) else {}
    own = _own_word(provider, report)
    if own is not None:
        return own
    said = verdict(f"{event.mta_response or ''} {event.description or ''}")
    return said == SOFT if said in (HARD, SOFT) else False


def _own_word(provider: str, report: dict[str, Any]) -> bool | None:
    match provider:
        case "amazon_ses":
            return (report.get("bounce") or {}).get("bounceType") != "Permanent"
        case "brevo":
            return report.get("event") == "soft_bounce"
        case "mailersend":
            return (report.get("data") or {}).get("type") == "soft_bounced"
        case "mailjet":
            return not report.get("hard_bounce")
        case "postmark":
            return report.get("Type") != "HardBounce"
        case "sendgrid":
            return True if report.get("type") == "blocked" else None
        case "sparkpost":
            inner = next(iter((report.get("msys") or {}).values()), {})
            return str(inner.get("bounce_class")) not in GONE
    return None


class SesView(AmazonSESTrackingWebhookView):
    """Without Amazon's own library: it would only be needed to answer their first call."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401
        self.auto_confirm_enabled = True
        AnymailBaseWebhookView.__init__(self, **kwargs)

    def auto_confirm_sns_subscription(self, sns_message: dict[str, Any]) -> None:
        """Amazon asks once whether the address is ours. The password has been checked by now."""
        address = urlsplit(str(sns_message.get("SubscribeURL", "")))
        if address.scheme == "https" and SNS_HOST.fullmatch(address.netloc):
            urllib.request.urlopen(address.geturl(), timeout=10).close()  # noqa: S310  checked
