from django.db import transaction

from cop.core.audit import record
from meetings.models import CalendarFeed, MeetingChoices
from meetings.models.feeds import new_feed_secret
from members.models import User


@transaction.atomic
def replace_calendar_feed(*, person: User) -> CalendarFeed:
    """Give the person a calendar address. One they had before is dead from now on."""
    feed, created = CalendarFeed.objects.get_or_create(person=person)
    if not created:
        feed.secret = new_feed_secret()
        feed.save(update_fields=["secret"])
    record("calendar_feed_replaced" if not created else "calendar_feed_made", feed, by=person)
    return feed


def choose_about_meetings(
    *, person: User, has_discreet_titles: bool, wants_link_mail: bool
) -> MeetingChoices:
    """One's own wishes about calendar entries and mails; the same twice changes nothing."""
    values = {"has_discreet_titles": has_discreet_titles, "wants_link_mail": wants_link_mail}
    choices, _created = MeetingChoices.objects.update_or_create(person=person, defaults=values)
    return choices
