"""Files on their way in, while the request lasts: in a place without a name, so that nothing stays
behind when we die, and with a plain sentence instead of an error page when the disk is full."""

import tempfile
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from cop.core.storages import is_no_room

# Bytes of a whole form. The proxy takes far less (deploy/nginx/http.conf); where there is none, up
# to here a file is only weighed and refused with a sentence, and what is more not even read.
MOST = 256 * 1024 * 1024


class LostUpload(UploadedFile):
    """Its content did not fit on the disk. The form says so (cop/core/uploads.py)."""


class CarefulUploadHandler(FileUploadHandler):
    file: Any = None

    def handle_raw_input(
        self,
        input_data: Any,  # noqa: ANN401
        META: dict[str, Any],
        content_length: int,
        *_rest: Any,  # noqa: ANN401
        **_more: Any,  # noqa: ANN401
    ) -> None:
        if content_length > MOST:
            raise RequestDataTooBig("The form with its files is too large.")

    def new_file(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().new_file(*args, **kwargs)
        self._close()
        try:
            self.file = tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR)  # noqa: SIM115
        except OSError as error:
            self._give_up(error)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.file is None:
            return
        try:
            self.file.write(raw_data)
        except OSError as error:
            self._give_up(error)

    def file_complete(self, file_size: int) -> UploadedFile:
        about = (self.file_name, self.content_type, file_size, self.charset)
        if self.file is not None:
            try:
                self.file.flush()
                self.file.seek(0)
            except OSError as error:
                self._give_up(error)
        file, self.file = self.file, None
        if file is None:
            return LostUpload(None, *about, self.content_type_extra)
        return UploadedFile(file, *about, self.content_type_extra)

    def upload_interrupted(self) -> None:
        self._close()

    def _give_up(self, error: OSError) -> None:
        """The rest of the form is still read: people find their words again beside the sentence."""
        self._close()
        if not is_no_room(error):
            raise error

    def _close(self) -> None:
        file, self.file = self.file, None
        if file is not None:
            try:
                file.close()
            except OSError as error:
                # What did not fit is written once more on closing.
                if not is_no_room(error):
                    raise
