"""What one keeps at hand, and the topics one follows. Nobody else sees either."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.errors import ActionError
from library.models import Favourite, Resource, TopicFollow
from members.models import Community, User

MOST_KEPT, MOST_TOPICS = 500, 30


@transaction.atomic
def keep_resource(*, resource: Resource, by: User, now: datetime) -> None:
    kept = Favourite.objects.filter(person=by)
    if kept.exclude(resource=resource).count() >= MOST_KEPT:
        raise ActionError(_("You keep a lot already. Take something out first."))
    Favourite.objects.get_or_create(resource=resource, person=by, defaults={"kept_at": now})


def drop_resource(*, resource: Resource, by: User) -> None:
    Favourite.objects.filter(resource=resource, person=by).delete()


@transaction.atomic
def follow_topic(*, community: Community, topic: str, by: User, now: datetime) -> None:
    """A topic of something this person may see: else one could ask for what is inside."""
    topic = topic.strip()[:60]
    seen = Resource.objects.visible_to(by).published().filter(community=community)
    if not topic or not seen.filter(topics__contains=[topic]).exists():
        raise ActionError(_("Nothing in the library has this topic now. Choose another."))
    mine = TopicFollow.objects.filter(community=community, person=by)
    if mine.exclude(topic=topic).count() >= MOST_TOPICS:
        raise ActionError(_("Thirty topics at most. Stop following one first."))
    mine.get_or_create(community=community, person=by, topic=topic, defaults={"since": now})


def unfollow_topic(*, community: Community, topic: str, by: User) -> None:
    TopicFollow.objects.filter(community=community, person=by, topic=topic).delete()
