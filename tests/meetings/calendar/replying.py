"""The mails that calendars send when somebody presses Accept, in the shapes of three makers."""

from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

EVENT = """\
BEGIN:VCALENDAR\r
PRODID:-//A calendar//EN\r
VERSION:2.0\r
METHOD:{method}\r
{zones}BEGIN:VEVENT\r
UID:{uid}\r
DTSTAMP:{stamp}\r
DTSTART:20261210T170000Z\r
SEQUENCE:{sequence}\r
ATTENDEE;{cn}PARTSTAT={partstat}:{scheme}{attendee}\r
ORGANIZER:mailto:somebody@else.example\r
{extra}END:VEVENT\r
END:VCALENDAR\r
"""
ZONES = (
    "BEGIN:VTIMEZONE\r\nTZID:Pacific Standard Time\r\nBEGIN:STANDARD\r\n"
    "DTSTART:16010101T020000\r\nTZOFFSETFROM:-0700\r\nTZOFFSETTO:-0800\r\n"
    "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)


def answer_text(uid: str, attendee: str, **fields: Any) -> str:
    values = {
        "method": "REPLY", "zones": "", "stamp": "20261203T170000Z", "sequence": 0, "cn": "",
        "partstat": "ACCEPTED", "scheme": "mailto:", "extra": "",
    } | fields  # fmt: skip
    return EVENT.format(uid=uid, attendee=attendee, **values)


def answer_mail(to: str, text: str, *, shape: str = "alternative", **headers: str) -> bytes:
    """`shape`: alternative (Google), bare (Apple, some phones), attached (Outlook on the web)."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = "Whoever <who@phone.example>", to
    mail["Subject"] = "Accepted: the meeting"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    method = {"method": "REPLY"}
    if shape == "bare":
        mail.set_content(text, subtype="calendar", params=method, cte="8bit")
    elif shape == "attached":
        mail.set_content("I will be there.")
        mail.add_attachment(text.encode(), "application", "ics", filename="reply.ics")
    else:
        mail.set_content("I will be there.")
        mail.add_alternative(text, subtype="calendar", params=method, cte="base64")
    return mail.as_bytes()
