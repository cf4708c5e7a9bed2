"""A letter from member to member. Neither sees the address of the other (DP2)."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cop.core.links import absolute, make_token
from members.mailing import queue_community_email
from members.models import Introduction
from outbox.models import Purpose

PURPOSE = "answer-letter"
INTRODUCTION, REPLY = "members/email/introduction", "members/email/introduction_reply"
WHY = _("You get this because you take messages in the directory. You can switch that off there.")
WHY_REPLY = _("You get this because you wrote to this person by the directory.")


def letter_context(row: Introduction, words: str) -> dict[str, Any]:
    token = make_token(PURPOSE, row.public_id)
    return {
        "sender": row.sender,
        "words": words,
        "answer_url": absolute(reverse("members:answer_letter", args=[token])),
    }


def queue_introduction(row: Introduction, words: str) -> None:
    _queue(row, words, INTRODUCTION, WHY)


def queue_reply(row: Introduction, words: str) -> None:
    _queue(row, words, REPLY, WHY_REPLY)


def _queue(row: Introduction, words: str, template: str, why: str) -> None:
    queue_community_email(
        community=row.community,
        person=row.receiver,
        key=f"introduction:{row.public_id}",
        kind=template.rpartition("/")[2],
        purpose=Purpose.TRANSACTIONAL,
        template=template,
        why=why,
        context=letter_context(row, words),
    )
