import hashlib
import hmac

from django.conf import settings


def address_hash(address: str) -> str:
    """The keyed hash under which an address is suppressed, without keeping the address (CASL-6)."""
    key = b"outbox.suppression:" + settings.SECRET_KEY.encode()
    return hmac.new(key, address.strip().lower().encode(), hashlib.sha256).hexdigest()[:32]
