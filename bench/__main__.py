"""What things cost, as ratios of one run; absolute figures move with the machine.

make bench                 pages: SQL statements, and CPU of this process against a bare page
                           (on the data of a running `make run`)
make bench ARGS=mail       sending, queueing, claiming (brings its own database and mail sink)
make bench ARGS=newsletter merging and sending an issue, beside django-newsletter (the same)
make bench ARGS=import     lists of people and organizations (brings its own database)
make bench ARGS=rsvp       200 answers for 20 seats at once, over HTTP (the same)
make bench ARGS=calendar   meetings pages at 5,000 meetings, the feed under load (the same)
make bench ARGS=search     the library at 100,000 resources of 20 KB, over HTTP (the same)
make bench ARGS=extraction reading the text inside 1,000 files (the same)
make bench ARGS=members    the long lists at 10,000 members and 2,000 organizations (the same)
"""

import os
import sys

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cop.settings")
    if sys.argv[1:] == ["mail"]:
        from bench.mail import main as measure_mail

        measure_mail()
        return
    if sys.argv[1:] == ["newsletter"]:
        from bench.newsletter import main as measure_newsletter

        measure_newsletter()
        return
    if sys.argv[1:] == ["import"]:
        from bench.imports import main as measure_imports

        measure_imports()
        return
    if sys.argv[1:2] == ["search"]:
        from bench.search import main as measure_search

        measure_search()
        return
    if sys.argv[1:2] == ["extraction"]:
        from bench.extraction import main as measure_extraction

        measure_extraction()
        return
    if sys.argv[1:] == ["members"]:
        from bench.members import main as measure_members

        measure_members()
        return
    if sys.argv[1:] == ["calendar"]:
        from bench.calendar import main as measure_calendar

        measure_calendar()
        return
    if sys.argv[1:2] == ["rsvp"]:
        from bench.rsvp import main as measure_rsvp

        measure_rsvp()
        return
    django.setup()
    from bench.measuring import print_rows
    from bench.pages import pages

    print_rows(pages())


main()
