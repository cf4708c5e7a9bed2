"""Less mail without a goodbye: a pause, or everything inside the weekly digest."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import transaction

from outbox.actions.consents import Basis, Statement, switch
from outbox.actions.lists import choose, update_subscriptions
from outbox.choices import FOLDABLE
from outbox.models import MailingList, Subscription
from outbox.readers import Reader
from outbox.wordings import FOLDED, KEPT

State = Subscription.State
Kind = MailingList.Kind


def pause_mail(*, reader: Reader, scope: str, weeks: int, now: datetime) -> datetime:
    """Nothing of this community's lists until then. Returns when it ends."""
    until = now + timedelta(weeks=weeks)
    reader.subscriptions(scope).update(paused_until=until)
    return until


def pause_until(*, person: Any, scope: str, until: date | None) -> None:  # noqa: ANN401
    """A pause that is not the person's own: of a membership on hold. None ends it."""
    ends_at = None if until is None else datetime.combine(until, time(), tzinfo=UTC)
    Reader(person).subscriptions(scope).update(paused_until=ends_at)


def end_pause(*, reader: Reader, scope: str) -> None:
    reader.subscriptions(scope).update(paused_until=None)


@transaction.atomic
def take_fewer(*, reader: Reader, scope: str, source: str, now: datetime) -> None:
    """Everything inside the weekly digest: choosing that is a yes to the digest."""
    digest = MailingList.objects.get(scope=scope, kind=Kind.WEEKLY_DIGEST)
    choose(reader, digest, given=True, said=Statement(source, FOLDED, now))
    rows = reader.subscriptions(scope).filter(state=State.SUBSCRIBED)
    rows.filter(mailing_list__kind__in=FOLDABLE).update(in_digest=True)


def take_each(*, reader: Reader, scope: str) -> None:
    """Each mail on its own again."""
    reader.subscriptions(scope).update(in_digest=False)


@transaction.atomic
def keep_implied(*, reader: Reader, scope: str, source: str, now: datetime) -> None:
    """A yes of one's own in place of an implied one: it has no end."""
    rows = reader.subscriptions(scope).filter(state=State.SUBSCRIBED, expires_at__gt=now)
    for row in rows.select_for_update(of=("self",)).select_related("mailing_list", "person"):
        switch(row, given=True, said=Statement(source, KEPT, now, Basis.EXPRESS))


@transaction.atomic
def change_choices(
    *,
    reader: Reader,
    scope: str,
    do: str,
    kinds: Collection[str] = (),
    offered: Collection[str] | None = None,
    weeks: int = 4,
    source: str,
    now: datetime,
) -> None:
    """One press of a button on the page of choices. `do` is what MailChoicesForm says."""
    if do == "pause":
        pause_mail(reader=reader, scope=scope, weeks=weeks, now=now)
    elif do == "resume":
        end_pause(reader=reader, scope=scope)
    elif do == "fewer":
        take_fewer(reader=reader, scope=scope, source=source, now=now)
    elif do == "each":
        take_each(reader=reader, scope=scope)
    elif do == "keep":
        keep_implied(reader=reader, scope=scope, source=source, now=now)
    elif do == "stop":
        # A pause and "all in one" stay noted: whoever takes this back finds it as it was.
        update_subscriptions(
            person=reader.person,
            address=reader.address,
            scope=scope,
            kinds=(),
            source=source,
            now=now,
        )
    else:
        if do == "start":
            end_pause(reader=reader, scope=scope)
            take_each(reader=reader, scope=scope)
        _save(reader, scope, kinds, offered, source, now)


def _save(
    reader: Reader,
    scope: str,
    kinds: Collection[str],
    offered: Collection[str] | None,
    source: str,
    now: datetime,
) -> None:
    update_subscriptions(
        person=reader.person,
        address=reader.address,
        scope=scope,
        kinds=kinds,
        offered=offered,
        source=source,
        now=now,
    )
    # Without the digest nothing can come inside it.
    if Kind.WEEKLY_DIGEST.value not in kinds:
        take_each(reader=reader, scope=scope)
