"""Who is in a resource (L3, L4). The resource is always locked before the people in it."""

from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cop.core.audit import record
from cop.core.errors import ActionError
from library.actions.contents import throw_versions
from library.actions.indexing import reindex
from library.emails import credits as emails
from library.models import Resource, ResourceCredit
from library.queries.credits import SAID_NO, missing_consents
from members.models import User

Consent, State = ResourceCredit.Consent, Resource.State
ASK_FIRST = gettext_lazy("Somebody in it has to be asked first.")


class ConsentMissing(ActionError):
    """Somebody in it can be recognized and has not said yes to these readers (L3, L4)."""


class CreditRefused(ActionError):
    """It is not possible for this person, or not any more."""


@transaction.atomic
def add_credit(
    *,
    resource: Resource,
    part: str,
    by: User,
    now: datetime,
    person: User | None = None,
    name: str = "",
    is_named: bool = False,
) -> ResourceCredit:
    """Somebody is in it. What is in the library already goes back until they say yes (L4)."""
    resource = Resource.objects.select_for_update().get(pk=resource.pk)
    name = "" if person else name.strip()
    if person is None and not name:
        raise CreditRefused(_("Choose a person, or write the name of somebody without an account."))
    known = resource.credits.filter(part=part, person=person, name=name).first()
    if known is not None:
        return known
    credit = ResourceCredit.objects.create(
        resource=resource, part=part, person=person, name=name, is_named=is_named
    )
    record_credit("credit_added", credit, by=by)
    keep_in_line(resource, by=by, now=now, reason=ASK_FIRST)
    return credit


@transaction.atomic
def change_credit(*, credit: ResourceCredit, by: User, is_named: bool) -> ResourceCredit:
    """The name may be taken off at any time. To put it on, one asks anew."""
    resource, credit = lock_credit(credit)
    if credit.is_named == is_named:
        return credit
    if is_named and credit.consent == Consent.GIVEN and credit.person is not None:
        raise CreditRefused(
            _("%(name)s said yes without the name. Only they can change that, by their own link.")
            % {"name": credit.who}
        )
    credit.is_named = is_named
    credit.save(update_fields=["is_named"])
    record_credit("credit_named" if is_named else "credit_unnamed", credit, by=by)
    reindex(resource)
    return credit


@transaction.atomic
def remove_credit(*, credit: ResourceCredit, by: User) -> None:
    """They are not in it, or not any more."""
    resource, credit = lock_credit(credit)
    record_credit("credit_removed", credit, by=by)
    if credit.consent in SAID_NO and credit.part in ResourceCredit.RECOGNIZABLE:
        # Out of the present version, and in none of the earlier ones either.
        throw_versions(resource=resource, by=by, reason=f"part:{credit.part}")
    credit.delete()
    reindex(resource)


def check_consents(resource: Resource, visibility: str = "") -> None:
    """Raises ConsentMissing. Before it goes out, and before more people see it (L3, L4)."""
    missing = len(missing_consents(resource, visibility))
    if missing:
        raise ConsentMissing(
            ngettext(
                "%(number)s person in it has not said yes to these readers. Ask first: "
                "see “People in it”.",
                "%(number)s people in it have not said yes to these readers. Ask them first: "
                "see “People in it”.",
                missing,
            )
            % {"number": missing}
        )


def lock_credit(credit: ResourceCredit) -> tuple[Resource, ResourceCredit]:
    """A publishing waits for an answer, and an answer for a publishing."""
    resource = Resource.objects.select_for_update().get(pk=credit.resource_id)
    rows = ResourceCredit.objects.select_for_update(of=("self",)).select_related("person")
    locked = rows.filter(pk=credit.pk).first()
    if locked is None:
        raise CreditRefused(_("They are not in it any more. Look at it again."))
    locked.resource = resource
    return resource, locked


def keep_in_line(
    resource: Resource,
    *,
    by: User | None,
    now: datetime,
    reason: str | Promise,
    tells: bool = False,
) -> None:
    """Nothing stays where people see it without every yes (L4). The words follow the names."""
    reindex(resource)
    visible = resource.is_shown or resource.state == State.SUPERSEDED
    is_out = visible and bool(missing_consents(resource))
    if is_out:
        old = resource.state
        # What was replaced is not tidied any more: nobody would publish it again.
        resource.state = State.WITHDRAWN if old == State.SUPERSEDED else State.IN_REVIEW
        # Others read it, maybe in another language than whoever answers just now.
        with translation.override(next(iter(resource.community.languages or ()), "en")):
            resource.return_reason = str(reason)
        resource.save(update_fields=["state", "return_reason"])
        record(
            "library.resource_unpublished", resource, by=by, scope=resource.community.public_id,
            old=old, new=resource.state,
            reason=resource.return_reason,
        )  # fmt: skip
    if tells:
        emails.queue_withdrawn(resource, is_out=is_out, now=now)


def record_credit(action: str, credit: ResourceCredit, *, by: User | None, new: str = "") -> None:
    """On the resource: there the librarian looks."""
    record(
        f"library.{action}", credit.resource, by=by,
        scope=credit.resource.community.public_id, new=new, reason=f"part:{credit.part}",
    )  # fmt: skip
