"""What changes the library."""

from library.actions.consent import (
    answer_consent,
    ask_consent,
    ask_everybody,
    note_consent,
    remind_unanswered,
    withdraw_consent,
)
from library.actions.credits import (
    ConsentMissing,
    CreditRefused,
    add_credit,
    change_credit,
    check_consents,
    remove_credit,
)
from library.actions.from_meeting import bring_from_meeting
from library.actions.resources import (
    Incomplete,
    NotNow,
    TooMany,
    WouldWiden,
    check_not_wider,
    edit_resource,
    publish_resource,
    resubmit_resource,
    return_resource,
    scan_files,
    submit_resource,
    withdraw_resource,
)
from library.actions.translations import NoTranslation, link_translation

__all__ = [
    "ConsentMissing",
    "CreditRefused",
    "Incomplete",
    "NoTranslation",
    "NotNow",
    "TooMany",
    "WouldWiden",
    "add_credit",
    "answer_consent",
    "ask_consent",
    "ask_everybody",
    "bring_from_meeting",
    "change_credit",
    "check_consents",
    "check_not_wider",
    "edit_resource",
    "link_translation",
    "note_consent",
    "publish_resource",
    "remind_unanswered",
    "remove_credit",
    "resubmit_resource",
    "return_resource",
    "scan_files",
    "submit_resource",
    "withdraw_consent",
    "withdraw_resource",
]
