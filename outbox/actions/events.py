from datetime import datetime

from outbox.models import Delivery


def note_answer(delivery: Delivery, address: str, outcome: str, text: str, now: datetime) -> None:
    """What the server said about an address while we were sending."""
