"""Two people in one issue: nothing typed is lost, nothing saved is overwritten unseen."""

from dataclasses import replace

import pytest
from django.urls import reverse

from newsletter.actions import restore_version, update_issue
from newsletter.actions.versions import OPEN_PAGES, keep_version, text_of
from newsletter.changes import merge, say_changes
from newsletter.items import IssueText, ItemText, as_content, from_content
from tests.factories import NOW, make_staff
from tests.newsletter.makers import make_issue, make_item

ONE, TWO = ItemText(1, "One", "first", 10), ItemText(2, "Two", "second", 20)
BASE = IssueText("Subject", intro="Hello", items=(ONE, TWO))


def test_different_places_both_go_in():
    mine = replace(BASE, intro="Mine", items=(replace(ONE, text="mine"), TWO))
    theirs = replace(BASE, subject="Theirs", items=(ONE, replace(TWO, title_fr="Deux")))

    result, conflicts = merge(BASE, mine, theirs)

    assert conflicts == []
    assert (result.subject, result.intro) == ("Theirs", "Mine")
    assert result.items == (replace(ONE, text="mine"), replace(TWO, title_fr="Deux"))


def test_the_same_words_stay_as_saved_and_ones_own_come_back():
    mine = replace(BASE, items=(replace(ONE, text="mine"), TWO))
    theirs = replace(BASE, items=(replace(ONE, text="theirs"), TWO))

    result, conflicts = merge(BASE, mine, theirs)

    assert result.items[0].text == "theirs"
    assert [(one.mine, one.theirs) for one in conflicts] == [("mine", "theirs")]
    assert "One" in conflicts[0].place


def test_the_same_change_twice_is_no_conflict():
    changed = replace(BASE, subject="Same")
    assert merge(BASE, changed, changed) == (changed, [])


def test_of_order_and_ticks_the_later_choice_holds():
    mine = replace(BASE, items=(replace(ONE, position=30, is_included=False), TWO))
    theirs = replace(BASE, items=(replace(ONE, position=40), TWO))

    result, conflicts = merge(BASE, mine, theirs)

    assert conflicts == []
    assert (result.items[0].position, result.items[0].is_included) == (30, False)


def test_what_others_added_stays_and_a_second_click_adds_nothing():
    new = ItemText(None, "Mug", "Bring one.", 30)
    saved = replace(BASE, items=(ONE, TWO, replace(new, pk=3), ItemText(4, "Theirs", "", 40)))

    result, _none = merge(BASE, replace(BASE, items=(ONE, TWO, new)), saved)

    assert [item.pk for item in result.items] == [1, 2, 3, 4]


def test_a_version_holds_all_and_reads_older_ones():
    text = replace(BASE, items=(replace(ONE, person=7, picture=8, alt="A door"),))
    assert from_content(as_content(text)) == text
    assert from_content({"subject": "Old", "items": [{"pk": 1, "title": "T", "gone": 1}]}) == (
        IssueText("Old", items=(ItemText(1, "T"),))
    )


def test_changes_are_told_in_a_line():
    mine = replace(BASE, subject="New", items=(replace(TWO, position=5), replace(ONE, text="x")))
    told = say_changes(BASE, mine)
    assert "Subject" in told
    assert "“One”" in told
    assert "the order" in told
    assert "“Two”" not in told
    assert say_changes(BASE, BASE) == "Nothing"


@pytest.fixture
def issue(community):
    issue = make_issue(community, state="draft")
    make_item(issue, "One", text="first")
    return issue


def autosave(client, issue, version, **fields):
    item = issue.items.get()
    data = {
        "version": version, "items-TOTAL_FORMS": 1, "items-INITIAL_FORMS": 1,
        "items-0-pk": item.pk, "items-0-is_included": "on", "items-0-position": 10,
        "items-0-title": "One", "items-0-text": "first", "items-0-edition": "public",
        "subject": "Kinder house rules", "intro": "",
    } | fields  # fmt: skip
    url = reverse("admin:newsletter_issue_autosave", args=[issue.pk])
    return client.post(url, data).json()


