"""One person's paper: cast, and changed until the vote closes."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cop.core.errors import ActionError
from meetings.actions.ballots import lock_ballot
from meetings.emails.ballots import LAST_DAY, key_prefix
from meetings.models import Ballot, BallotMark, BallotPaper
from meetings.queries.ballots import is_taking_papers, marks_of, may_still_vote
from outbox.actions import cancel_deliveries


class PaperChanged(ActionError):
    """Another window was quicker: what counts now is shown beside what was chosen here."""


@transaction.atomic
def cast_paper(
    *, paper: BallotPaper, dots: Mapping[int, int], version: int, now: datetime
) -> BallotPaper:
    """`dots`: option -> how many; zeros are left out. The same again changes nothing.

    Everybody waits at the lock of the vote: nobody slips in while it is being counted, and of two
    windows of one person the second finds the paper of the first.
    """
    ballot = lock_ballot(paper.ballot)
    locked = BallotPaper.objects.select_for_update().get(pk=paper.pk)
    locked.ballot, locked.person = ballot, paper.person
    if not is_taking_papers(ballot, now):
        raise ActionError(_("This vote is closed. What you had sent before that counts."))
    if not may_still_vote(locked):
        raise ActionError(_("This vote is for members of the community, and you are not one now."))
    wanted = {option: number for option, number in dots.items() if number}
    if locked.cast_at is not None and marks_of(locked) == wanted:
        return locked
    check_dots(ballot, wanted)
    if locked.version != version:
        raise PaperChanged(
            _("You voted in another window meanwhile. Look at both, then send what shall count.")
        )
    _write(locked, wanted, now)
    return locked


def check_dots(ballot: Ballot, wanted: Mapping[int, int]) -> None:
    known = set(ballot.options.values_list("pk", flat=True))
    if not set(wanted) <= known or any(number < 0 for number in wanted.values()):
        raise ActionError(_("A topic on this page is not part of the vote. Load the page again."))
    if not wanted:
        raise ActionError(_("Choose at least one topic, then send."))
    if ballot.method == Ballot.Method.APPROVAL:
        if any(number != 1 for number in wanted.values()):
            raise ActionError(_("One yes for each topic is enough. Load the page again."))
        return
    if max(wanted.values()) > ballot.most_on_one:
        told = ngettext(
            "At most %(most)d dot can go on one topic.",
            "At most %(most)d dots can go on one topic.",
            ballot.most_on_one,
        )
        raise ActionError(told % {"most": ballot.most_on_one})
    given = sum(wanted.values())
    if given > ballot.dots:
        told = ngettext(
            "You have %(all)d dot, and gave %(given)d. Take some back.",
            "You have %(all)d dots, and gave %(given)d. Take some back.",
            ballot.dots,
        )
        raise ActionError(told % {"all": ballot.dots, "given": given})


def _write(paper: BallotPaper, wanted: Mapping[int, int], now: datetime) -> None:
    ballot = paper.ballot
    if paper.cast_at is None:
        Ballot.objects.filter(pk=ballot.pk).update(papers_cast=F("papers_cast") + 1)
    paper.marks.all().delete()
    BallotMark.objects.bulk_create(
        BallotMark(paper=paper, option_id=option, dots=number) for option, number in wanted.items()
    )
    paper.cast_at, paper.version = now, paper.version + 1
    paper.save(update_fields=["cast_at", "version"])
    # Who has voted needs no reminder.
    key = f"{key_prefix(LAST_DAY, ballot)}{paper.person.public_id}"
    cancel_deliveries(prefix=key, reason="has voted", now=now)
