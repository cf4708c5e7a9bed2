import hashlib
import hmac
import re
import uuid
from functools import lru_cache

from django.conf import settings

PLAIN = re.compile(r"[!-~]+")
TAGGED = re.compile(r"\+([0-9a-f]{32})-([0-9a-f]{8})$", re.IGNORECASE)
REPLY_TAGGED = re.compile(r"\+([0-9a-z-]{1,40})-([0-9a-f]{16})$", re.IGNORECASE)


# RFC 5321, 4.5.3.1.1.
LONGEST_LOCAL_PART = 64


UNWRITABLE = "an address with such letters cannot be written to"


class BadAddress(ValueError):
    """No server could take this address."""


def address_hash(address: str) -> str:
    """The keyed hash under which an address is suppressed, without keeping the address (CASL-6)."""
    key = b"outbox.suppression:" + settings.SECRET_KEY.encode()
    return hmac.new(key, address.strip().lower().encode(), hashlib.sha256).hexdigest()[:32]


def host_of(address: str) -> str:
    """The receiving host of an address, for pacing."""
    return address.rpartition("@")[2].strip().lower()[:120]


def sendable_address(address: str) -> str:
    """The address as SMTP takes it, a domain of any script in its ASCII form.

    Raises BadAddress where no server could take it: no @, blanks, signs outside ASCII or
    more than 64 of them before it.
    """
    local, at, domain = address.strip().rpartition("@")
    if len(local) > LONGEST_LOCAL_PART:
        raise BadAddress("too long before the @")
    plain = f"{local}@{_ascii_domain(domain)}"
    if not (at and local and domain and PLAIN.fullmatch(plain)) or set("<>,;") & set(plain):
        raise BadAddress(UNWRITABLE)
    return plain


@lru_cache(maxsize=10_000)
def _ascii_domain(domain: str) -> str:
    try:
        return domain.encode("idna").decode()
    except UnicodeError as error:
        raise BadAddress("bad domain") from error


def bounce_address(delivery_id: uuid.UUID) -> str:
    """The envelope sender of one delivery (VERP), so that a bounce says whose it is.

    Empty where BOUNCE_ADDRESS is not set: then bounces go to the sender's own mailbox.
    """
    if not settings.BOUNCE_ADDRESS:
        return ""
    local, _at, domain = settings.BOUNCE_ADDRESS.partition("@")
    return f"{local}+{delivery_id.hex}-{_seal(delivery_id.hex)}@{domain}"


def read_bounce_address(address: str) -> uuid.UUID | None:
    """Whose bounce this is, or None where the address is not one of ours."""
    found = TAGGED.search(address.strip().partition("@")[0])
    if found is None or not hmac.compare_digest(_seal(found[1].lower()), found[2].lower()):
        return None
    return uuid.UUID(found[1])


def _seal(delivery_hex: str) -> str:
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, b"outbox.bounce:" + delivery_hex.encode(), hashlib.sha256).hexdigest()[:8]


def reply_address(tag: str) -> str:
    """Where answers to one thing come in. `tag`: what it is, in small letters and digits.

    Empty where REPLY_ADDRESS is not set: then nobody reads answers by machine.
    """
    if not settings.REPLY_ADDRESS:
        return ""
    local, _at, domain = settings.REPLY_ADDRESS.partition("@")
    return f"{local}+{tag}-{_reply_seal(settings.SECRET_KEY, tag)}@{domain}"


def read_reply_address(address: str) -> str | None:
    """The tag, or None where the address is not one of ours."""
    found = REPLY_TAGGED.search(address.strip().partition("@")[0])
    if found is None:
        return None
    tag, seal = found[1].lower(), found[2].lower()
    # Entries stay in calendars for months, through a change of the key.
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if hmac.compare_digest(_reply_seal(key, tag), seal):
            return tag
    return None


def _reply_seal(key: str, tag: str) -> str:
    return hmac.new(key.encode(), b"outbox.reply:" + tag.encode(), hashlib.sha256).hexdigest()[:16]
