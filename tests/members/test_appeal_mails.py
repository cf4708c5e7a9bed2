"""The mails of an appeal, with names of all kinds, in both languages."""

import pytest

from members.emails.appeals import TEMPLATES, appeal_context, seat_context
from members.mailing import community_email
from members.models import Appeal
from tests.factories import NOW


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", list(TEMPLATES))
@pytest.mark.parametrize("state", ["open", "upheld", "dismissed", "returned"])
def test_mails_keep_names_whole_and_words_harmless(application, kind, language, state):
    person, organization = application.person, application.organization
    person.language = language
    person.display_name = "Zoë O'Brien & Søn"
    organization.name = "ʔa <Lodge>\nnext line"
    appeal = Appeal(
        application=application, state=state, opened_at=NOW, due_on=NOW.date(), reasons="<b>No</b>",
        decided_at=None if state == "open" else NOW, effective_on=NOW.date(), public_id="a" * 12,
    )  # fmt: skip
    context = seat_context(appeal) if kind == "seat" else appeal_context(appeal)

    mail = community_email(
        community=application.community, person=person, template=TEMPLATES[kind], why="Why.",
        context=context,
    )  # fmt: skip

    assert "\n" not in mail.subject
    assert "<Lodge>" not in mail.html
    assert "<b>" not in mail.html
    assert "\nnext line" not in mail.text
    assert "/me/a" in mail.text or "/join/" in mail.text


def test_an_individual_has_no_organization(application):
    application.organization = None
    appeal = Appeal(application=application, opened_at=NOW, due_on=NOW.date())
    assert appeal_context(appeal)["about"] == "Every Door"
