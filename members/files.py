import secrets
from typing import Any


def evidence_path(evidence: Any, name: str) -> str:  # noqa: ANN401
    """A random key outside the web root. The name the person gave stands in the row alone."""
    return f"evidence/{secrets.token_hex(16)}"
