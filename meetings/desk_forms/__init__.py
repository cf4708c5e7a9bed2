"""What staff type at the desk. Checked here, so that the actions have nothing left to refuse."""

from meetings.desk_forms.meetings import MeetingDeskForm, people_of
from meetings.desk_forms.series import SeriesDeskForm
from meetings.desk_forms.steps import (
    CancelForm,
    DoorForm,
    HeldForm,
    PublishForm,
    RestoreForm,
    StepForm,
    WrapForm,
)

__all__ = [
    "CancelForm",
    "DoorForm",
    "HeldForm",
    "MeetingDeskForm",
    "PublishForm",
    "RestoreForm",
    "SeriesDeskForm",
    "StepForm",
    "WrapForm",
    "people_of",
]
