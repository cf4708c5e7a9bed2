"""What the page of choices shows: each list, how often it writes, and what that comes to."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cop.core.time import say_date
from outbox.budget import MONTH_LIMIT
from outbox.models import MailingList, Subscription
from outbox.readers import Reader
from outbox.wordings import FEWER, KEEP, PROMISES

Kind = MailingList.Kind
# Mails in two months, at most. Honest guesses, rounded up; EM1 holds whatever they say.
IN_TWO_MONTHS = {
    Kind.NEWSLETTER.value: 1,
    Kind.WEEKLY_DIGEST.value: 8,
    Kind.INVITATIONS.value: 2,
    Kind.BALLOTS.value: 1,
    Kind.DISCUSSION.value: 8,
}
HOW_OFTEN: dict[str, str | Promise] = {
    Kind.NEWSLETTER.value: gettext_lazy("1 mail in two months"),
    Kind.WEEKLY_DIGEST.value: gettext_lazy("up to 4 mails a month"),
    Kind.INVITATIONS.value: gettext_lazy("about 1 mail a month"),
    Kind.BALLOTS.value: gettext_lazy("1 mail in two months"),
    Kind.DISCUSSION.value: gettext_lazy("up to 4 mails a month"),
}
PAUSES = (2, 4, 8)  # weeks
# What can come inside the weekly digest. The newsletter stays a mail of its own.
FOLDABLE = (Kind.INVITATIONS.value, Kind.BALLOTS.value, Kind.DISCUSSION.value)
APART = gettext_lazy("The newsletter still comes on its own, every two months.")


def in_two_months(kinds: Iterable[str]) -> int:
    """At most so many in two months, all these lists together."""
    return min(2 * MONTH_LIMIT, sum(IN_TWO_MONTHS[kind] for kind in kinds))


def mails_a_month(kinds: Iterable[str]) -> int:
    return ceil(in_two_months(kinds) / 2)


def say_mails(count: int) -> str:
    """The number in two months as people say it."""
    if not count:
        return _("With this choice no mail comes.")
    if count == 1:
        return _("With this choice 1 mail comes in two months.")
    a_month = ceil(count / 2)
    return ngettext(
        "With this choice you get about %(n)s mail a month, at most.",
        "With this choice you get about %(n)s mails a month, at most.",
        a_month,
    ) % {"n": a_month}


def say_day(instant: datetime, zone: str) -> str:
    """6 December: short enough for a button."""
    return formats.date_format(instant.astimezone(ZoneInfo(zone)), "j F")


@dataclass(frozen=True)
class ListChoice:
    kind: str
    promise: str | Promise
    is_on: bool
    in_digest: bool
    expires_at: datetime | None

    @property
    def how_often(self) -> str | Promise:
        return gettext_lazy("inside the weekly digest") if self.in_digest else HOW_OFTEN[self.kind]

    @property
    def mails(self) -> int:
        return 0 if self.in_digest else self.mails_alone

    @property
    def mails_alone(self) -> int:
        """What counts once the digest is not ticked any more: nothing can come inside it."""
        return IN_TWO_MONTHS[self.kind]


@dataclass(frozen=True)
class Choices:
    """One reader's choices about one community."""

    scope: str
    sender: str
    zone: str
    lists: list[ListChoice]
    paused_until: datetime | None
    has_account: bool
    now: datetime

    @property
    def offered(self) -> list[str]:
        return [one.kind for one in self.lists]

    @property
    def current(self) -> set[str]:
        return {one.kind for one in self.lists if one.is_on}

    @property
    def seen(self) -> str:
        """What the page shows as ticked, for the form to say so when it is sent."""
        return " ".join(sorted(self.current))

    @property
    def loose(self) -> list[str]:
        """The lists that write mails of their own."""
        return [one.kind for one in self.lists if one.is_on and one.mails]

    @property
    def say_monthly(self) -> str:
        return say_mails(in_two_months(self.loose))

    @property
    def say_each(self) -> str:
        """The sentence for every possible number, for the script that counts along: JSON."""
        return json.dumps([say_mails(count) for count in range(2 * MONTH_LIMIT + 1)])

    @property
    def words(self) -> dict[str, str | Promise]:
        """What the buttons mean, word for word as the consent keeps it."""
        return {"fewer": FEWER, "digest": PROMISES[Kind.WEEKLY_DIGEST.value], "keep": KEEP}

    @property
    def apart(self) -> str | Promise:
        """The sentence on what does not come inside the digest."""
        return APART if Kind.NEWSLETTER.value in self.current else ""

    @property
    def is_folded(self) -> bool:
        return any(one.is_on and one.in_digest for one in self.lists)

    @property
    def may_fold(self) -> bool:
        return self.has_account and not set(FOLDABLE).isdisjoint(self.loose)

    @property
    def folded(self) -> int:
        """How many mails a month remain with everything in the digest."""
        return mails_a_month((self.current - set(FOLDABLE)) | {Kind.WEEKLY_DIGEST.value})

    @property
    def is_fewer(self) -> bool:
        return self.folded < mails_a_month(self.loose)

    @property
    def ends(self) -> str:
        """The day on which an implied consent ends, if it is one."""
        ends = [one.expires_at for one in self.lists if one.is_on and one.expires_at]
        return say_date(min(ends), self.zone) if ends else ""

    @property
    def pauses(self) -> list[tuple[int, str]]:
        """The pauses to choose from: weeks, and the day on which it would end."""
        return [(weeks, say_day(self.now + timedelta(weeks=weeks), self.zone)) for weeks in PAUSES]

    @property
    def pause_ends(self) -> str:
        return say_date(self.paused_until, self.zone) if self.paused_until else ""


