"""The same thing in another language, one beside the other. One original, no chains."""

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.audit import record
from cop.core.errors import ActionError
from library.models import Resource
from members.models import User


class NoTranslation(ActionError):
    """These two are not one thing in two languages."""


@transaction.atomic
def link_translation(*, resource: Resource, original: Resource | None, by: User) -> Resource:
    """`original`: of whichever of a family. None: it stands alone again."""
    keys = {resource.pk, *_keys_of(original)}
    # In the order of their keys: two who link at once do not wait for each other for ever.
    rows = Resource.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    locked = {row.pk: row for row in rows}
    resource = locked[resource.pk]
    root = _root_of(locked, original)
    if resource.translation_of_id == (root.pk if root else None):
        return resource
    if root is not None:
        _check(resource, root)
    resource.translation_of = root
    resource.save(update_fields=["translation_of"])
    record(
        "library.resource_linked" if root else "library.resource_unlinked",
        resource, by=by, scope=resource.community.public_id,
    )  # fmt: skip
    return resource


def _keys_of(original: Resource | None) -> set[int]:
    if original is None:
        return set()
    return {key for key in (original.pk, original.translation_of_id) if key is not None}


def _root_of(locked: dict[int, Resource], original: Resource | None) -> Resource | None:
    if original is None:
        return None
    chosen = locked[original.pk]
    return locked.get(chosen.translation_of_id, chosen) if chosen.translation_of_id else chosen


def _check(resource: Resource, root: Resource) -> None:
    if root.pk == resource.pk:
        raise NoTranslation(_("This is the same resource. Choose the one it was translated from."))
    if root.community_id != resource.community_id:
        raise NoTranslation(_("Both have to stand in the library of the same community."))
    if root.translation_of_id is not None:
        raise NoTranslation(_("That one is a translation itself. Choose the original."))
    family = Resource.objects.filter(translation_of=root).exclude(pk=resource.pk)
    if root.language == resource.language or family.filter(language=resource.language).exists():
        raise NoTranslation(
            _("There is one in this language already. Set the language of this one first.")
        )
    if resource.translations.exists():
        raise NoTranslation(
            _("Others are translations of this one. Link those to the original first.")
        )
