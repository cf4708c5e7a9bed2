"""Lists in and out: what is read, what would change, and that it is all or nothing."""

import os
import re
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from allauth.account.models import EmailAddress
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from members.actions.imports import (
    TableRefused,
    cancel_import,
    confirm_import,
    export_list,
    purge_imports,
    run_imports,
    start_import,
    work,
)
from members.models import Affiliation, Evidence, ImportRun, Membership, Organization, Site, User
from outbox.actions import send_due
from outbox.models import Consent, Delivery
from tests.factories import NOW, make_member, make_organization, make_person, make_staff

PEOPLE = "Name,E-mail address,Organization,Role\n"


def csv_file(text: str, encoding: str = "utf-8", name: str = "list.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode(encoding))


def xlsx_file(rows: list[list[Any]], name: str = "list.xlsx") -> SimpleUploadedFile:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    data = BytesIO()
    book.save(data)
    return SimpleUploadedFile(name, data.getvalue())


@pytest.fixture
def bring(community, priya):
    """Send a list and have it looked through."""

    def _bring(file, kind="people", by=priya, now=NOW):
        run = start_import(community=community, kind=kind, file=file, by=by, now=now)
        run_imports(now=now)
        run.refresh_from_db()
        return run

    return _bring


@pytest.fixture
def take(priya):
    def _take(run, **more):
        words = {"by": priya, "now": NOW, "choices": {}} | more
        confirm_import(run=run, **words)
        run_imports(now=NOW)
        run.refresh_from_db()
        return run

    return _take


def counts(run):
    assert run.state == "ready", run.failure
    return {key: count for key, count in run.report["counts"].items() if count}


def reasons(run, outcome="wrong"):
    return {line["row"]: line["reason"] for line in run.report["lines"][outcome]}


TABLE = "Nom;Courriel;Organisme;Rôle\nZoé Théberge;ZOE@House.example;Maison Étoile;Intervenante\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_read_excels_encodings(bring, take, encoding, separator):
    make_organization("Maison Étoile")
    text = TABLE.replace(";", separator).replace("\n", "\r\n")

    run = take(bring(csv_file(text, encoding)))

    person = User.objects.get(email="zoe@house.example")
    assert person.display_name == "Zoé Théberge"
    assert person.affiliations.get().role_title == "Intervenante"
    assert run.report["done"] == {"new": 1, "changed": 0}


def test_people_are_taken_over_whole(bring, take, community, house):
    rows = [
        ["NAME", "e-mail", "Organization", "role", "Kind of role", "Language", "Category",
         "Speaks for the organization", "Member since", "Shoe size"],
        ["Ana Stone", "ana@moss.example", house.name.upper(), "Night shift", "Front line", "fr",
         "Member", "yes", date(2025, 4, 1), 38],
        [None] * 9,
        ["Bo Reed", "bo@free.example", None, None, None, None, "ally", None, None],
    ]  # fmt: skip
    run = bring(xlsx_file(rows))
    assert counts(run) == {"new": 2}
    assert run.report["unknown"] == ["Shoe size"]
    assert not User.objects.filter(email="ana@moss.example").exists()

    take(run)

    ana = User.objects.get(email="ana@moss.example")
    assert (ana.display_name, ana.language) == ("Ana Stone", "fr")
    assert not ana.has_usable_password()
    assert not EmailAddress.objects.get(user=ana).verified
    tie = ana.affiliations.get()
    assert (tie.organization, tie.state, tie.confirmed_by) == (house, "confirmed", "roster")
    assert tie.is_contact
    assert tie.is_primary
    membership = community.memberships.get(person=ana)
    assert (membership.category, membership.basis) == ("member", "import")
    assert membership.joined_on == date(2025, 4, 1)
    assert membership.is_unconfirmed
    assert community.memberships.get(person__email="bo@free.example").category == "ally"
    began = AuditEvent.objects.get(action="membership_began", object_id=membership.public_id)
    assert began.scope == community.public_id
    # No mail, no consent.
    assert not Delivery.objects.exists()
    assert not Consent.objects.exists()


def test_file_and_names_go_when_it_is_over(bring, take, django_capture_on_commit_callbacks):
    run = bring(csv_file(PEOPLE + "Ana,ana@a.example,,\n"))
    name = run.file.name
    assert default_storage.exists(name)

    with django_capture_on_commit_callbacks(execute=True):
        run = take(run)

    run.refresh_from_db()
    assert (run.state, run.file.name) == ("done", "")
    assert not default_storage.exists(name)
    assert "ana" not in str(run.report).lower()


def test_same_list_twice_changes_nothing(bring, take, house):
    text = PEOPLE + f"Ana,ana@a.example,{house.name},Cook\nBo,bo@a.example,,\n"
    take(bring(csv_file(text)))
    before = list(AuditEvent.objects.values_list("action", flat=True))

    run = bring(csv_file(text))

    assert counts(run) == {"unchanged": 2}
    after = [one for one in AuditEvent.objects.values_list("action", flat=True)]
    assert len(after) == len(before) + 1
    assert User.objects.filter(email__endswith="@a.example").count() == 2


def test_row_numbers_are_those_of_excel(bring):
    text = PEOPLE + '\n"Two\nlines",a@a.example,,\n\nNobody,not-an-address,,\nMo,a@a.example,,\n'

    run = bring(csv_file(text))

    assert counts(run) == {"new": 1, "wrong": 1, "duplicate": 1}
    assert list(reasons(run)) == [5]
    assert "“not-an-address” is no e-mail address" in reasons(run)[5]
    assert reasons(run, "duplicate") == {6: "The same e-mail address stands in row 3."}


def test_mistakes_are_left_out_only_when_said(bring, take, priya):
    run = bring(csv_file(PEOPLE + "Ana,ana@a.example,,\nBo,,,\n"))

    with pytest.raises(ActionError, match="Some rows have a mistake"):
        confirm_import(run=run, by=priya, now=NOW, choices={})

    take(run, leaves_out_wrong=True)
    assert run.state == "done"
    assert Membership.objects.filter(basis="import").count() == 1


def test_a_list_does_not_overrule_people(bring, community, dani):
    gone = make_member(community, "Gone", state="left")
    removed = make_member(community, "Removed", state="removed")
    held = make_member(community, "Held")
    Membership.objects.filter(person=held).update(
        state="suspended", suspended_until=date(2026, 12, 1)
    )
    closed = make_person("Closed", is_active=False)
    people = [gone, removed, held, closed]

    run = bring(csv_file(PEOPLE + "".join(f"X,{one.email},,\n" for one in people)))

    assert counts(run) == {"wrong": 4}
    texts = " ".join(reasons(run).values())
    for words in ("own choice", "team ended", "on hold", "cannot be taken over"):
        assert words in texts


def test_names_of_accounts_stay_theirs_and_are_not_told(bring, take, community):
    known = make_person("Real Name", email="known@elsewhere.example")

    run = bring(csv_file(PEOPLE + "Other Name,KNOWN@elsewhere.example,,\n"))

    assert counts(run) == {"new": 1}
    assert "Real Name" not in str(run.report)
    take(run)
    known.refresh_from_db()
    assert known.display_name == "Real Name"
    assert community.memberships.filter(person=known).exists()


def test_second_address_of_an_account_is_the_same_person(bring, community, dani):
    EmailAddress.objects.create(user=dani, email="dani@second.example", verified=True)

    run = bring(csv_file(PEOPLE + f"D,dani@second.example,,\nD,{dani.email},,\n"))

    assert counts(run) == {"unchanged": 1, "duplicate": 1}


def test_wall_holds_against_lists(bring, funder, dani):
    run = bring(
        csv_file(
            "Name,Email,Organization,Category\n"
            "New,new@fund.example,Coast Fund,member\n"
            "Newer,newer@fund.example,Coast Fund,\n"
            f"Beth,{funder.email},,member\n"
            f"Dani,{dani.email},Coast Fund,ally\n"
        )
    )

    assert counts(run) == {"wrong": 3, "new": 1}
    assert "ally only" in reasons(run)[2]
    # Where somebody works elsewhere is not told, nor that there is an account.
    assert reasons(run)[4] == "This person can be an ally only."
    assert "account" not in str(run.report)
    assert "say themselves" in reasons(run)[5]


def test_another_communitys_organization_is_not_spoken_for(
    bring, take, house, other_community, priya
):
    criterion = other_community.criteria.get()
    Evidence.objects.create(
        organization=house, criterion=criterion, state="verified", submitted_at=NOW, checked_at=NOW
    )
    head = "Name,Email,Organization,Speaks for the organization\n"
    run = bring(csv_file(head + f"A,a@a.example,{house.name},yes\nB,b@a.example,{house.name},\n"))

    assert counts(run) == {"wrong": 1, "new": 1}
    take(run, leaves_out_wrong=True)
    tie = Affiliation.objects.get(person__email="b@a.example")
    assert (tie.state, tie.is_contact) == ("claimed", False)


def test_unknown_organization_names_the_likely_one(bring, community, house):
    make_member(community, "Somebody", organization=house)

    run = bring(csv_file(PEOPLE + "A,a@a.example,Moss Stairs Recovery House,\n"))

    assert "Do you mean “Moss Stair Recovery House”?" in reasons(run)[2]


ORGANIZATIONS = (
    "Name,Legal name,Kind,City,Health region,Street address,Services,Beds,Mail domains,Phone,"
    "Website,Contact name,Contact email\n"
)


def test_organizations_are_taken_over(bring, take, community, priya):
    row = (
        "Cedar Lamp,Cedar Lamp Society,Service provider,Creston,,12 Quiet St,"
        '"Supportive recovery; Treatment, bed-based",12,@cedar.example,250 555 0101,'
        "cedar.example,Kim Lee,kim@cedar.example\n"
    )
    run = bring(csv_file(ORGANIZATIONS + row + "Coast Fund,,Funder,,,,,,,,,,\n"), "organizations")
    assert counts(run) == {"new": 2}

    take(run)

    made = Organization.objects.get(name="Cedar Lamp")
    assert made.domains == ["cedar.example"]
    assert made.web == "https://cedar.example"
    site = made.sites.get()
    assert (site.region, site.timezone, site.beds) == ("interior", "America/Creston", 12)
    assert site.address_confidential
    assert set(site.services) == {"supportive_recovery", "treatment"}
    tie = made.affiliations.get()
    assert (tie.person.email, tie.is_contact) == ("kim@cedar.example", True)
    assert not tie.person.memberships.exists()
    assert Organization.objects.get(name="Coast Fund").is_regulator_or_funder
    events = AuditEvent.objects.filter(action="organization_added", scope=community.public_id)
    assert events.count() == 2
    again = bring(csv_file(ORGANIZATIONS + row), "organizations")
    assert counts(again) == {"unchanged": 1}


@pytest.fixture
def known_house(community, house):
    make_member(community, "Somebody", organization=house)
    return house


def test_known_organization_is_changed_and_empty_cells_change_nothing(
    bring, take, community, known_house
):
    Organization.objects.filter(pk=known_house.pk).update(phone="250 555 0100", web="https://a.ca")

    run = bring(
        csv_file(f"Name,Phone,Website\n{known_house.name},604 555 0199,\n"), "organizations"
    )
    assert counts(run) == {"changed": 1}
    assert reasons(run, "changed") == {2: "phone"}
    take(run)

    known_house.refresh_from_db()
    assert (known_house.phone, known_house.web) == ("604 555 0199", "https://a.ca")
    assert AuditEvent.objects.filter(action="organization_changed").exists()


def test_moved_house_is_looked_at_again(bring, take, known_house, criterion):
    Site.objects.create(
        organization=known_house, name="Main", city="Creston", region="interior", address="1 Old St"
    )
    type(criterion).objects.update(is_tied_to_address=True)
    evidence = Evidence.objects.create(
        organization=known_house, criterion=criterion, state="verified", submitted_at=NOW,
        checked_at=NOW,
    )  # fmt: skip
    text = f"Name,City,Street address\n{known_house.name},Creston,2 New St\n"
    Organization.objects.filter(pk=known_house.pk).update(city="Creston")

    take(bring(csv_file(text), "organizations"))

    evidence.refresh_from_db()
    assert evidence.state == "under_challenge"


def test_likely_double_is_asked_about(bring, take, known_house):
    text = "Name,Phone\nMoss Stairs Recovery House,250 555 0142\nOther Lamp,\n"
    run = bring(csv_file(text), "organizations")
    assert counts(run) == {"duplicate": 1, "new": 1}
    line = run.report["lines"]["duplicate"][0]
    assert line["same_as"] == "Moss Stair Recovery House, Powell River"

    take(run)

    known_house.refresh_from_db()
    # The gap is filled, the name stays.
    assert known_house.phone == "250 555 0142"
    assert Organization.objects.filter(name__startswith="Moss").count() == 1


def test_likely_double_can_be_another_one(bring, take, known_house):
    run = bring(csv_file("Name\nMoss Stairs Recovery House\n"), "organizations")

    take(run, choices={"2": "new"})

    assert Organization.objects.filter(name__startswith="Moss").count() == 2


def test_same_name_in_another_town_is_no_match(bring, known_house):
    run = bring(csv_file(f"Name,City\n{known_house.name},Nelson\n"), "organizations")

    assert counts(run) == {"duplicate": 1}
    assert reasons(run, "duplicate") == {2: "the same name in another town"}


def test_organization_of_another_community_is_left_alone(
    bring, take, house, other_community, community
):
    make_member(other_community, "Theirs", organization=house)

    run = bring(csv_file(f"Name,Phone\n{house.name},604 555 0199\n"), "organizations")

    assert counts(run) == {"unchanged": 1}
    house.refresh_from_db()
    assert house.phone == ""
    # Naming it opens no door to it (O1).
    assert not AuditEvent.objects.filter(object_id=house.public_id).exists()


LONG = "Ω" * 255


def test_long_and_right_to_left_names(bring, take):
    names = [LONG, "بيت الأمل", "ʔaʔaɬ x̱ House", "A" * 256]
    run = bring(csv_file("Name\n" + "\n".join(names) + "\n"), "organizations")

    assert counts(run) == {"new": 3, "wrong": 1}
    assert "256 letters" in reasons(run)[5]
    take(run, leaves_out_wrong=True)
    assert set(Organization.objects.values_list("name", flat=True)) >= set(names[:3])


def zip_of(parts: dict[str, bytes]) -> bytes:
    data = BytesIO()
    with ZipFile(data, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return data.getvalue()


BOMB = {"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>", "xl/a.xml": b"0" * 90_000_000}
BAD = [
    (SimpleUploadedFile("a.csv", b""), "empty"),
    (SimpleUploadedFile("a.csv", b"\n\n ,,\n"), "empty"),
    (SimpleUploadedFile("a.xlsx", b"<html><table>"), "something else"),
    (SimpleUploadedFile("a.csv", b"<!DOCTYPE html><table>"), "web page"),
    (SimpleUploadedFile("a.xlsx", zip_of(BOMB)), "unpacks to more"),
    (SimpleUploadedFile("a.xlsx", b"\xd0\xcf\x11\xe0" + b"0" * 99), "password"),
    (SimpleUploadedFile("a.xlsx", zip_of({"a.txt": b"hello"})), "cannot read this file"),
    (SimpleUploadedFile("a.xls", b"\xd0\xcf\x11\xe0"), "old Excel file"),
    (SimpleUploadedFile("a.pdf", b"%PDF-1.7"), "Excel files"),
    (SimpleUploadedFile("a.csv", b"Ana,ana@a.example\nBo,bo@a.example\n"), "we miss: Name"),
    (SimpleUploadedFile("a.csv", b"Name,Email\n"), "nothing below"),
    (SimpleUploadedFile("a.csv", b"Name,Email,Nom\nA,a@a.example,B\n"), "Two columns"),
    (SimpleUploadedFile("a.csv", b"Name,Email\nA\x00,a@a.example\n"), "holds signs"),
    (SimpleUploadedFile("a.csv", b"Name,Email\n\x81\x8d,a@a.example\n"), "read the letters"),
    (SimpleUploadedFile("a.csv", b"," * 10_000 + b"x\n1\n"), "more than 100 columns"),
    (SimpleUploadedFile("a.csv", b'Name,Email\n"' + b"x" * 90_000), "cannot be read"),
]


@pytest.mark.parametrize(("file", "words"), BAD, ids=[words for _file, words in BAD])
def test_bad_files_get_a_sentence(community, priya, file, words):
    file.seek(0)
    with pytest.raises(TableRefused, match=words):
        start_import(community=community, kind="people", file=file, by=priya, now=NOW)
    assert not ImportRun.objects.exists()


def test_large_file_is_refused_before_it_is_read(community, priya):
    class Large(SimpleUploadedFile):
        def read(self, *args):
            raise AssertionError("read")

    file = Large("a.csv", b"x")
    file.size = 64 * 1024 * 1024
    with pytest.raises(TableRefused, match="64 MB; the limit is 20 MB"):
        start_import(community=community, kind="people", file=file, by=priya, now=NOW)


def test_too_many_rows_and_columns_of_a_sheet(bring, community, priya):
    wide = xlsx_file([["Name", "Email", *["x"] * 120], ["A", "a@a.example"]])
    with pytest.raises(TableRefused, match="more than 100 columns"):
        bring(wide)
    run = bring(csv_file(PEOPLE + "".join(f"N,n{n}@a.example,,\n" for n in range(20_001))))
    assert run.state == "refused"
    assert "20,000 rows" in run.failure


def test_far_away_blank_cells_are_read_quickly(bring):
    book = Workbook()
    book.active.append(["Name", "Email"])
    book.active.append(["A", "a@a.example"])
    book.active["XFD90000"].number_format = "0.00"
    data = BytesIO()
    book.save(data)

    run = bring(SimpleUploadedFile("a.xlsx", data.getvalue()))

    assert counts(run) == {"new": 1}


def test_formulas_are_read_as_what_they_came_to(bring):
    book = Workbook()
    book.active.append(["Name", "Email"])
    book.active.append(["=1+1", "a@a.example"])
    data = BytesIO()
    book.save(data)
    run = bring(SimpleUploadedFile("a.xlsx", data.getvalue()))

    # Nobody has opened it, so it has not come to anything yet.
    assert reasons(run) == {2: "The name is missing."}


def test_one_list_at_a_time(bring, priya, community):
    first = bring(csv_file(PEOPLE + "A,a@a.example,,\n"))

    with pytest.raises(ActionError, match=r"Another list waits.*list\.csv.*Priya"):
        bring(csv_file(PEOPLE + "B,b@a.example,,\n"))

    cancel_import(run=first, by=priya, now=NOW)
    assert counts(bring(csv_file(PEOPLE + "B,b@a.example,,\n"))) == {"new": 1}


def test_only_coordinators(community, reviewer, outsider):
    file = csv_file(PEOPLE + "A,a@a.example,,\n")
    for person in (reviewer, outsider):
        with pytest.raises(ActionError, match="Only a coordinator"):
            start_import(community=community, kind="people", file=file, by=person, now=NOW)
        with pytest.raises(ActionError, match="Only a coordinator"):
            export_list(community=community, kind="people", file_format="csv", by=person, now=NOW)


def test_change_in_between_is_shown_again(bring, take, community):
    run = bring(csv_file(PEOPLE + "A,a@a.example,,\nB,b@a.example,,\n"))
    make_member(community, "A", email="a@a.example")

    take(run)

    assert run.state == "ready"
    assert "changed since you looked" in run.report["note"]
    assert not User.objects.filter(email="b@a.example").exists()
    assert take(run).state == "done"
    assert community.memberships.filter(person__email="b@a.example").exists()


def test_failure_on_the_way_leaves_nothing(bring, take, monkeypatch):
    run = bring(csv_file(PEOPLE + "A,a@a.example,,\nB,b@a.example,,\n"))

    def break_down(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("members.actions.imports.write_people.write_ties", break_down)
    take(run)

    assert run.state == "refused"
    assert "Nothing was taken over" in run.failure
    assert not User.objects.filter(email__endswith="@a.example").exists()


def test_dead_worker_leaves_nothing_and_says_so(bring, priya, community, monkeypatch):
    run = bring(csv_file(PEOPLE + "A,a@a.example,,\n"))
    confirm_import(run=run, by=priya, now=NOW, choices={})

    class Killed(BaseException):
        pass

    def die(*args, **kwargs):
        raise Killed

    monkeypatch.setattr(work, "write_people", die)
    with pytest.raises(Killed):
        run_imports(now=NOW)
    run.refresh_from_db()
    assert run.state == "running"
    run_imports(now=NOW + timedelta(minutes=1))  # is not tried again
    assert not User.objects.filter(email="a@a.example").exists()

    purge_imports(now=NOW + timedelta(minutes=1))

    run.refresh_from_db()
    assert (run.state, run.report["lines"]["new"]) == ("refused", [{"row": 2}])
    assert "start again" in run.failure


def test_files_go_after_a_day(bring, django_capture_on_commit_callbacks):
    run = bring(csv_file(PEOPLE + "A,a@a.example,,\n"))
    name = run.file.name
    purge_imports(now=NOW + timedelta(hours=23))
    assert default_storage.exists(name)

    with django_capture_on_commit_callbacks(execute=True):
        purge_imports(now=NOW + timedelta(hours=25))

    run.refresh_from_db()
    assert run.state == "cancelled"
    assert not default_storage.exists(name)


def test_welcome_only_when_asked(bring, take):
    run = take(bring(csv_file(PEOPLE + "A,a@a.example,,\n")), sends_welcome=True)

    mail = Delivery.objects.get()
    assert mail.kind == "import_welcome"
    assert "there is no password" in mail.text
    run.refresh_from_db()
    run_imports(now=NOW)
    assert Delivery.objects.count() == 1
    assert "to_welcome" not in ImportRun.objects.get(pk=run.pk).report


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", ["people", "organizations"])
def test_export_can_be_brought_in_again(
    bring, community, priya, known_house, dani, stranger, kind, file_format
):
    User.objects.filter(pk=dani.pk).update(display_name="=HYPERLINK(1)")
    Organization.objects.filter(pk=known_house.pk).update(
        name="+Plus House", phone="+1 250 555 0142", domains=["moss.example"]
    )
    Site.objects.create(
        organization=known_house, name="Main", city="Powell River", region="vancouver_coastal",
        address="-1 Old St", services=["treatment", "second_stage"], beds=4,
    )  # fmt: skip

    data = export_list(community=community, kind=kind, file_format=file_format, by=priya, now=NOW)

    run = bring(SimpleUploadedFile(f"a.{file_format}", data), kind)
    assert set(counts(run)) == {"unchanged"}, run.report
    event = AuditEvent.objects.get(action="list_exported")
    assert (event.scope, event.actor) == (community.public_id, priya)
    assert event.new == str(run.report["counts"]["unchanged"])
    if file_format == "csv":
        text = data.decode("utf-8-sig")
        assert stranger.email not in text
        assert ("'=HYPERLINK" if kind == "people" else "'+Plus House") in text
        assert not [
            cell
            for line in text.splitlines()
            for cell in line.split(",")
            if cell[:1] in "=+-@" and cell
        ]
    else:
        cells = [cell for row in load_workbook(BytesIO(data)).active.iter_rows() for cell in row]
        assert not [cell for cell in cells if cell.data_type == "f"]


def test_export_keeps_the_contacts_of_other_communities(
    community, other_community, priya, known_house, dani
):
    theirs = make_member(other_community, "Theirs Alone")
    both = make_member(other_community, "Both Places")
    Membership.objects.create(community=community, person=both, joined_on=date(2026, 1, 1))
    for person in (theirs, both):
        Affiliation.objects.create(
            person=person, organization=known_house, state="confirmed", is_contact=True
        )

    def text():
        return export_list(
            community=community, kind="organizations", file_format="csv", by=priya, now=NOW
        ).decode()

    assert known_house.name in text()
    assert theirs.email not in text()
    assert both.email in text()


def test_queries_do_not_grow_with_rows(bring, take, house, django_assert_max_num_queries):
    rows = "".join(f"P{n},p{n}@a.example,{house.name},Cook\n" for n in range(300))
    with django_assert_max_num_queries(60):
        run = take(bring(csv_file(PEOPLE + rows)))
    assert run.report["done"]["new"] == 300


def test_imported_person_signs_in_by_code(bring, take, mailbox):
    take(bring(csv_file(PEOPLE + "A,a@a.example,,\n")))
    client = Client()
    client.get("/account/login/code/")

    client.post("/account/login/code/", {"email": "a@a.example"})
    send_due()
    code = re.search(r"\b(\d{6})\b", mailbox.messages[-1].get_body(("plain",)).get_content())[1]
    client.post("/account/login/code/confirm/", {"code": code})

    assert client.get("/me/").status_code == 200
    assert EmailAddress.objects.get(email="a@a.example").verified


def test_contact_of_a_funder_is_not_walled_by_a_list(bring, dani):
    head = "Name,Kind,Contact name,Contact email\n"
    run = bring(csv_file(f"{head}New Fund,Funder,Dani,{dani.email}\n"), "organizations")

    assert "say themselves" in reasons(run)[2]


def test_files_of_nobody_go_too(settings, tmp_path, db):
    folder = tmp_path / "media" / "imports"
    folder.mkdir(parents=True)
    old, young = folder / "old", folder / "young"
    for path, age in ((old, 30), (young, 1)):
        path.write_bytes(b"x")
        at = (NOW - timedelta(hours=age)).timestamp()
        os.utime(path, (at, at))

    purge_imports(now=NOW)

    assert (old.exists(), young.exists()) == (False, True)


def test_staff_of_two_communities_bring_in_side_by_side(bring, other_community):
    other = make_staff(other_community, "coordinator", "Other")
    bring(csv_file(PEOPLE + "A,a@a.example,,\n"))
    start_import(
        community=other_community, kind="people", by=other, now=NOW,
        file=csv_file(PEOPLE + "A,a@a.example,,\n"),
    )  # fmt: skip
    assert ImportRun.objects.count() == 2