def read_choices(
    reader: Reader, scope: str, *, now: datetime, offered: Collection[str] | None = None
) -> Choices | None:
    """None where there is no such community. An address without an account may only take the
    newsletter; lists that are on are shown whatever was `offered`."""
    lists = {row.kind: row for row in MailingList.objects.filter(scope=scope)}
    if not lists:
        return None
    if offered is None:
        offered = PROMISES if reader.person is not None else [Kind.NEWSLETTER.value]
    rows = {row.mailing_list_id: row for row in reader.subscriptions(scope)}
    pauses = [row.paused_until for row in rows.values() if row.paused_until]
    shown = [_list_choice(lists[kind], rows.get(lists[kind].pk), now) for kind in _order(lists)]
    return Choices(
        scope=scope,
        sender=next(iter(lists.values())).sender_name,
        zone=reader.zone,
        lists=[one for one in shown if one.kind in offered or one.is_on],
        paused_until=max((until for until in pauses if until > now), default=None),
        has_account=reader.person is not None,
        now=now,
    )


def _order(lists: dict[str, Any]) -> list[str]:
    known = [*PROMISES, *(kind for kind in Kind.values if kind not in PROMISES)]
    return [kind for kind in known if kind in lists]


def _list_choice(mailing_list: MailingList, row: Subscription | None, now: datetime) -> ListChoice:
    is_on = row is not None and row.state == Subscription.State.SUBSCRIBED
    is_on = is_on and (row.expires_at is None or row.expires_at > now)
    return ListChoice(
        kind=mailing_list.kind,
        promise=PROMISES.get(mailing_list.kind) or mailing_list.get_kind_display(),
        is_on=is_on,
        in_digest=is_on and row.in_digest,
        expires_at=row.expires_at if row else None,
    )


def say_done(did: str, choices: Choices) -> str:
    """What counts from now on, read from what is: a link that is opened twice never lies."""
    if did == "stale":
        return _("This was changed in another window. Nothing is saved: look once more.")
    if did == "resume" and not choices.paused_until:
        return _("The pause is over. What is ticked comes again from now on.")
    if did == "fewer" and choices.is_folded:
        said = _("From now on you get one mail a week at most, with everything in it.")
        return f"{said} {choices.apart}".strip()
    if did == "each" and not choices.is_folded:
        return _("From now on each mail comes on its own again.")
    if did == "keep" and choices.current and not choices.ends:
        return _("Thank you. It keeps coming until you stop it.")
    if did == "stop" and not choices.current:
        return _("From now on %(sender)s sends you nothing.") % {"sender": choices.sender}
    if did == "save":
        return _("Your choice is saved. It counts from now on.")
    return ""
