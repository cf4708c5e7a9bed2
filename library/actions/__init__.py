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
from library.actions.endings import archive_resource, restore_resource, supersede_resource
from library.actions.from_meeting import bring_from_meeting
from library.actions.resources import (
    check_not_wider,
    edit_resource,
    publish_resource,
    resubmit_resource,
    return_resource,
    scan_files,
    submit_resource,
    withdraw_resource,
)
from library.actions.reviews import confirm_resource, find_due, remind_of_reviews
from library.actions.translations import NoTranslation, link_translation
from library.actions.using import say_helped, say_used
from library.actions.versions import drop_versions, replace_content
from library.errors import Incomplete, NotNow, TooMany, WouldWiden

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
    "archive_resource",
    "ask_consent",
    "ask_everybody",
    "bring_from_meeting",
    "change_credit",
    "check_consents",
    "check_not_wider",
    "confirm_resource",
    "drop_versions",
    "edit_resource",
    "find_due",
    "link_translation",
    "note_consent",
    "publish_resource",
    "remind_of_reviews",
    "remind_unanswered",
    "remove_credit",
    "replace_content",
    "restore_resource",
    "resubmit_resource",
    "return_resource",
    "say_helped",
    "say_used",
    "scan_files",
    "submit_resource",
    "supersede_resource",
    "withdraw_consent",
    "withdraw_resource",
]
