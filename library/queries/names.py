"""Names where none should stand: in notes and stories it says what was said, not who said it."""

import re

from library.models import Resource
from library.search.folding import fold
from members.models import User

KINDS = frozenset({Resource.Kind.MEETING_NOTES, Resource.Kind.CASE_STUDY})


def members_named_in(resource: Resource) -> list[str]:
    """Members of the community whose full name stands in the text; of notes and case studies."""
    if resource.kind not in KINDS:
        return []
    parts = (resource.title, resource.summary, resource.body, resource.transcript,
             resource.file_text)  # fmt: skip
    text = f" {_words(' '.join(parts))} "
    people = User.objects.filter(memberships__community=resource.community_id, is_active=True)
    names = people.order_by("display_name").values_list("display_name", flat=True).distinct()
    # A single word may be any word.
    return [name for name in names if " " in name.strip() and f" {_words(name)} " in text]


def _words(text: str) -> str:
    return " ".join(re.findall(r"[\w'-]+", fold(text)))
