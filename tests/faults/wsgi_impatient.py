"""The site without the memory that Valkey was away (the control of F5 and F6)."""

from cop.core.broker import Circuit

Circuit.is_broken = lambda self: False

from cop.wsgi import application  # noqa: E402, F401  patched before it is loaded
