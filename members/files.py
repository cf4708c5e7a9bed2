import secrets
from typing import Any


def evidence_path(evidence: Any, name: str) -> str:  # noqa: ANN401
    """A random key outside the web root. The name the person gave stands in the row alone."""
    return f"evidence/{secrets.token_hex(16)}"


def appeal_path(file: Any, name: str) -> str:  # noqa: ANN401
    return f"appeals/{secrets.token_hex(16)}"


def import_path(run: Any, name: str) -> str:  # noqa: ANN401
    return f"imports/{secrets.token_hex(16)}"
