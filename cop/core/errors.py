class ActionError(Exception):
    """An action was refused. The text is for the person who asked: what happened, what now."""
