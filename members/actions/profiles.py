from datetime import UTC, datetime

from members.actions.directory import refresh_profiles
from members.models import User


def update_profile(*, person: User, display_name: str, language: str, timezone: str) -> None:
    """`timezone`: an IANA name out of cop.core.time.ZONES."""
    User.objects.filter(pk=person.pk).update(
        display_name=display_name, language=language, timezone=timezone
    )
    person.display_name = display_name
    refresh_profiles(person)


def note_activity(*, person: User, now: datetime) -> None:
    """That somebody was here today; the day alone (UTC). Writes at most once a day."""
    today = now.astimezone(UTC).date()
    if person.last_seen_on != today:
        User.objects.filter(pk=person.pk).update(last_seen_on=today)
        person.last_seen_on = today
