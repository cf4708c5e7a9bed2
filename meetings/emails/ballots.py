"""The mails of a vote: it is open, it ends tomorrow; and to a proposer that the topic won."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from cop.core.links import absolute
from cop.core.mail import Email, one_line
from cop.core.text import localized
from meetings.links import ballot_url
from meetings.models import Ballot, BallotOption, BallotPaper
from members.mailing import community_email, queue_community_email
from members.models import User
from outbox.actions import Outgoing
from outbox.models import MailingList, Purpose

OPEN, LAST_DAY = "ballot_open", "ballot_last_day"
WHY = _("You get this because you take mails about votes.")
PROPOSER = _("You get this because you proposed this topic.")
LIVES = timedelta(days=14)


def key_prefix(kind: str, ballot: Ballot) -> str:
    """All mails of one kind about one vote. A new end makes a new last day."""
    if kind == LAST_DAY:
        return f"{kind}:{ballot.public_id}:{int(ballot.closes_at.timestamp())}:"
    return f"{kind}:{ballot.public_id}:"


def ballot_mail(
    kind: str,
    paper: BallotPaper,
    mailing_list: MailingList,
    *,
    due_at: datetime,
    expires_at: datetime,
) -> Outgoing:
    ballot, person = paper.ballot, paper.person
    return Outgoing(
        key=f"{key_prefix(kind, ballot)}{person.public_id}",
        kind=kind,
        purpose=Purpose.NEWSLETTER,
        email=ballot_email(kind, paper),
        person=person,
        scope=ballot.community.public_id,
        mailing_list=mailing_list,
        due_at=due_at,
        expires_at=expires_at,
        reply_to=ballot.community.contact_email,
        sender_name=localized(ballot.community, "name", person.language),
        budgeted=True,
        digest_title=one_line(ballot.title),
        digest_path=ballot.get_absolute_url(),
    )


def ballot_email(kind: str, paper: BallotPaper) -> Email:
    ballot = paper.ballot
    return community_email(
        community=ballot.community,
        person=paper.person,
        template=f"meetings/email/{kind}",
        why=WHY,
        context={"ballot": ballot, "ballot_url": ballot_url(paper)},
        can_stop=True,
    )


def chosen(option: BallotOption, *, now: datetime) -> bool:
    """Privately: nobody else learns whose topic it was."""
    ballot, person = option.ballot, option.topic.proposed_by
    return queue_community_email(
        community=ballot.community,
        person=person,
        key=f"topic_chosen:{ballot.public_id}:{option.topic.public_id}",
        kind="topic_chosen",
        purpose=Purpose.TRANSACTIONAL,
        template="meetings/email/topic_chosen",
        why=PROPOSER,
        context=chosen_context(option),
        due_at=now,
        expires_at=now + LIVES,
    )


def chosen_email(option: BallotOption, person: User) -> Email:
    return community_email(
        community=option.ballot.community,
        person=person,
        template="meetings/email/topic_chosen",
        why=PROPOSER,
        context=chosen_context(option),
    )


def chosen_context(option: BallotOption) -> dict[str, object]:
    page = absolute(option.ballot.get_absolute_url())
    return {"ballot": option.ballot, "topic": option.topic, "page_url": page}
