"""What a list costs: 5,000 people and 2,000 organizations, looked through and taken over.

    make bench ARGS=import

Seconds on the clock, rows a second of both steps together, and the most memory this process has
held. One connection, as in the worker; the second list of each kind changes nothing.
"""

import csv
import io
import resource
import time
from collections.abc import Callable, Iterator
from typing import Any

from bench.services import own_services

PEOPLE, ORGANIZATIONS, MANY = 5_000, 2_000, 20_000
WORDS = (
    "Cedar", "Moss", "Harbour", "Lantern", "Tide", "Bridge", "Willow", "Raven", "Stone", "Summit",
    "Garden", "Anchor", "Birch", "Meadow", "Compass", "Ember", "Juniper", "Orca", "Salal", "Heron",
)  # fmt: skip
KINDS = ("House", "Recovery Society", "Treatment Centre", "Lodge", "Second Stage")
CITIES = ("Nelson", "Creston", "Kelowna", "Surrey", "Victoria", "Prince George", "Terrace")


def main() -> None:
    with own_services():
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        community, by = _community()
        print(f"{'list':34} {'look s':>7} {'take s':>7} {'rows/s':>7} {'peak MB':>8}")
        bring = _bringer(community, by)
        bring("organizations, new, CSV", "organizations", _csv(_organizations(ORGANIZATIONS)))
        bring("people, new, XLSX", "people", _xlsx(_people(PEOPLE)))
        bring("people again, CSV", "people", _csv(_people(PEOPLE)))
        bring("organizations again, CSV", "organizations", _csv(_organizations(ORGANIZATIONS)))
        moved = _csv(_organizations(1_000, street="New Street"))
        bring("organizations, 1,000 moved, CSV", "organizations", moved)
        bring("people, as many as we take, XLSX", "people", _xlsx(_people(MANY)))
        bring("organizations, as many, CSV", "organizations", _csv(_organizations(MANY // 4)))


def _organization(number: int) -> str:
    first, second = WORDS[number % 20], WORDS[number // 20 % 20]
    return f"{first} {second} {KINDS[number // 400 % 5]} {number}"


def _organizations(count: int, street: str = "Quiet Street") -> Iterator[list[str]]:
    yield ["Name", "City", "Street address", "Services", "Beds", "Mail domains", "Phone"]
    for number in range(count):
        yield [
            _organization(number), CITIES[number % 7], f"{number} {street}",
            "Supportive recovery", str(number % 30), f"house{number}.example",
            f"250 555 {number:04d}",
        ]  # fmt: skip


def _people(count: int) -> Iterator[list[str]]:
    yield ["Name", "E-mail address", "Organization", "Role", "Kind of role", "Member since"]
    for number in range(count):
        yield [
            f"Person Théberge {number}", f"person{number}@host{number % 200}.example",
            _organization(number % ORGANIZATIONS), "Night shift", "Front line", "2025-04-01",
        ]  # fmt: skip


def _csv(rows: Iterator[list[str]]) -> tuple[str, bytes]:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return "list.csv", text.getvalue().encode()


def _xlsx(rows: Iterator[list[str]]) -> tuple[str, bytes]:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    data = io.BytesIO()
    book.save(data)
    return "list.xlsx", data.getvalue()


def _community() -> tuple[Any, Any]:
    from members.models import Community, User

    community = Community.objects.create(slug="bench", name="Bench", short_name="Bench")
    by = User.objects.create_superuser("bench@cop.example", display_name="Bench")
    return community, by


def _bringer(community: Any, by: Any) -> Callable[[str, str, tuple[str, bytes]], None]:  # noqa: ANN401
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.utils import timezone

    from members.actions.imports import confirm_import, run_imports, start_import

    def bring(title: str, kind: str, file: tuple[str, bytes]) -> None:
        now = timezone.now()
        upload = SimpleUploadedFile(*file)
        run = start_import(community=community, kind=kind, file=upload, by=by, now=now)
        looking = _seconds(lambda: run_imports(now=now))
        run.refresh_from_db()
        counts = run.report["counts"]
        taking = 0.0
        if counts["new"] or counts["changed"]:
            confirm_import(run=run, by=by, now=now, choices={}, leaves_out_wrong=True)
            taking = _seconds(lambda: run_imports(now=now))
            run.refresh_from_db()
            if run.state != "done":
                raise SystemExit(f"{title}: {run.state} {run.failure}")
        else:
            from members.actions.imports import cancel_import

            cancel_import(run=run, by=by, now=now)
        rate = run.rows_total / (looking + taking)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{title:34} {looking:7.1f} {taking:7.1f} {rate:7.0f} {peak:8.0f}")
        print("    " + ", ".join(f"{name} {count}" for name, count in counts.items() if count))

    return bring


def _seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
