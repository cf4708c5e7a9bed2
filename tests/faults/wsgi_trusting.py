"""The site that believes what it is told of a file and shows it in the page (control of F21)."""

import sys
from typing import Any

from django.core.files import File
from django.http import FileResponse

from cop.core.uploads import CheckedUpload
from cop.wsgi import application  # noqa: F401


def trust(file: Any, **_rest: Any) -> CheckedUpload:
    return CheckedUpload(file.name, file.name.rpartition(".")[2][:10], file.size, file)


def show(*given: Any, **_more: Any) -> FileResponse:
    file = next(one for one in given if isinstance(one, File))
    name = next(one for one in given if isinstance(one, str))
    return FileResponse(file.open("rb"), filename=name)


import library.urls  # noqa: E402, F401  all who use the two are loaded now

for module in list(sys.modules.values()):
    if hasattr(module, "check_upload"):
        module.check_upload = trust
    for name in ("attachment_response", "file_response"):
        if hasattr(module, name):
            setattr(module, name, show)
