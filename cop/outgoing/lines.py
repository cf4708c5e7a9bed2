"""The lines of the board: one for each fact that is told to many, however many those are."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cop.core.time import DEFAULT_ZONE, say_clock, zone_label
from cop.desk_mail import say_kind, say_why
from meetings.models import Meeting
from members.models import Community
from newsletter.models import NewsletterIssue
from outbox.actions.board import RELEASABLE
from outbox.models import Delivery

# What a line stands at, in words and with the look of its badge.
STATES: dict[str, tuple[str | Promise, str, str]] = {
    "planned": (gettext_lazy("Planned"), "", "calendar-event"),
    "waiting": (gettext_lazy("Waits for its time"), "info", "clock"),
    "sending": (gettext_lazy("Being sent"), "info", "send"),
    "held": (gettext_lazy("On hold"), "wait", "hourglass-split"),
    "stopped": (gettext_lazy("Will not be sent"), "bad", "x-circle"),
    "done": (gettext_lazy("Left"), "good", "check-circle"),
}
# What the clock goes on queueing: a word of staff also counts for what comes.
BY_THE_CLOCK = ("reminder:", "invitation:", "nudge:")
COVERS_LATER = (*BY_THE_CLOCK, "weekly_digest:")
OPEN_STATES = (Delivery.State.QUEUED, Delivery.State.PAUSED, Delivery.State.CLAIMED)


@dataclass
class Progress:
    """What became of the mails of one text, by their rows: never a single “done”."""

    sent: int = 0
    waiting: int = 0
    unclear: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)

    def add(self, state: str, reason: str, n: int) -> None:
        states = Delivery.State
        if state == states.SENT:
            self.sent += n
        elif state == states.UNCERTAIN:
            self.unclear += n
        elif state == states.FAILED:
            self.failed[reason] += n
        elif state in OPEN_STATES:
            self.waiting += n
        else:
            self.skipped[reason] += n

    @property
    def total(self) -> int:
        ended = self.sent + self.unclear + self.failed.total() + self.skipped.total()
        return ended + self.waiting

    @property
    def gone(self) -> int:
        return self.total - self.waiting

    @property
    def parts(self) -> list[tuple[str, int, list[tuple[str, int]]]]:
        """(word, how many, why) in the order in which one wants to know."""
        return [
            (_("sent"), self.sent, []),
            (_("still to go"), self.waiting, []),
            (_("skipped"), self.skipped.total(), _why(self.skipped)),
            (_("failed"), self.failed.total(), _why(self.failed)),
            (_("unclear"), self.unclear, []),
        ]


def _why(counts: Counter[str]) -> list[tuple[str, int]]:
    said: Counter[str] = Counter()
    for reason, n in counts.items():
        said[say_why(reason) or _("no reason was noted")] += n
    return said.most_common()


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row of the board."""

    scope: str
    prefix: str
    kind: str
    state: str
    count: int
    at: datetime | None
    on: datetime
    last_at: datetime | None = None
    reason: str = ""
    source: Model | None = None
    community: Community | None = None
    url: str = ""
    at_most: bool = False
    is_planned: bool = False
    progress: Progress | None = None

    @property
    def target(self) -> str:
        return f"{self.scope}|{self.prefix}"

    @property
    def zone(self) -> str:
        return self.community.timezone if self.community else DEFAULT_ZONE

    @property
    def is_personal(self) -> bool:
        return not self.prefix

    @property
    def title(self) -> str:
        if self.is_personal:
            return _("Answers and personal mail")
        if isinstance(self.source, Meeting):
            return self.source.title
        if isinstance(self.source, NewsletterIssue):
            return self.source.subject or _("No subject yet")
        return say_kind(self.kind)

    @property
    def label(self) -> str:
        if isinstance(self.source, NewsletterIssue):
            return _("Newsletter %(number)s") % {"number": self.source.number}
        return say_kind(self.kind) if self.source else ""

    @property
    def state_words(self) -> str:
        if self.state == "done" and self.progress and not self.progress.sent:
            return _("Over")
        return str(STATES[self.state][0])

    @property
    def look(self) -> str:
        return STATES[self.state][1]

    @property
    def icon(self) -> str:
        return STATES[self.state][2]

    @property
    def why(self) -> str:
        """Why it does not go, where nothing else on the line says so."""
        if self.state in ("held", "stopped"):
            return say_why(self.reason)
        if self.is_planned and self.at is None:
            issue = self.source
            if isinstance(issue, NewsletterIssue):
                words = {"state": issue.get_state_display()}
                return _("It leaves when somebody sends it. Now it stands at “%(state)s”.") % words
            return _("It leaves when somebody sends it.")
        return ""

    @property
    def when(self) -> str:
        """The time of day; the day stands above."""
        if self.at is None:
            return _("during the day")
        clock = say_clock(self.at.astimezone(ZoneInfo(self.zone)))
        words = {"clock": clock, "zone": zone_label(self.zone)}
        if self.last_at and self.last_at != self.at:
            return _("from %(clock)s %(zone)s") % words
        return _("%(clock)s %(zone)s") % words

    @property
    def to_whom(self) -> str:
        if self.is_personal:
            return ngettext("%(n)s mail", "%(n)s mails", self.count) % {"n": self.count}
        if not self.count:
            return _("nobody so far")
        words: Any = {"n": self.count}
        if self.at_most:
            return (
                ngettext("to %(n)s person at most", "to %(n)s people at most", self.count) % words
            )
        return ngettext("to %(n)s person", "to %(n)s people", self.count) % words

    # Which buttons there are.
    @property
    def is_reminder(self) -> bool:
        return self.prefix.startswith("reminder:")

    @property
    def about_a_meeting(self) -> bool:
        """Queued by the clock from the rows of a meeting, so that a word stands beforehand."""
        return self.prefix.startswith(BY_THE_CLOCK)

    @property
    def covers_later(self) -> bool:
        """Does a word of staff also count for what is queued from now on?"""
        return self.prefix.startswith(COVERS_LATER)

    @property
    def is_open(self) -> bool:
        """Is there anything a word of staff would change?"""
        return bool(self.count) or self.covers_later

    @property
    def may_hold(self) -> bool:
        if self.is_personal or (self.is_planned and self.at is None):
            return False
        return self.state in ("planned", "waiting", "sending")

    @property
    def may_release(self) -> bool:
        if self.is_personal:
            return self.reason == "restored copy"
        return self.state == "held" or (self.state == "stopped" and self.is_planned)

    @property
    def take_back_url(self) -> str:
        """An issue that has not begun to leave goes back to its editors, with everything in it."""
        is_issue = isinstance(self.source, NewsletterIssue) and self.progress is not None
        if not is_issue or self.progress.gone or self.state not in ("waiting", "held"):
            return ""
        return self.url

    @property
    def may_stop(self) -> bool:
        if self.take_back_url:
            return False
        if self.is_personal:
            return self.may_release
        if self.is_planned and (self.at is None or self.prefix.startswith("weekly_digest:")):
            return False
        return self.state in ("planned", "waiting", "sending", "held")

    @property
    def may_move(self) -> bool:
        single = self.progress is None and not self.is_planned and not self.is_personal
        return single and not self.is_reminder and self.state in ("waiting", "held")

    @property
    def release_words(self) -> str:
        if self.state == "stopped":
            return _("Send it after all")
        return _("Resume") if self.reason not in RELEASABLE else _("Release")
