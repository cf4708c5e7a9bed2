"""The site with what the framework brings along: how files came in before (the control of F19)."""

from django.conf import settings

settings.STORAGES["default"] = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
settings.FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

from cop.wsgi import application  # noqa: E402, F401  the settings are read when it is loaded
