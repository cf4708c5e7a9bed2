"""What things cost, as ratios of one run; absolute figures move with the machine.

make bench                 pages: SQL statements, and CPU of this process against a bare page
                           (on the data of a running `make run`)
make bench ARGS=mail       sending, queueing, claiming (brings its own database and mail sink)
make bench ARGS=import     lists of people and organizations (brings its own database)
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
    if sys.argv[1:] == ["import"]:
        from bench.imports import main as measure_imports

        measure_imports()
        return
    if sys.argv[1:] == ["members"]:
        from bench.members import main as measure_members

        measure_members()
        return
    django.setup()
    from bench.measuring import print_rows
    from bench.pages import pages

    print_rows(pages())


main()
