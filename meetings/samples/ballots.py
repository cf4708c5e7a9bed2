"""Samples of the letters of a vote."""

from collections.abc import Callable
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from cop.core.mail import Email
from cop.core.samples import Sample, Scene, Words
from meetings.emails import ballots
from meetings.models import Ballot, BallotOption, BallotPaper, TopicProposal
from members.samples import sample_community, sample_person

VOTERS, STOP = _("members who may vote"), _("with one tap in each mail")


def _ballot(scene: Scene) -> Ballot:
    return Ballot(
        community=sample_community(scene),
        title=scene.said("Topics for January to March", "Sujets de janvier à mars"),
        intro=scene.said("Three of them get a meeting.", "Trois d'entre eux auront une rencontre."),
        opens_at=scene.now,
        closes_at=scene.now + timedelta(days=10),
    )


def _paper(scene: Scene) -> BallotPaper:
    return BallotPaper(ballot=_ballot(scene), person=sample_person(scene))


def opened(scene: Scene) -> Email:
    return ballots.ballot_email(ballots.OPEN, _paper(scene))


def last_day(scene: Scene) -> Email:
    return ballots.ballot_email(ballots.LAST_DAY, _paper(scene))


def chosen(scene: Scene) -> Email:
    topic = TopicProposal(
        title=scene.said("Night shifts alone", "Seule de nuit"), proposed_at=scene.now
    )
    option = BallotOption(ballot=_ballot(scene), topic=topic)
    return ballots.chosen_email(option, sample_person(scene))


def _sample(name: str, title: Words, trigger: Words, build: Callable[[Scene], Email]) -> Sample:
    return Sample(
        name, name, f"meetings/email/{name}", title, VOTERS, trigger, build,
        stop=STOP, is_budgeted=True,
    )  # fmt: skip


SAMPLES = [
    _sample("ballot_open", _("A vote is open"), _("the vote opens"), opened),
    _sample("ballot_last_day", _("Last day of a vote"),
            _("a day before it closes, to those who have not voted"), last_day),
    Sample(
        "topic_chosen", "topic_chosen", "meetings/email/topic_chosen", _("Your topic was chosen"),
        _("whoever proposed it"), _("the result of a vote is published"), chosen,
    ),
]  # fmt: skip
