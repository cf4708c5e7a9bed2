from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from cop.core.time import database_clock, python_zone_data_is_current
from meetings.actions import find_shifted, recheck_timezones
from meetings.actions.zones import Correction, newer_zone_data, zone_data_version


class Command(BaseCommand):
    help = (
        "List coming meetings whose time in UTC differs by the installed zone data, and put them "
        "right. The mails about it wait for a coordinator. The clock does the same each minute."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="list only, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        now = database_clock()()
        version = zone_data_version()
        if not python_zone_data_is_current():
            self.stdout.write(f"Zone data {version} is out of date. Update tzdata first.")
            return
        shifted = find_shifted(now=now)
        if shifted and (newer := newer_zone_data()):
            self.stdout.write(
                f"Nothing was changed: meetings here were put right by zone data {newer}, and "
                f"this program has {version}. Update tzdata first."
            )
            return
        found = shifted if options["check"] else recheck_timezones(now=now)
        for one in found:
            self.stdout.write(self._line(one))
        if not found:
            self.stdout.write(f"All coming meetings are right by zone data {version}.")
        elif options["check"]:
            self.stdout.write(f"{len(found)} differ by zone data {version}. Nothing was changed.")
        else:
            letters = sum(one.letters for one in found)
            self.stdout.write(
                f"{len(found)} put right by zone data {version}. {letters} mails wait for release "
                "on the board of outgoing mail."
            )

    def _line(self, one: Correction) -> str:
        meeting = one.meeting
        return (
            f"{meeting.community.slug} {meeting.public_id}: {meeting.local_date} "
            f"{meeting.local_time:%H:%M} {meeting.timezone}, "
            f"was {one.old:%Y-%m-%dT%H:%MZ}, is {one.new:%Y-%m-%dT%H:%MZ}"
        )
