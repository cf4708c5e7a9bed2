from members.forms.applications import AnswerForm, ApplicationForm

__all__ = ["AnswerForm", "ApplicationForm"]
