from members.models import User


def update_profile(*, person: User, display_name: str, language: str, timezone: str) -> None:
    """`timezone`: an IANA name out of cop.core.time.ZONES."""
    User.objects.filter(pk=person.pk).update(
        display_name=display_name, language=language, timezone=timezone
    )