@pytest.mark.django_db
def test_autosave_tells_the_page_what_others_changed_and_nothing_of_its_own(issue, priya, sign_in):
    client = sign_in(priya)
    answer = autosave(client, issue, 1, subject="Mine")
    assert (answer["saved"], answer["version"], answer["fresh"]) == (True, 2, {})

    editor = make_staff(issue.community, "editor")
    text = replace(text_of(type(issue).objects.get()), intro="Theirs")
    update_issue(issue=issue, text=text, by=editor, now=NOW)
    answer = autosave(client, issue, 2, subject="Mine too")

    assert answer["fresh"] == {"intro": "Theirs"}
    assert answer["conflicts"] == []
    issue.refresh_from_db()
    assert (issue.subject, issue.intro, issue.version) == ("Mine too", "Theirs", 4)


@pytest.mark.django_db
def test_autosave_names_the_key_of_a_new_item_so_that_it_is_saved_once(issue, priya, sign_in):
    client = sign_in(priya)
    new = {
        "items-TOTAL_FORMS": 2, "items-1-kind": "practical", "items-1-is_included": "on",
        "items-1-title": "Mug", "items-1-edition": "public",
    }  # fmt: skip
    one = issue.items.get()
    answer = autosave(client, issue, 1, **new)
    assert list(answer["pks"]) == ["items-1-pk"]

    mug = issue.items.exclude(pk=one.pk).get()
    assert (mug.kind, answer["pks"]["items-1-pk"]) == ("practical", mug.pk)


@pytest.mark.django_db
def test_autosave_refuses_a_secret_link_and_says_why(issue, priya, sign_in):
    answer = autosave(sign_in(priya), issue, 1, intro="http://localhost:8000/m/abc/rsvp/")
    assert not answer["saved"]
    assert "personal link" in answer["message"]


@pytest.mark.django_db
def test_restore_brings_words_back_and_keeps_what_was_added(issue, priya):
    first = text_of(issue)
    update_issue(
        issue=issue, by=priya, now=NOW,
        text=replace(first, subject="Worse", items=(*first.items, ItemText(None, "New", "", 30))),
    )  # fmt: skip

    restore_version(issue=issue, number=1, by=priya, now=NOW)

    issue.refresh_from_db()
    assert (issue.subject, issue.version) == ("Kinder house rules", 3)
    assert list(issue.items.order_by("pk").values_list("title", "is_included")) == [
        ("One", True), ("New", False),
    ]  # fmt: skip
    assert list(issue.versions.order_by("number").values_list("how", flat=True)) == [
        "drafted", "saved", "restored",
    ]  # fmt: skip


@pytest.mark.django_db
def test_what_saved_itself_long_ago_leaves_one_version_for_each_stretch(issue, priya):
    then = NOW - OPEN_PAGES * 2
    for number in range(30):
        issue.version = number + 1
        keep_version(issue, how="autosaved", by=priya, now=then + number * (OPEN_PAGES / 3600))
    issue.version = 31
    keep_version(issue, how="autosaved", by=priya, now=NOW)

    kept = list(issue.versions.order_by("number").values_list("number", flat=True))
    assert kept == [30, 31]


@pytest.mark.django_db
def test_versions_page_asks_as_often_for_many_as_for_two(
    issue, priya, sign_in, django_assert_max_num_queries
):
    client = sign_in(priya)
    url = reverse("admin:newsletter_issue_versions", args=[issue.pk])
    for number in range(40):
        text = replace(text_of(type(issue).objects.get()), intro=f"Words {number}")
        update_issue(issue=issue, text=text, by=priya, now=NOW)
    client.get(url)
    with django_assert_max_num_queries(14):
        body = client.get(url).content.decode()
    assert body.count("Bring this version back") == 19
    assert "Older versions" in body
