"""What each kind asks for before it goes out (model of the library, 2.13)."""

from collections.abc import Callable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from library.models import Resource

Kind, Rights = Resource.Kind, Resource.Rights
REUSABLE = frozenset({Rights.OWN, Rights.CC_BY, Rights.CC_BY_NC})
# Days until somebody should look again whether it still holds.
REVIEW_DAYS = {Kind.BEST_PRACTICE: 730, Kind.GUIDELINE: 365, Kind.POLICY_STATEMENT: 730}
RECORDING_DAYS = 730
# What cannot be changed for one's own house.
FIXED_TYPES = frozenset({"pdf", "jpg", "png", "gif", "webp", "heic", "mp3", "m4a", "mp4"})

Rule = tuple[Callable[[Resource], bool], Promise]
RULES: dict[str, list[Rule]] = {
    Kind.BEST_PRACTICE: [
        (lambda one: bool(one.used_where.strip()), _("Say where it was used, and how long.")),
        (lambda one: bool(one.limits.strip()), _("Say where it does not fit.")),
        (
            lambda one: one.organization_id is None or bool(one.organization_consent.strip()),
            _("Write down how the organization said yes to being named."),
        ),
    ],
    Kind.GUIDELINE: [
        (lambda one: bool(one.publisher.strip()), _("Name the publisher.")),
        (
            lambda one: bool(one.edition.strip()) or bool(one.url),
            _("Name the edition, or give the publisher's own link instead of a copy."),
        ),
    ],
    Kind.TOOL: [
        (
            lambda one: one.rights in REUSABLE,
            _("A tool is there to be used: choose rights that let people use and change it."),
        ),
    ],
    Kind.POLICY_STATEMENT: [
        (
            lambda one: one.is_external,
            _("Statements of this community come from an endorsement. Mark it as made by others."),
        ),
    ],
    Kind.RECORDING: [
        (
            lambda one: bool(one.transcript.strip() or one.captions),
            _("Add captions or a transcript, so that people can read what is said."),
        ),
    ],
    Kind.CASE_STUDY: [
        (
            lambda one: one.checked_by_id is not None,
            _("Sign that nobody can be recognized, when you publish it."),
        ),
        (
            lambda one: bool(one.organization_consent.strip()) or one.is_external,
            _("Write down how the organization said yes."),
        ),
    ],
    Kind.MEETING_NOTES: [
        (
            lambda one: one.meeting_id is None or one.checked_by_id is not None,
            _("Sign that the facilitator has seen it, when you publish it."),
        ),
    ],
}


def missing_for(resource: Resource) -> list[str]:
    """What is still to be done before this may be published; empty if nothing is."""
    return [str(text) for holds, text in RULES.get(resource.kind, []) if not holds(resource)]


def hints_for(resource: Resource) -> list[str]:
    """Worth a thought, and no reason to stop: a poster is a tool as well."""
    is_fixed = bool(resource.file) and resource.file_type in FIXED_TYPES
    if resource.kind == Kind.TOOL and is_fixed:
        return [str(_("People can use this and not change it. Is there a Word or Excel file?"))]
    return []
