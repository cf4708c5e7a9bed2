"""“This helped” and “I used this”: once per person, and the counts beside the resource (L8)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.audit import record
from cop.core.errors import ActionError
from cop.core.mail import one_line
from library.access import may_say_use
from library.models import Resource, ResourceUse
from members.models import User

Kind = ResourceUse.Kind
LONGEST_STORY = 280


@transaction.atomic
def say_helped(*, resource: Resource, by: User, now: datetime) -> None:
    _say(resource, by, Kind.HELPED, now)


@transaction.atomic
def say_used(*, resource: Resource, by: User, now: datetime, story: str | None = None) -> None:
    """`story`: what was changed for one's own house. None leaves it; empty takes it away."""
    use = _say(resource, by, Kind.USED, now)
    if story is None:
        return
    text = one_line(story).strip()
    if len(text) > LONGEST_STORY:
        raise ActionError(_("That is too long: 280 characters at most."))
    if text != use.story:
        # A hidden one stays hidden, whatever it says now: the librarian shows it again.
        ResourceUse.objects.filter(pk=use.pk).update(story=text)


@transaction.atomic
def take_back(*, resource: Resource, by: User, kind: str) -> None:
    """As if it had never been said; the story goes with it. Nothing to take back is fine."""
    _locked(resource)
    ResourceUse.objects.filter(resource=resource, person=by, kind=kind).delete()
    _count(resource)


@transaction.atomic
def hide_story(*, use: ResourceUse, by: User, hidden: bool = True) -> None:
    """By the librarian. The use still counts, and its writer still sees the words."""
    changed = ResourceUse.objects.filter(pk=use.pk, is_hidden=not hidden).update(is_hidden=hidden)
    if changed:
        action = "library.story_hidden" if hidden else "library.story_shown"
        record(action, use.resource, by=by, scope=use.resource.community.public_id)


def _say(resource: Resource, by: User, kind: str, now: datetime) -> ResourceUse:
    locked = _locked(resource)
    if not may_say_use(by, locked):
        raise ActionError(
            _("Members and allies say this, of what is in the library and not their own.")
        )
    today = now.astimezone(ZoneInfo(locked.community.timezone)).date()
    use, is_new = ResourceUse.objects.get_or_create(
        resource=locked, person=by, kind=kind, defaults={"said_on": today}
    )
    if is_new:
        _count(locked)
    return use


def _locked(resource: Resource) -> Resource:
    """One at a time for each resource: what is counted below is what is there."""
    rows = Resource.objects.select_related("community")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=resource.pk)


def _count(resource: Resource) -> None:
    """Counted anew rather than one up or down: a person who leaves heals it, nothing adds up."""
    uses = ResourceUse.objects.filter(resource=resource)
    Resource.objects.filter(pk=resource.pk).update(
        helped_count=uses.filter(kind=Kind.HELPED).count(),
        used_count=uses.filter(kind=Kind.USED).count(),
    )
