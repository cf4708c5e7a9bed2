"""Members find each other: the directory, peer mentors, and who waits for an answer."""

from datetime import timedelta
from typing import Any

from cop.demo.dates import DemoCalendar, at
from members.actions.directory import save_profile
from members.actions.mentorship import accept_match, ask_mentor, save_offer, save_wish
from members.models import Community, MentorshipOffer, User

ALL = ("is_listed", "shows_role", "shows_organization", "shows_region", "shows_languages")
# Who shows what: each field is a switch of its own, so no two entries look alike.
ENTRIES: dict[str, dict[str, Any]] = {
    "joan": {
        **dict.fromkeys(ALL, True), "takes_messages": True, "languages": ["English"],
        "pronouns": "she/her", "ask_me_about": "Inspections without panic; keeping a board awake.",
        "looking_for": "A house that has moved its kitchen while people lived there.",
    },
    "luc": {
        **dict.fromkeys(ALL, True), "takes_messages": True, "languages": ["Français", "English"],
        "ask_me_about": "Sorties et suivi : ce qui tient après trois mois.",
        "looking_for": "D’autres maisons qui travaillent en français.",
    },
    "nadia": {
        "is_listed": True, "shows_organization": True, "shows_region": True,
        "takes_messages": True, "ask_me_about": "Night rosters that people can live with.",
    },
    "rosalind": {
        **dict.fromkeys(ALL, True), "languages": ["English"],
        "ask_me_about": "Withdrawal management and a bed without a gap.",
    },
    "bea": {"is_listed": True, "shows_role": True, "takes_messages": True},
    "ravi": {
        **dict.fromkeys(ALL, True), "takes_messages": True,
        "languages": ["English", "ਪੰਜਾਬੀ"], "ask_me_about": "Peer work, and where it ends.",
    },
    "corinne": {
        "is_listed": True, "shows_role": True, "shows_organization": True,
        "looking_for": "How others speak with probation officers.",
    },
    # Has said no again: the entry is there, and nobody sees it.
    "mei": {"shows_role": True, "ask_me_about": "Young people and phones."},
    "hank": {"is_listed": True, "shows_organization": True, "takes_messages": True},
}  # fmt: skip
OFFERS: dict[str, dict[str, Any]] = {
    "joan": {"topics": "First inspections, boards, budgets", "hours_a_month": 2, "max_matches": 2},
    "ravi": {"topics": "Peer work, night shifts, first months", "max_matches": 2},
    "luc": {"topics": "Équipes cliniques, relève", "languages": ["Français", "English"]},
    "hilde": {"topics": "Nursing in a small centre, overdose drills"},
}
WISHES: dict[str, dict[str, Any]] = {
    "dani": {"topics": "Night shifts alone, first months"},
    "mei": {"topics": "Overdose drills with young people"},
    "corinne": {"topics": "Budgets for a society of six people"},
    "sefa": {"topics": "Peer work: how much of my own story?"},
}


def make_directory(community: Community, people: dict[str, User], days: DemoCalendar) -> None:
    for number, (key, fields) in enumerate(ENTRIES.items()):
        since = at(days.today - timedelta(days=80 - 5 * number))
        save_profile(person=people[key], community=community, now=since, **fields)
    for person in _with_rare_letters(community):
        shown = dict.fromkeys(ALL, True) | {"languages": ["English"]}
        save_profile(
            person=person, community=community, now=at(days.today - timedelta(days=30)), **shown
        )


def _with_rare_letters(community: Community) -> list[User]:
    """Two whose own name, or whose house, is written with letters that few keyboards have."""
    members = User.objects.filter(memberships__community=community).distinct().order_by("pk")
    named = members.filter(display_name__contains="ʔ").first()
    housed = members.filter(affiliations__organization__name__startswith="ʔa").first()
    return [person for person in (named, housed) if person is not None]


def make_mentorships(community: Community, people: dict[str, User], days: DemoCalendar) -> None:
    """One pair that talks since a month, one mentor who has not answered yet, and open wishes."""
    begun = at(days.today - timedelta(days=40))
    shared = {"community": community, "now": begun, "region": ""}
    defaults = {"languages": ["English"], "hours_a_month": 1, "max_matches": 1}
    offers: dict[str, MentorshipOffer] = {
        key: save_offer(person=people[key], **shared | defaults | fields)
        for key, fields in OFFERS.items()
    }
    wishes = {
        key: save_wish(person=people[key], **shared | {"languages": ["English"]} | fields)
        for key, fields in WISHES.items()
    }
    match = ask_mentor(wish=wishes["sefa"], offer=offers["ravi"], by=people["sefa"], now=begun)
    started = at(days.today - timedelta(days=35))
    accept_match(match=match, person=people["ravi"], now=started)
    lately = at(days.today - timedelta(days=2))
    ask_mentor(wish=wishes["dani"], offer=offers["ravi"], by=people["dani"], now=lately)
