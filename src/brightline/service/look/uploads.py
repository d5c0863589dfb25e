"""Uploads stay in memory, and end at the limit: no upload is ever written to a file of its own."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import MemoryFileUploadHandler, StopUpload


class Limited(MemoryFileUploadHandler):
    """Take what fits, and stop reading where it does not; the form then says that it is too large."""

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *rest: Any) -> None:
        self.activated = True
        self.too_large = content_length > settings.MOST_UPLOAD * settings.DATA_UPLOAD_MAX_NUMBER_FILES

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        if self.too_large:  # said here, where Django takes StopUpload for the end of the upload and not for a fault
            self._refuse()
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> Any:
        if start + len(raw_data) > settings.MOST_UPLOAD:
            self._refuse()
        return super().receive_data_chunk(raw_data, start)

    def _refuse(self) -> None:
        if self.request is not None:
            self.request.upload_too_large = True  # type: ignore[attr-defined]
        raise StopUpload(connection_reset=True)
