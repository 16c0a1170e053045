"""The bytes of a file as a stream, packed by gzip or not, never more than may be."""

from __future__ import annotations

import gzip
import io
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from django.utils.translation import gettext as _

from crm.imports.reading.limits import CHUNK, MOST_BYTES, SAMPLE_BYTES, refuse_packed
from crm.shared.errors import ActionRefused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from _typeshed import WriteableBuffer

GZIP = b"\x1f\x8b"


class Unpacked(io.RawIOBase):
    """What a gzip file holds. Raises ActionRefused when it is damaged, or larger than may be."""

    def __init__(self, packed: BinaryIO) -> None:
        self._file = gzip.GzipFile(fileobj=packed)
        self._left = MOST_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        try:
            found = self._file.readinto(buffer)
        except (OSError, EOFError, zlib.error) as error:
            raise ActionRefused(_("This packed file is damaged.")) from error
        self._left -= found
        if self._left < 0:
            raise refuse_packed()
        return found


@contextmanager
def opened(path: Path) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """The file as it is, whose position tells how far we are, and the bytes that it holds: the same unless packed."""
    with path.open("rb") as raw:
        is_packed = raw.read(len(GZIP)) == GZIP
        raw.seek(0)
        yield raw, io.BufferedReader(Unpacked(raw), CHUNK) if is_packed else raw


def head_of(path: Path) -> bytes:
    """The first bytes of what the file holds."""
    with opened(path) as (_raw, data):
        return data.read(SAMPLE_BYTES)


def check_whole(path: Path) -> None:
    """Unpack a packed file once from end to end. Raises ActionRefused when it is damaged or too large."""
    with opened(path) as (raw, data):
        while data is not raw and data.read(CHUNK):
            pass
