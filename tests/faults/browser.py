"""A browser of one person, over real HTTP to a real server."""

import http.client
import time
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from members.models import User
from tests.library.hostile import Hostile
from tests.library.hostile.sending import EDGE, FORM, body_of

CSRF = "c" * 32


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    content: bytes
    milliseconds: float

    @property
    def text(self) -> str:
        return self.content.decode(errors="replace")


class Browser:
    def __init__(self, port: int, person: User | None = None) -> None:
        self.port = port
        self.cookies = f"csrf={CSRF}"
        if person is not None:
            self.cookies += f"; session={_session(person)}"

    def get(self, path: str) -> Reply:
        return self.ask("GET", path)

    def send_file(self, path: str, file: Hostile, **fields: str) -> Reply:
        body = body_of(file, FORM | fields)
        return self.ask("POST", path, body, f"multipart/form-data; boundary={EDGE}")

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> Reply:
        headers = {"Cookie": self.cookies, "X-CSRFToken": CSRF}
        if kind:
            headers["Content-Type"] = kind
        client = http.client.HTTPConnection("localhost", self.port, timeout=60)
        began = time.perf_counter()
        try:
            client.request(method, path, body or None, headers)
            answer = client.getresponse()
            content = answer.read()
            spent = (time.perf_counter() - began) * 1000
            return Reply(answer.status, dict(answer.headers.items()), content, spent)
        except ConnectionError:
            # The server closed the line while we were still sending.
            return Reply(0, {}, b"", (time.perf_counter() - began) * 1000)
        finally:
            client.close()


def _session(person: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return str(session.session_key)
