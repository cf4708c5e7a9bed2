from datetime import datetime, time, timedelta

from django.utils import timezone

from cop.core.time import to_instant


def next_noon() -> datetime:
    """Noon of tomorrow on the wall clock of the cast: never in anybody's quiet hours."""
    return to_instant(timezone.now().date() + timedelta(days=1), time(12), "America/Vancouver")


def without_its_second(link: str) -> str:
    """A signed link up to the second in which it was made, to look for it in a mail."""
    return link.split(":1", 1)[0]
