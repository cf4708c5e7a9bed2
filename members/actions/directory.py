"""The directory: opt-in, each field its own switch, and letters that show no address (DP1, DP2)."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Value
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.emails.directory import queue_introduction, queue_reply
from members.models import (
    Community,
    DirectoryProfile,
    Introduction,
    Membership,
    Partner,
    PersonalConsent,
    User,
)
from members.models.organizations import Fold
from members.queries.directory import shown_of

# The version of the words beside the switch, kept with the consent.
WORDING = "directory 2026-11"
LETTERS_A_DAY = 5
REPLIES_A_DAY = 20
A_DAY = timedelta(days=1)
SWITCHES = (
    "is_listed", "shows_role", "shows_organization", "shows_region", "shows_languages",
    "takes_messages",
)  # fmt: skip
TEXTS = ("pronouns", "languages", "ask_me_about", "looking_for")


@transaction.atomic
def save_profile(
    *,
    person: User,
    community: Community,
    now: datetime,
    source: str = "own page",
    **fields: Any,  # noqa: ANN401
) -> DirectoryProfile:
    """What one shows from now on. `fields`: SWITCHES and TEXTS. Consent is noted when it changes.

    Raises ActionError for somebody who does not belong.
    """
    standing = community.memberships.filter(person=person, state__in=Membership.CURRENT_STATES)
    if not standing.exists():
        raise ActionError(_("Only members and allies can be in the directory."))
    profile, _new = DirectoryProfile.objects.get_or_create(person=person, community=community)
    profile = DirectoryProfile.objects.select_for_update().get(pk=profile.pk)
    was_listed = profile.is_listed
    for name in (*SWITCHES, *TEXTS):
        if name in fields:
            setattr(profile, name, fields[name])
    profile.save(update_fields=[*SWITCHES, *TEXTS])
    if profile.is_listed != was_listed:
        _note_consent(profile, given=profile.is_listed, source=source, now=now)
    refresh_profiles(person)
    return profile


@transaction.atomic
def hide_profile(*, profile: DirectoryProfile, now: datetime, source: str = "own page") -> None:
    """Out of the directory with one tap. What was typed stays, for oneself alone."""
    shown = DirectoryProfile.objects.filter(pk=profile.pk, is_listed=True)
    if shown.update(is_listed=False, search_text=""):
        _note_consent(profile, given=False, source=source, now=now)


def refresh_profiles(person: User) -> None:
    """Write anew what can be found: what is shown, nothing else. In the caller's transaction."""
    rows = person.profiles.select_related("community", "person")
    for profile in rows.order_by("pk"):
        words = " ".join(shown_of(profile).words()) if profile.is_listed else ""
        DirectoryProfile.objects.filter(pk=profile.pk).update(search_text=Fold(Value(words)))


@transaction.atomic
def introduce(
    *, profile: DirectoryProfile, sender: User, words: str, now: datetime
) -> Introduction:
    """Write to somebody of the directory by relay: no address is shown, no text is kept.

    Five letters a day at most (DP2). Raises ActionError where the other takes none.
    """
    visible = DirectoryProfile.objects.visible_to(sender).filter(pk=profile.pk, is_listed=True)
    if profile.person_id == sender.pk or not visible.filter(takes_messages=True).exists():
        raise ActionError(_("This person takes no messages here."))
    _check_words(words)
    # One person's letters are counted one after the other.
    User.objects.select_for_update(no_key=True).get(pk=sender.pk)
    sent = Introduction.objects.filter(sender=sender, at__gt=now - A_DAY, is_reply=False).count()
    if sent >= LETTERS_A_DAY:
        raise ActionError(
            _("You wrote to %(n)s people today. Tomorrow you can write to more.")
            % {"n": LETTERS_A_DAY}
        )
    row = Introduction.objects.create(
        community=profile.community, sender=sender, receiver=profile.person, at=now
    )
    queue_introduction(row, words)
    return row


@transaction.atomic
def answer_introduction(*, introduction: Introduction, words: str, now: datetime) -> Introduction:
    """The receiver writes back by the link in the mail; the other way round it goes on the same."""
    sender, receiver = introduction.receiver, introduction.sender
    _check_words(words)
    User.objects.select_for_update(no_key=True).get(pk=sender.pk)
    sent = Introduction.objects.filter(sender=sender, at__gt=now - A_DAY, is_reply=True).count()
    if sent >= REPLIES_A_DAY:
        raise ActionError(_("That was a lot for one day. Go on tomorrow."))
    if not receiver.is_active or not sender.is_active:
        raise ActionError(_("This person has closed their account."))
    row = Introduction.objects.create(
        community=introduction.community, sender=sender, receiver=receiver, at=now, is_reply=True
    )
    queue_reply(row, words)
    return row


def _check_words(words: str) -> None:
    if not words.strip():
        raise ActionError(_("Write a few words first."))


def _note_consent(profile: DirectoryProfile, *, given: bool, source: str, now: datetime) -> None:
    host = Partner.objects.filter(
        community=profile.community_id, role=Partner.Role.HOST, ends_on=None
    ).first()
    PersonalConsent.objects.create(
        person=profile.person,
        community=profile.community,
        purpose=PersonalConsent.Purpose.DIRECTORY,
        given=given,
        wording=WORDING,
        host=host.organization if host else None,
        source=source,
        at=now,
    )
    audit.record(
        "directory_listed" if given else "directory_left",
        profile,
        by=profile.person,
        scope=profile.community.public_id,
    )
