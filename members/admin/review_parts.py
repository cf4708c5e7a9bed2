"""What the review page shows beside the three buttons. Nothing here changes anything."""

import json
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language, get_language_info

from cop.core.errors import ActionError
from members.actions.claims import taken_by
from members.actions.decisions import check_may_decide
from members.actions.memberships import local_day
from members.admin.appeal_page import appeals_of
from members.admin.checklists import checks_of
from members.admin.decision_form import DecisionForm, has_register
from members.admin.letter_words import letter_parts
from members.admin.review_next import OURS
from members.history import describe, say_application_state, say_code
from members.models import (
    Affiliation,
    Community,
    Evidence,
    IssuerInquiry,
    Membership,
    MembershipApplication,
)
from members.queries import (
    category_after_approval,
    find_duplicates,
    history_of,
    known_organizations,
    organization_is_eligible,
)
from members.queries.organizations import Likeness


def open_evidence(application: MembershipApplication) -> list[Evidence]:
    """What came with it and was not checked yet."""
    rows = application.evidence.filter(state__in=Evidence.UNCHECKED_STATES)
    return list(rows.select_related("criterion").order_by("-submitted_at", "-pk"))


def review_context(
    application: MembershipApplication, form: DecisionForm, request: HttpRequest
) -> dict[str, Any]:
    evidence = _evidence(application)
    mine = [row for row in evidence if row.application_id == application.pk]
    inquiries = list(
        application.inquiries.select_related("proposed_by").order_by("proposed_at", "pk")
    )
    now, refusal = timezone.now(), refusal_of(application, request)
    return {
        "application": application,
        "state_label": say_application_state(application.state),
        "form": form,
        "refusal": refusal,
        "taken_by": taken_by(application, now),
        "is_late": is_late(application, form.today),
        "evidence": mine,
        "other_evidence": [row for row in evidence if row.application_id != application.pk],
        "has_open_evidence": bool(form.open_evidence),
        "has_register": any(has_register(row.criterion) for row in form.open_evidence),
        "checks": _checks(application, form),
        "letter_json": _letter_json(application),
        "reasons": [say_code(code) for code in application.reason_codes],
        "letter_language": _other_language(application),
        "history": _history(application, mine, inquiries, request),
        "inquiries": inquiries,
        "may_merge": application.is_open and not refusal,
        "may_ask_office": _may_ask_office(application, inquiries, refusal),
        **_about_organization(application, request),
    }


def is_late(application: MembershipApplication, today: date) -> bool:
    """The first answer is overdue, and the ball is with us (AM2)."""
    waits = application.state in OURS and not application.held_until
    return waits and application.due_on < today


def _checks(application: MembershipApplication, form: DecisionForm) -> list[Any]:
    if not application.is_open or application.organization is None:
        return []
    criteria: list[Any] = []
    if not form.open_evidence:
        rows = application.community.criteria.filter(is_active=True)
        criteria = list(rows.order_by("position", "pk"))
    return checks_of(form.open_evidence, criteria, form.today)


def _other_language(application: MembershipApplication) -> str:
    """The language of the applicant, where it is not the one that the reviewer reads."""
    theirs = application.person.language
    if theirs == (get_language() or "en")[:2]:
        return ""
    return str(get_language_info(theirs)["name_translated"])


def _letter_json(application: MembershipApplication) -> str:
    parts = letter_parts(application) if application.is_open else {}
    return json.dumps(parts, ensure_ascii=False)


def _evidence(application: MembershipApplication) -> list[Evidence]:
    if application.organization is None:
        return []
    rows = application.organization.evidence.filter(criterion__community=application.community)
    rows = rows.select_related("criterion", "site", "submitted_by", "checked_by")
    found = list(rows.order_by("-submitted_at", "-pk"))
    for row in found:
        row.reason_label = say_code(row.reason_code)
    return found


def _may_ask_office(
    application: MembershipApplication, inquiries: list[IssuerInquiry], refusal: str
) -> bool:
    waits = any(row.state == IssuerInquiry.State.PROPOSED for row in inquiries)
    has_papers = application.organization is not None
    return application.is_open and has_papers and not refusal and not waits


def _history(
    application: MembershipApplication,
    mine: list[Evidence],
    inquiries: list[IssuerInquiry],
    request: HttpRequest,
) -> list[Any]:
    objects = [("members.membershipapplication", application.public_id)]
    objects += [("members.evidence", row.public_id) for row in mine]
    objects += [("members.issuerinquiry", row.public_id) for row in inquiries]
    events = history_of(objects, [application.community.public_id])[:50]
    return [describe(event, request.user.timezone) for event in events]


def _about_organization(application: MembershipApplication, request: HttpRequest) -> dict[str, Any]:
    community, organization = application.community, application.organization
    today = local_day(community, timezone.now())
    category = category_after_approval(application, today)
    common = {
        "earlier": _earlier(application),
        "category": Membership.Category(category).label,
        "appeals": appeals_of(application),
    }
    if organization is None:
        return common
    return common | {
        "affiliation": _affiliation(application),
        "people": _people(application),
        "sites": organization.sites.filter(closed_on=None).order_by("name", "pk"),
        "similar": _similar(application, request),
        "is_eligible": organization_is_eligible(organization, community, today),
        "others_waiting": others_waiting(application),
    }


def _similar(application: MembershipApplication, request: HttpRequest) -> list[Likeness]:
    """Others that may be the same; a link only to those that open for this staff member."""
    own = application.organization
    rows = find_duplicates(
        name=own.name,
        legal_name=own.legal_name,
        domains=own.domains,
        web=own.web,
        phone=own.phone,
        leave_out=own,
    )
    mine = Community.objects.staffed_by(request.user, "coordinator", "reviewer")
    near = known_organizations(mine).filter(pk__in=[own.pk, *(row.organization.pk for row in rows)])
    known = set(near.values_list("pk", flat=True))
    for row in rows:
        row.is_open_to_me = request.user.is_superuser or row.organization.pk in known
    return rows


def refusal_of(application: MembershipApplication, request: HttpRequest) -> str:
    """Why this staff member has no buttons here, if so (E5)."""
    try:
        check_may_decide(application, request.user)
    except ActionError as error:
        return str(error)
    return ""


def _affiliation(application: MembershipApplication) -> Affiliation | None:
    links = application.person.affiliations.filter(organization=application.organization)
    return links.exclude(state=Affiliation.State.ENDED).order_by("pk").first()


def _people(application: MembershipApplication) -> list[Affiliation]:
    """Others of the same organization who belong to this community."""
    links = application.organization.affiliations.exclude(state=Affiliation.State.ENDED)
    links = links.filter(person__memberships__community=application.community)
    links = links.exclude(person=application.person).select_related("person")
    return list(links.order_by("person__display_name", "pk").distinct()[:20])


def others_waiting(application: MembershipApplication) -> int:
    """How many more wait for the same organization here (AM8)."""
    rows = application.community.applications.filter(
        organization=application.organization, state__in=MembershipApplication.OPEN_STATES
    )
    return rows.exclude(pk=application.pk).count()


def _earlier(application: MembershipApplication) -> list[MembershipApplication]:
    same = MembershipApplication.objects.filter(
        community=application.community, person=application.person
    )
    rows = list(same.exclude(pk=application.pk).order_by("-submitted_at", "-pk")[:10])
    for row in rows:
        row.state_label = say_application_state(row.state)
    return rows
