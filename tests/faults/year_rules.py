"""What must hold of every mail that really arrived, asked afterwards: rule -> how many broke it.

The log of the mail server says what arrived, and the tables say what was known at that moment.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection
from psycopg2.extras import execute_values

from cop.core.time import is_quiet
from members.models import User
from outbox.addresses import address_hash
from outbox.models import Delivery
from tests.faults.mailserver import Mail
from tests.faults.year import Pause

# One row for each arrival; the address is what the mail server saw.
ARRIVED = """
DROP TABLE IF EXISTS year_arrived, year_pause;
CREATE TEMP TABLE year_arrived (id uuid, email text, hash text);
CREATE TEMP TABLE year_pause (email text, scope text, begins timestamptz, ends timestamptz);
CREATE INDEX ON year_arrived (id)
"""
# CASL-1: the latest word of this address about this list, at the moment the mail left.
WITHOUT_CONSENT = """
SELECT count(*) FROM year_arrived a JOIN outbox_delivery d USING (id)
WHERE d.mailing_list_id IS NOT NULL AND NOT COALESCE((
  SELECT c.given AND (c.expires_at IS NULL OR c.expires_at > d.started_at)
  FROM outbox_consent c
  WHERE c.mailing_list_id = d.mailing_list_id AND c.address_hash = a.hash
    AND c.at <= d.started_at
  ORDER BY c.at DESC, c.id DESC LIMIT 1), false)
"""
OVER_BUDGET = """
SELECT count(*) FROM (
  SELECT count(*) OVER (PARTITION BY a.email ORDER BY d.ended_at RANGE BETWEEN
           interval '7 days' - interval '1 microsecond' PRECEDING AND CURRENT ROW) AS week,
         count(*) OVER (PARTITION BY a.email ORDER BY d.ended_at RANGE BETWEEN
           interval '30 days' - interval '1 microsecond' PRECEDING AND CURRENT ROW) AS month
  FROM year_arrived a JOIN outbox_delivery d USING (id)
  WHERE d.budgeted AND d.person_id IS NOT NULL) windows
WHERE week > 2 OR month > 6
"""
AFTER_THE_START = """
SELECT count(*) FROM year_arrived a JOIN outbox_delivery d USING (id)
JOIN meetings_meeting m ON m.public_id = split_part(d.key, ':', 2)
WHERE split_part(d.key, ':', 1) IN ('reminder', 'rsvp', 'changed', 'promoted', 'invitation')
  AND d.started_at >= m.starts_at
"""
IN_A_PAUSE = """
SELECT count(*) FROM year_arrived a JOIN outbox_delivery d USING (id)
WHERE d.mailing_list_id IS NOT NULL AND EXISTS (
  SELECT FROM year_pause p
  WHERE p.email = a.email AND p.scope = d.scope
    AND d.started_at > p.begins AND d.started_at < p.ends)
"""
TWICE = "SELECT count(*) - count(DISTINCT id) FROM year_arrived"
NOT_ON_RECORD = """
SELECT count(*) FROM year_arrived a FULL JOIN (
  SELECT id FROM outbox_delivery WHERE state = 'sent') d USING (id)
WHERE a.email IS NULL OR d.id IS NULL
"""
BATCHES = """
SELECT count(*) FROM outbox_mailbatch b
WHERE b.recipients <> (SELECT count(*) FROM outbox_delivery d WHERE d.batch_id = b.id)
"""
RULES = {
    "without consent": WITHOUT_CONSENT,
    "over budget": OVER_BUDGET,
    "after the start": AFTER_THE_START,
    "in a pause": IN_A_PAUSE,
    "twice": TWICE,
    "table and mail server differ": NOT_ON_RECORD,
    "batch does not add up": BATCHES,
}
QUIET = "in quiet hours"


def broken_rules(arrived: Iterable[Mail], pauses: Iterable[Pause]) -> dict[str, int]:
    """The rules that do not hold, with the number of cases. Empty: all is well."""
    mails = [(str(_number(one)), one.recipient.lower()) for one in arrived]
    with connection.cursor() as cursor:
        cursor.execute(ARRIVED)
        execute_values(
            cursor,
            "INSERT INTO year_arrived VALUES %s",
            [(number, email, address_hash(email)) for number, email in mails],
        )
        if rows := [(one.email.lower(), one.scope, one.begins, one.ends) for one in pauses]:
            execute_values(cursor, "INSERT INTO year_pause VALUES %s", rows)
        broken = {}
        for rule, sql in RULES.items():
            cursor.execute(sql)
            broken[rule] = cursor.fetchone()[0]
    broken[QUIET] = _in_quiet_hours(mails)
    return {rule: cases for rule, cases in broken.items() if cases}


def _number(mail: Mail) -> UUID:
    return UUID(mail.message_id.partition("@")[0])


def _in_quiet_hours(mails: list[tuple[str, str]]) -> int:
    """Wall clocks are Python's business, never the database's."""
    began: dict[str, datetime] = {
        str(pk): moment
        for pk, moment in Delivery.objects.filter(budgeted=True, person__isnull=False).values_list(
            "pk", "started_at"
        )
    }
    zones = dict(User.objects.values_list("email", "timezone"))
    return sum(
        is_quiet(began[number], zones[email])
        for number, email in mails
        if number in began and email in zones
    )
