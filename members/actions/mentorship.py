"""Peer mentorship: by the will of both, six months, ended by either without a reason (ME1–ME3)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.actions.memberships import local_day
from members.emails.directory import queue_reply
from members.emails.mentorship import queue_check_in, queue_match_email
from members.models import (
    Community,
    Introduction,
    Membership,
    MentorshipCheckIn,
    MentorshipMatch,
    MentorshipOffer,
    MentorshipRequest,
    User,
)
from members.queries.mentorship import open_offers, shares_house

State = MentorshipMatch.State
Kind = MentorshipCheckIn.Kind
# Days. A suggestion that nobody answers makes room again after two weeks.
LASTS, ANSWER_WITHIN = 182, 14
CHECK_INS = {Kind.WEEK_2: 14, Kind.MONTH_3: 91, Kind.END: LASTS}


@transaction.atomic
def save_offer(
    *,
    person: User,
    community: Community,
    topics: str,
    languages: Sequence[str],
    region: str,
    hours_a_month: int,
    max_matches: int,
    now: datetime,
) -> MentorshipOffer:
    """Offer oneself as a mentor, or change the offer. Two people at once at most."""
    _check_member(person, community)
    offer, is_new = MentorshipOffer.objects.update_or_create(
        person=person,
        community=community,
        defaults={
            "topics": topics,
            "languages": list(languages),
            "region": region,
            "hours_a_month": hours_a_month,
            "max_matches": max_matches,
            "is_open": True,
        },
        create_defaults={
            "topics": topics,
            "languages": list(languages),
            "region": region,
            "hours_a_month": hours_a_month,
            "max_matches": max_matches,
            "offered_at": now,
        },
    )
    if is_new:
        audit.record("mentor_offered", offer, by=person, scope=community.public_id)
    return offer


@transaction.atomic
def close_offer(*, offer: MentorshipOffer) -> None:
    """Take no more. What runs goes on."""
    MentorshipOffer.objects.filter(pk=offer.pk).update(is_open=False)


@transaction.atomic
def save_wish(
    *,
    person: User,
    community: Community,
    topics: str,
    languages: Sequence[str],
    region: str,
    now: datetime,
) -> MentorshipRequest:
    """Say what one would like to talk about. One open wish for each community."""
    _check_member(person, community)
    wish = MentorshipRequest.objects.filter(
        person=person, community=community, is_open=True
    ).first()
    words = {"topics": topics, "languages": list(languages), "region": region}
    if wish is None:
        wish = MentorshipRequest.objects.create(
            person=person, community=community, asked_at=now, **words
        )
        audit.record("mentor_wished", wish, by=person, scope=community.public_id)
        return wish
    MentorshipRequest.objects.filter(pk=wish.pk).update(**words)
    wish.refresh_from_db()
    return wish


@transaction.atomic
def close_wish(*, wish: MentorshipRequest) -> None:
    """Not looking any more; what was only suggested for it is over."""
    MentorshipRequest.objects.filter(pk=wish.pk).update(is_open=False)
    wish.matches.filter(state=State.SUGGESTED).update(state=State.ENDED)


@transaction.atomic
def ask_mentor(
    *, wish: MentorshipRequest, offer: MentorshipOffer, by: User, now: datetime
) -> MentorshipMatch:
    """The mentee, or the coordinator for them, picks one of the suggestions.

    Picked by the mentee it is accepted by them already; the other is asked by mail. Raises
    ActionError within one organization, and where the mentor has no room left (ME1).
    """
    # Two who ask the same mentor at once: the second finds the place taken.
    MentorshipOffer.objects.select_for_update().get(pk=offer.pk)
    if not open_offers(wish.community).filter(pk=offer.pk).exists():
        raise ActionError(_("This mentor has no room just now. Choose somebody else."))
    if not wish.is_open or wish.community_id != offer.community_id:
        raise ActionError(_("This wish is closed. Write a new one first."))
    if wish.person_id == offer.person_id or shares_house(wish.person, offer.person):
        raise ActionError(_("Mentor and mentee come from different organizations."))
    try:
        with transaction.atomic():
            match = MentorshipMatch.objects.create(
                community=wish.community,
                offer=offer,
                request=wish,
                mentor=offer.person,
                mentee=wish.person,
                suggested_at=now,
                mentee_accepted_at=now if by.pk == wish.person_id else None,
            )
    except IntegrityError as error:
        raise ActionError(_("You two are in touch already.")) from error
    _record("mentor_asked", match, by=by, new=State.SUGGESTED)
    queue_match_email("asked", match, match.mentor)
    if match.mentee_accepted_at is None:
        queue_match_email("asked", match, match.mentee)
    return match


@transaction.atomic
def accept_match(*, match: MentorshipMatch, person: User, now: datetime) -> MentorshipMatch:
    """One of the two says yes. With both it begins today and lasts six months."""
    row = _locked(match, person)
    if row.state != State.SUGGESTED:
        raise ActionError(_("This is no longer open."))
    side = "mentor" if person.pk == row.mentor_id else "mentee"
    if getattr(row, f"{side}_accepted_at") is None:
        setattr(row, f"{side}_accepted_at", now)
        row.save(update_fields=[f"{side}_accepted_at"])
    if row.mentor_accepted_at and row.mentee_accepted_at:
        _begin(row, now)
    return row


@transaction.atomic
def end_match(*, match: MentorshipMatch, person: User, now: datetime) -> None:
    """Either says no, or ends it. No reason is asked and none is kept (ME2)."""
    row = _locked(match, person)
    if row.state not in MentorshipMatch.CURRENT_STATES:
        return
    old, row.state = row.state, State.ENDED
    row.save(update_fields=["state"])
    # Who ended it stands nowhere: not in the history, and not in the mail.
    _record("mentorship_ended", row, by=None, old=old, new=State.ENDED)
    other = row.mentee if person.pk == row.mentor_id else row.mentor
    queue_match_email("declined" if old == State.SUGGESTED else "ended", row, other)


@transaction.atomic
def write_to_partner(*, match: MentorshipMatch, person: User, words: str, now: datetime) -> None:
    """A message to the other one by relay: neither address is shown, and no text is kept."""
    row = _locked(match, person)
    if row.state != State.ACTIVE:
        raise ActionError(_("This mentorship does not run any more."))
    if not words.strip():
        raise ActionError(_("Write a few words first."))
    other = row.mentee if person.pk == row.mentor_id else row.mentor
    letter = Introduction.objects.create(
        community=row.community, sender=person, receiver=other, at=now, is_reply=True
    )
    queue_reply(letter, words)


@transaction.atomic
def answer_check_in(
    *, check_in: MentorshipCheckIn, wants_talk: bool, words: str, now: datetime
) -> None:
    """What a check-in brings. The coordinator sees words only where somebody asks for a talk."""
    MentorshipCheckIn.objects.filter(pk=check_in.pk).update(
        answered_at=now, wants_talk=wants_talk, words=words.strip()[:2000] if wants_talk else ""
    )


def keep_mentorships(*, now: datetime) -> None:
    """Close what nobody answered, ask how it goes, end after six months. May run at any hour."""
    _let_go_of_suggestions(now)
    _end_of_former_members()
    due = MentorshipCheckIn.objects.filter(
        match__state=State.ACTIVE, answered_at=None, due_on__lte=now.date() + timedelta(days=1)
    ).select_related("match__community", "match__mentor", "match__mentee", "person")
    for row in due.order_by("pk"):
        today = local_day(row.match.community, now)
        # Two weeks later nobody needs to be asked about that day any more.
        if row.due_on <= today < row.due_on + timedelta(days=14):
            queue_check_in(row)
    running = MentorshipMatch.objects.filter(state=State.ACTIVE, ends_on__isnull=False)
    for row in running.select_related("community").order_by("pk"):
        if row.ends_on <= local_day(row.community, now):
            _complete(row, now)


def _begin(row: MentorshipMatch, now: datetime) -> None:
    first = local_day(row.community, now)
    row.state, row.starts_on, row.ends_on = State.ACTIVE, first, first + timedelta(days=LASTS)
    row.save(update_fields=["state", "starts_on", "ends_on"])
    MentorshipCheckIn.objects.bulk_create(
        MentorshipCheckIn(match=row, person=person, kind=kind, due_on=first + timedelta(days=days))
        for kind, days in CHECK_INS.items()
        for person in (row.mentor, row.mentee)
    )
    MentorshipRequest.objects.filter(pk=row.request_id).update(is_open=False)
    _record("mentorship_began", row, by=None, old=State.SUGGESTED, new=State.ACTIVE)
    for person in (row.mentor, row.mentee):
        queue_match_email("began", row, person)


@transaction.atomic
def _complete(row: MentorshipMatch, now: datetime) -> None:
    done = MentorshipMatch.objects.filter(pk=row.pk, state=State.ACTIVE)
    last = MentorshipCheckIn.objects.filter(match=row, kind=Kind.END, answered_at=None)
    for check_in in last.select_related("match__community", "person"):
        queue_check_in(check_in)
    if done.update(state=State.COMPLETED):
        _record("mentorship_completed", row, by=None, old=State.ACTIVE, new=State.COMPLETED)


def _let_go_of_suggestions(now: datetime) -> None:
    old = MentorshipMatch.objects.filter(
        state=State.SUGGESTED, suggested_at__lte=now - timedelta(days=ANSWER_WITHIN)
    )
    for row in old.select_related("community", "mentor", "mentee").order_by("pk"):
        with transaction.atomic():
            if MentorshipMatch.objects.filter(pk=row.pk, state=State.SUGGESTED).update(
                state=State.ENDED
            ):
                _record("mentorship_ended", row, by=None, old=State.SUGGESTED, new=State.ENDED)
                queue_match_email("declined", row, row.mentee)


def _end_of_former_members() -> None:
    """Whoever has left the community has left this too. The other is told that it has ended."""
    current = Membership.objects.filter(state__in=Membership.CURRENT_STATES)
    running = MentorshipMatch.objects.filter(state__in=MentorshipMatch.CURRENT_STATES)
    rows = running.select_related("community", "mentor", "mentee").order_by("pk")
    for side, other in (("mentor", "mentee"), ("mentee", "mentor")):
        here = current.filter(community=OuterRef("community"), person=OuterRef(side))
        for row in rows.filter(~Exists(here)):
            with transaction.atomic():
                old = row.state
                if MentorshipMatch.objects.filter(pk=row.pk, state=old).update(state=State.ENDED):
                    _record("mentorship_ended", row, by=None, old=old, new=State.ENDED)
                    queue_match_email("ended", row, getattr(row, other))


def _locked(match: MentorshipMatch, person: User) -> MentorshipMatch:
    rows = MentorshipMatch.objects.select_for_update(of=("self",))
    row = rows.select_related("community", "mentor", "mentee").get(pk=match.pk)
    if person.pk not in (row.mentor_id, row.mentee_id):
        raise ActionError(_("This is between two other people."))
    return row


def _check_member(person: User, community: Community) -> None:
    if not community.memberships.filter(
        person=person,
        state__in=Membership.CURRENT_STATES,
        category=Membership.Category.MEMBER,
    ).exists():
        raise ActionError(_("Peer mentorship is for members of the community."))


def _record(action: str, row: MentorshipMatch, *, by: User | None, new: str, old: str = "") -> None:
    audit.record(action, row, by=by, scope=row.community.public_id, old=old, new=new)
