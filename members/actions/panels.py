"""The panel of an appeal: who sits on it, and what each of them says (AP1)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.errors import ActionError
from members.access import has_role
from members.actions.appeals import locked, record
from members.actions.memberships import local_day
from members.emails.appeals import queue_seat_email
from members.models import Appeal, AppealSeat, User
from members.queries import is_affiliated
from members.queries.appeals import has_conflict, panel_candidates, tally


@transaction.atomic
def seat_person(*, appeal: Appeal, person: User, by: User, now: datetime) -> AppealSeat:
    """Ask somebody onto the panel. Raises ActionError for those who must stay out."""
    row = _open_row(appeal)
    _check_coordinates(row, by)
    today = local_day(row.application.community, now)
    if not panel_candidates(row, today).filter(pk=person.pk).exists():
        raise ActionError(
            _("%(person)s cannot sit here: they had a part in it, or are too close to it.")
            % {"person": person}
        )
    if tally(row):
        raise ActionError(_("The panel has voted already. Nobody can join it now."))
    seat, is_new = AppealSeat.objects.get_or_create(
        appeal=row, person=person, defaults={"seated_at": now}
    )
    if is_new:
        record(row, "appeal_seated", by=by, reason=person.public_id)
        queue_seat_email(seat)
    return seat


@transaction.atomic
def unseat_person(*, appeal: Appeal, person: User, by: User, now: datetime) -> None:
    """Give a seat back: oneself, or by a coordinator. A vote that is cast stays."""
    row = _open_row(appeal)
    if by.pk != person.pk:
        _check_coordinates(row, by)
    seat = row.seats.filter(person=person).first()
    if seat is None:
        raise ActionError(_("%(person)s does not sit on this panel.") % {"person": person})
    if seat.vote and not has_conflict(row, person):
        raise ActionError(
            _("%(person)s has voted already. The seat stays theirs.") % {"person": person}
        )
    seat.delete()
    record(row, "appeal_unseated", by=by, reason=person.public_id)


@transaction.atomic
def cast_vote(*, appeal: Appeal, person: User, vote: str, now: datetime, note: str = "") -> None:
    """One's own vote, with a note to the others. It may change until everybody has voted."""
    row = _open_row(appeal)
    seat = row.seats.filter(person=person).first()
    if seat is None:
        raise ActionError(_("You do not sit on this panel."))
    if vote not in AppealSeat.Vote.values:
        raise ActionError(_("Choose one of the three."))
    if has_conflict(row, person):
        raise ActionError(_("You are too close to this one by now. Please give your seat back."))
    if tally(row):
        raise ActionError(_("Everybody has voted. Now the decision is written."))
    seat.vote, seat.note, seat.voted_at = vote, note.strip(), now
    seat.save(update_fields=["vote", "note", "voted_at"])
    # How somebody voted is for the panel alone; the history says only that they did.
    record(row, "appeal_voted", by=person)


def _open_row(appeal: Appeal) -> Appeal:
    row = locked(appeal)
    if row.state != Appeal.State.OPEN:
        raise ActionError(_("This is decided already. Look at it again."))
    return row


def _check_coordinates(row: Appeal, by: User) -> None:
    application = row.application
    if not has_role(by, application.community, "coordinator"):
        raise ActionError(_("Only a coordinator does this."))
    if by.pk == application.person_id or is_affiliated(by, application.organization):
        raise ActionError(_("This concerns you yourself. Another coordinator does it."))
