"""What an issue of the newsletter costs: merging, and sending beside django-newsletter.

    make bench ARGS=newsletter

merging  outbox.rendering.Letter.fill for 50,000 personal mails of a real issue, in three editions
         and two languages, on one core
sending  5,000 mails of the same issue by our button and one or two senders, each claimed, fenced,
         recorded; and by django-newsletter 1.2 with as much text, each rendered, none recorded (it
         marks an issue as being sent, so one process is all it can use)

Both write to the same sink, in turns, three rounds; the ratio is that of the medians of one run.
django-newsletter goes into a throw-away environment; RIVAL_PYTHON names one that has it already.
bench/newsletter_draft.py, where it is there, measures how long a draft takes.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from bench.mail import WORDS, _noon, _people, _seconds
from bench.services import own_services

MAILS, ROUNDS, MERGED, ITEMS = 5000, 3, 50_000, 12
RIVAL = "django-newsletter==1.2.1"
BESIDE = ["Django<5.3", "psycopg2-binary", "sorl-thumbnail"]
# Both come to about 30 KB, as in bench/mail.py; our mails have more of a frame.
WORDS_EACH, WORDS_THEIRS = WORDS * 11, WORDS * 14


def main() -> None:
    with rival_python() as python, own_services() as port:
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        issue = make_issue()
        merging(issue)
        sending(issue, port, python)
        if find_spec("bench.newsletter_draft"):
            from bench.newsletter_draft import measure

            measure()


@contextmanager
def rival_python() -> Iterator[str]:
    """A Python with django-newsletter in it; empty where none can be had."""
    if os.environ.get("RIVAL_PYTHON"):
        yield os.environ["RIVAL_PYTHON"]
        return
    with tempfile.TemporaryDirectory(prefix="cop-rival") as folder:
        python = str(Path(folder, "bin", "python"))
        pip = [python, "-m", "pip", "install", "-q", RIVAL, *BESIDE]
        try:
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            subprocess.run(pip, check=True)
        except subprocess.CalledProcessError:
            print("django-newsletter could not be installed: our own figures only")
            python = ""
        yield python


def make_issue() -> Any:  # noqa: ANN401
    """Twelve items over the three editions, in both languages."""
    from datetime import date, timedelta

    from members.models import Community, RoleGrant, User
    from newsletter.models import IssueItem, NewsletterIssue

    community = Community.objects.create(
        slug="bench",
        name="Every Door",
        public_id="bench",
        languages=["en", "fr"],
        timezone="Pacific/Auckland",
        postal_address="1 Bench Street, Victoria BC",
    )
    editor = User.objects.create(email="editor@cop.example", display_name="Editor")
    RoleGrant.objects.create(
        community=community, person=editor, role="coordinator", starts_on=date(2020, 1, 1)
    )
    today = date.today()
    issue = NewsletterIssue.objects.create(
        community=community,
        number=1,
        period_from=today - timedelta(days=60),
        period_to=today,
        send_on=today,
        subject="What we did in autumn",
        subject_fr="Notre automne",
        state="approved",
        approved_by=editor,
    )
    editions = IssueItem.Edition.values
    IssueItem.objects.bulk_create(
        IssueItem(
            issue=issue,
            title=f"Item {number}",
            text=WORDS_EACH,
            text_fr=WORDS_EACH,
            edition=editions[number % 3] if number > ITEMS - 4 else "public",
            position=number,
        )
        for number in range(ITEMS)
    )
    return issue


def merging(issue: Any) -> None:  # noqa: ANN401
    """Only the putting together: what one core can do before any mail server is asked."""
    from outbox.rendering import Letter

    letters = _letters(issue)
    assert all(isinstance(letter, Letter) for letter in letters)

    def work() -> None:
        for number in range(MERGED):
            letters[number % len(letters)].fill(
                {
                    "%%CHOICES_URL%%": f"https://cop.example/m/{number:064d}/",
                    "%%UNSUBSCRIBE_URL%%": f"https://cop.example/m/{number:065d}/",
                }
            )

    seconds = _seconds(work)
    size = len(letters[0].fill({"%%CHOICES_URL%%": "x", "%%UNSUBSCRIBE_URL%%": "x"})) / 1024
    rate = MERGED / seconds
    print(f"merging {MERGED:,} mails of {size:.0f} KB, {len(letters)} texts: {rate:,.0f}/s")


def _letters(issue: Any) -> list[Any]:  # noqa: ANN401
    from django.conf import settings

    from newsletter.emails import issue_email
    from newsletter.queries import EDITIONS
    from outbox.rendering import Content, Letter

    letters = []
    for edition in EDITIONS:
        for language, _name in settings.LANGUAGES:
            email = issue_email(issue, edition, language)
            content = Content(email.subject, email.text, email.html)
            letters.append(Letter(content, {"From": "Every Door <bench@cop.example>"}))
    return letters


def sending(issue: Any, port: int, python: str) -> None:  # noqa: ANN401
    _people(MAILS)
    _spread(issue)
    rates: dict[str, list[float]] = {"one sender": [], "two senders": [], RIVAL: []}
    sizes = {}
    with second_sender() as second:
        ways = {
            "one sender": lambda: _seconds(lambda: _ours(issue)),
            "two senders": lambda: _seconds(lambda: _ours(issue, second)),
            RIVAL: lambda: _theirs(port, python),
        }
        for _round in range(ROUNDS):
            for name in [name for name in ways if python or name != RIVAL]:
                before = _taken(port)
                rates[name].append(MAILS / ways[name]())
                sizes[name] = _kb(before, _taken(port))
    for name, size in sizes.items():
        found = median(rates[name])
        times = f", {found / median(rates[RIVAL]):.1f} x" if python else ""
        print(f"sending, {name}: {found:,.0f}/s, {size}{times}")


@contextmanager
def second_sender() -> Iterator["subprocess.Popen[str]"]:
    """A process that is up and waits for work, as the workers of a site do."""
    program = "from bench.newsletter import help_sending; help_sending()"
    helper = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert (helper.stdout or sys.stdin).readline() == "ready\n"
        yield helper
    finally:
        helper.terminate()
        helper.wait()


def help_sending() -> None:
    import django

    django.setup()
    from outbox.actions import send_due

    print("ready", flush=True)
    for _line in sys.stdin:
        print(send_due(seconds=600, clock=_noon()), flush=True)


def _spread(issue: Any) -> None:  # noqa: ANN401
    """A third each are members, allies and neither; every second one reads French."""
    from django.db import connection

    from members.models import Membership, User

    readers = list(User.objects.exclude(pk=issue.approved_by_id).order_by("pk"))
    User.objects.filter(pk__in=[one.pk for one in readers[::2]]).update(language="fr")
    Membership.objects.bulk_create(
        Membership(
            community=issue.community,
            person=one,
            category="ally" if number % 3 else "member",
            state="active",
            joined_on=issue.period_from,
        )
        for number, one in enumerate(readers)
        if number % 3 != 2
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _ours(issue: Any, second: "subprocess.Popen[str] | None" = None) -> None:  # noqa: ANN401
    """From pressing the button to the last mail."""
    from datetime import timedelta

    from newsletter.actions import send_issue
    from newsletter.models import NewsletterIssue
    from outbox.actions import send_due
    from outbox.models import Delivery

    # Rounds follow each other in seconds; in life two months lie between them (EM1).
    Delivery.objects.filter(state="sent").update(budgeted=False)
    version = NewsletterIssue.objects.get(pk=issue.pk).version + 1
    NewsletterIssue.objects.filter(pk=issue.pk).update(state="approved", version=version)
    clock = _noon()
    send_issue(issue=issue, by=issue.approved_by, now=clock() - timedelta(minutes=5))
    if second is not None and second.stdin:
        second.stdin.write("go\n")
        second.stdin.flush()
    sent = send_due(seconds=600, clock=clock)
    if second is not None and second.stdout:
        sent += int(second.stdout.readline())
    assert sent == MAILS, sent


def _theirs(port: int, python: str) -> float:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS rival")
        cursor.execute("CREATE DATABASE rival")
    keys = ("ENGINE", "USER", "PASSWORD", "HOST", "PORT")
    known = connection.settings_dict
    order = {
        "database": {key: known[key] for key in keys} | {"NAME": "rival"},
        "port": port,
        "mails": MAILS,
        "articles": ITEMS,
        "words": WORDS_THEIRS,
    }
    script = str(Path(__file__).with_name("rival_newsletter.py"))
    answer = subprocess.run(
        [python, "-P", script], input=json.dumps(order), text=True, stdout=-1, check=True, cwd="/"
    )
    told = json.loads(answer.stdout)
    assert told["sent"], told
    return told["seconds"]


def _taken(port: int) -> tuple[int, int]:
    """Messages and bytes that the sink has taken so far."""
    with socket.create_connection(("127.0.0.1", port + 1)) as line:
        messages, size = line.makefile().readline().split()[:2]
    return int(messages), int(size)


def _kb(before: tuple[int, int], after: tuple[int, int]) -> str:
    messages, size = after[0] - before[0], after[1] - before[1]
    assert messages == MAILS, messages
    return f"{size / messages / 1024:.0f} KB each"
