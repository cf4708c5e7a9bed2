"""How fast we write to one receiving host, and when we stop knocking at our own mail server."""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F

from outbox.models import HostPace, SendGate

# Mails a second. Who asks us to slow down is taken for a host that took ten, and halved.
FIRST, LEAST, FREE = 5.0, 1.0, 50.0
# Seconds between two knocks at a mail server that does not answer: 1, 2, 4, 8, 15, 15, …
LONGEST_WAIT = 15
ALL = "*"

# What the pace has recovered to: a tenth more each minute, up to what staff allow.
_RATE = """LEAST(COALESCE(p.cap, 1e9), CASE WHEN p.slowed_at IS NULL THEN p.per_second ELSE
 p.per_second * power(1.1, LEAST(EXTRACT(EPOCH FROM %(now)s - p.slowed_at) / 60.0, 300)) END)"""
_TOKENS = f"""LEAST(GREATEST(1, {_RATE}),
 p.tokens + {_RATE} * GREATEST(0, EXTRACT(EPOCH FROM %(now)s - p.at)))"""
SLOW_DOWN = """
INSERT INTO outbox_hostpace AS p (host, per_second, tokens, at, slowed_at, last_answer)
VALUES (%(host)s, %(first)s, 0, %(now)s, %(now)s, %(answer)s)
ON CONFLICT (host) DO UPDATE SET per_second = GREATEST(%(least)s, RATE / 2), tokens = 0,
  at = %(now)s, slowed_at = %(now)s, last_answer = %(answer)s
""".replace("RATE", _RATE)
TAKE = """
UPDATE outbox_hostpace p SET tokens = TOKENS - 1, at = GREATEST(p.at, %(now)s)
WHERE p.host = ANY(%(hosts)s) AND TOKENS >= 1
""".replace("TOKENS", _TOKENS)
KNOWN = "SELECT p.host, RATE, p.cap IS NULL FROM outbox_hostpace p".replace("RATE", _RATE)


def paces(*, now: datetime) -> dict[str, float]:
    """The hosts that are not free, with their mails a second. Who has recovered is let go."""
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, {"now": now})
        rows = cursor.fetchall()
    recovered = [host for host, rate, no_cap in rows if no_cap and rate >= FREE]
    if recovered:
        HostPace.objects.filter(host__in=recovered, cap=None).delete()
    return {host: float(rate) for host, rate, _no_cap in rows if host not in recovered}


def slow_down(*, host: str, answer: str, now: datetime) -> None:
    """The host asked for it: half its pace, at least one mail a second."""
    values = {"host": host, "answer": answer[:200], "now": now, "first": FIRST, "least": LEAST}
    with connection.cursor() as cursor:
        cursor.execute(SLOW_DOWN, values)


def take_turn(*, hosts: list[str], now: datetime) -> bool:
    """May one mail go to these paced hosts now? Then its turn is taken."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"hosts": hosts, "now": now})
        return cursor.rowcount == len(hosts)


def open_circuit(*, failures: int, now: datetime) -> None:
    """Our mail server is away: nobody knocks for a while."""
    wait = timedelta(seconds=min(2**failures, LONGEST_WAIT))
    SendGate.objects.filter(pk=1).update(failures=F("failures") + 1, resume_at=now + wait)


def close_circuit() -> None:
    SendGate.objects.filter(pk=1).update(failures=0, resume_at=None)
