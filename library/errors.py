"""Why something in the library is refused; each carries a sentence for people."""

from cop.core.errors import ActionError


class NotNow(ActionError):
    """The state of the resource does not allow it; often somebody else was faster."""


class Incomplete(ActionError):
    """Something is missing, or two things do not go together (L1, L2)."""


class TooMany(ActionError):
    """Enough waits already."""


class WouldWiden(ActionError):
    """More people would see it than the one who sent it in agreed to (L3)."""
