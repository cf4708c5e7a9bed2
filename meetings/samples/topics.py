"""Samples of the letter to a proposer."""

from django.utils.translation import gettext_lazy as _

from cop.core.mail import Email
from cop.core.samples import Scene
from meetings.emails import topics
from meetings.models import TopicProposal
from meetings.samples.meetings import meeting_sample, sample_meeting
from members.samples import sample_community, sample_person

WHO = _("whoever proposed it")


def _topic(scene: Scene, **fields: object) -> TopicProposal:
    title = scene.said("Sleep after nights", "Dormir après les nuits")
    return TopicProposal(
        community=sample_community(scene), title=title, proposed_at=scene.now, **fields
    )


def opened(scene: Scene) -> Email:
    return topics.sample(_topic(scene, state="open"), None, sample_person(scene))


def parked(scene: Scene) -> Email:
    why = scene.said("A working group takes it up.", "Un groupe de travail s'en occupe.")
    topic = _topic(scene, state="parked", reason=why, revisit_on=scene.now.date())
    return topics.sample(topic, None, sample_person(scene))


def scheduled(scene: Scene) -> Email:
    return topics.sample(
        _topic(scene, state="scheduled"), sample_meeting(scene), sample_person(scene)
    )


SAMPLES = [
    meeting_sample("topic_news", _("Your topic is open"), WHO,
                   _("a coordinator has read it"), opened),
    meeting_sample("topic_news_parked", _("Your topic is parked"), WHO,
                   _("a coordinator puts it aside with a reason"), parked, "topic_news"),
    meeting_sample("topic_news_meeting", _("Your topic has a meeting"), WHO,
                   _("it gets a meeting"), scheduled, "topic_news"),
]  # fmt: skip
