"""Two people in one issue: what each changed goes in, and where both changed the same words, the
saved ones stay and the others are given back to whoever typed them."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from newsletter.items import HEAD, WORDS, IssueText, ItemText

# What people typed and would miss. For the rest the later choice holds.
TYPED = frozenset({"title", "title_fr", "text", "text_fr", "alt", "alt_fr", "path"})
NAMES: dict[str, Promise] = {
    "subject": gettext_lazy("Subject"),
    "subject_fr": gettext_lazy("Subject in French"),
    "intro": gettext_lazy("Opening words"),
    "intro_fr": gettext_lazy("Opening words in French"),
    "title": gettext_lazy("Title"),
    "title_fr": gettext_lazy("Title in French"),
    "text": gettext_lazy("Text"),
    "text_fr": gettext_lazy("Text in French"),
    "path": gettext_lazy("Link"),
    "alt": gettext_lazy("What the picture shows"),
    "alt_fr": gettext_lazy("What the picture shows, in French"),
}


@dataclass(frozen=True)
class Conflict:
    """Words that were not saved, because somebody else had changed the same place."""

    place: str
    mine: str
    theirs: str


def merge(base: IssueText, mine: IssueText, theirs: IssueText) -> tuple[IssueText, list[Conflict]]:
    """`mine` was written with `base` in view; `theirs` is what is saved by now."""
    conflicts: list[Conflict] = []
    head = {
        name: _choose(name, "", (base, mine, theirs), conflicts, is_typed=True) for name in HEAD
    }
    old = {item.pk: item for item in base.items}
    saved = {item.pk: item for item in theirs.items}
    items = [
        _merge_item(old.get(item.pk, saved[item.pk]), item, saved[item.pk], conflicts)
        if item.pk in saved
        else item
        for item in mine.items
        if item.pk is not None or not _is_twin(item, theirs, old)
    ]
    seen = {item.pk for item in mine.items}
    items += [item for item in theirs.items if item.pk not in seen]
    return IssueText(**head, items=tuple(items)), conflicts


def _is_twin(item: ItemText, theirs: IssueText, old: Container[int | None]) -> bool:
    """A new item that the first of two clicks has saved already."""
    new = [one for one in theirs.items if one.pk not in old]
    return any(replace(one, pk=None, position=item.position) == item for one in new)


def _merge_item(
    base: ItemText, mine: ItemText, theirs: ItemText, conflicts: list[Conflict]
) -> ItemText:
    rows = (base, mine, theirs)
    values = {
        name: _choose(name, theirs.title, rows, conflicts, is_typed=name in TYPED) for name in WORDS
    }
    return replace(theirs, **values)


def _choose(
    name: str,
    where: str,
    rows: tuple[Any, Any, Any],
    conflicts: list[Conflict],
    *,
    is_typed: bool,
) -> Any:  # noqa: ANN401
    base, mine, theirs = (getattr(row, name) for row in rows)
    if mine in (base, theirs):
        return theirs
    if theirs == base or not is_typed:
        return mine
    place = f"{where}: {NAMES[name]}" if where else str(NAMES[name])
    conflicts.append(Conflict(place, mine, theirs))
    return theirs


def say_changes(old: IssueText | None, new: IssueText) -> str:
    """What changed from one version to the next, in a line."""
    if old is None:
        return _("First version")
    parts = [str(NAMES[name]) for name in HEAD if getattr(old, name) != getattr(new, name)]
    before = {item.pk: item for item in old.items}
    added = [item for item in new.items if item.pk not in before]
    gone = before.keys() - {item.pk for item in new.items}
    known = [(before[item.pk], item) for item in new.items if item.pk in before]
    parts += [f"“{now.title or then.title}”" for then, now in known if _differs(then, now)]
    if _order(now for _then, now in known) != _order(then for then, _now in known):
        parts.append(_("the order"))
    if added:
        parts.append(ngettext("%(n)d new item", "%(n)d new items", len(added)) % {"n": len(added)})
    if gone:
        parts.append(ngettext("%(n)d item less", "%(n)d items less", len(gone)) % {"n": len(gone)})
    return ", ".join(parts) or _("Nothing")


def _differs(one: ItemText, other: ItemText) -> bool:
    return replace(one, position=0, kind="") != replace(other, position=0, kind="")


def _order(items: Iterable[ItemText]) -> list[int | None]:
    return [item.pk for item in sorted(items, key=lambda item: (item.position, item.pk or 0))]
