"""The reports of mail providers, called in as each of them really does."""

import base64
import hashlib
import hmac
import json

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from django.utils import timezone

from outbox.addresses import bounce_address
from outbox.providers import PROVIDERS

KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC = base64.b64encode(
    KEY.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
).decode()
SECRET, LOGIN = "a-key-of-twenty-signs", "caller:twelve-signs"
SECRETS = {name: LOGIN for name in PROVIDERS} | {
    "mailgun": SECRET,
    "mailersend": SECRET,
    "sendgrid": PUBLIC,
}
SIGNED = {"mailgun", "mailersend", "sendgrid"}


def report(provider, mail, *, what="bounce", to=None, at=None, number="1"):
    """The report of one event in this provider's own words."""
    to, at = to or mail.person.email, at or timezone.now()
    stamp, message_id = int(at.timestamp()), mail.message_id
    spam = what == "spam"
    match provider:
        case "mailgun":
            data = {
                "event": "complained" if spam else "failed", "severity": "permanent",
                "recipient": to, "timestamp": stamp, "delivery-status": {"message": "5.1.1 gone"},
                "message": {"headers": {"message-id": message_id.strip("<>")}},
            }  # fmt: skip
            return {"event-data": data, "signature": {"token": f"t{number}"}}
        case "sendgrid":
            event = "spamreport" if spam else "bounce"
            return [{"event": event, "email": to, "timestamp": stamp, "smtp-id": message_id,
                     "sg_event_id": number, "reason": "550 5.1.1 gone"}]  # fmt: skip
        case "mailersend":
            kind = "spam_complaint" if spam else "hard_bounced"
            data = {"type": kind, "id": number, "created_at": at.isoformat(),
                    "email": {"recipient": {"email": to}, "message": {"id": "m"}}}  # fmt: skip
            return {"type": f"activity.{kind}", "data": data}
        case "amazon_ses":
            who = [{"emailAddress": to, "diagnosticCode": "550 5.1.1 gone"}]
            body = {
                "notificationType": "Bounce",
                "bounce": {
                    "bounceType": "Permanent",
                    "bounceSubType": "General",
                    "bouncedRecipients": who,
                },
            }
            if spam:
                body = {"notificationType": "Complaint", "complaint": {"complainedRecipients": who}}
            source = bounce_address(mail.pk)
            body["mail"] = {"messageId": "ses", "source": source, "destination": [to]}
            return {"Type": "Notification", "MessageId": number, "Message": json.dumps(body),
                    "Timestamp": at.isoformat()}  # fmt: skip
        case "brevo":
            return {"event": "spam" if spam else "hard_bounce", "email": to, "id": number,
                    "ts_epoch": stamp * 1000, "message-id": message_id}  # fmt: skip
        case "mailjet":
            return {"event": "spam" if spam else "bounce", "hard_bounce": True, "email": to,
                    "time": stamp, "MessageID": int(number)}  # fmt: skip
        case "postmark":
            kind = "SpamComplaint" if spam else "Bounce"
            return {"RecordType": kind, "Type": "SpamComplaint" if spam else "HardBounce",
                    "ID": int(number), "Email": to, "BouncedAt": at.isoformat()}  # fmt: skip
        case "resend":
            kind = "email.complained" if spam else "email.bounced"
            return {
                "type": kind,
                "created_at": at.isoformat(),
                "data": {"email_id": number, "to": [to], "bounce": {"message": "bounce message"}},
            }
        case "sparkpost":
            event = {"type": "spam_complaint" if spam else "bounce", "event_id": number,
                     "timestamp": str(stamp), "raw_rcpt_to": to, "bounce_class": "10",
                     "msg_from": bounce_address(mail.pk)}  # fmt: skip
            return [{"msys": {"message_event": event}}]


def post(provider, body, **how):
    """Call us as the provider does."""
    return send(provider, *signed(provider, body, **how))


def signed(provider, body, *, forged=False, at=None):
    """Body and proof. `forged`: with a key or password that is not theirs."""
    stamp, headers = str(int((at or timezone.now()).timestamp())), {}
    key = b"guessed" if forged else SECRET.encode()
    if provider == "mailgun":
        token = body["signature"]["token"]
        sign = hmac.new(key, f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
        body["signature"] = {"token": token, "timestamp": stamp, "signature": sign}
    raw = json.dumps(body).encode()
    if provider == "mailersend":
        headers["Signature"] = hmac.new(key, raw, hashlib.sha256).hexdigest()
    elif provider == "sendgrid":
        signer = ec.generate_private_key(ec.SECP256R1()) if forged else KEY
        sign = signer.sign(stamp.encode() + raw, ec.ECDSA(hashes.SHA256()))
        headers["X-Twilio-Email-Event-Webhook-Signature"] = base64.b64encode(sign).decode()
        headers["X-Twilio-Email-Event-Webhook-Timestamp"] = stamp
    elif provider != "mailgun":
        login = "caller:guessed" if forged else LOGIN
        headers["Authorization"] = "Basic " + base64.b64encode(login.encode()).decode()
    if provider == "amazon_ses" and isinstance(body, dict):
        headers["X-Amz-Sns-Message-Type"] = body["Type"]
        headers["X-Amz-Sns-Message-Id"] = body["MessageId"]
    return raw, headers


def send(provider, raw, headers=None):
    client = Client(enforce_csrf_checks=True)
    return client.post(
        f"/mail-events/{provider}/tracking/", raw, content_type="application/json", headers=headers
    )
