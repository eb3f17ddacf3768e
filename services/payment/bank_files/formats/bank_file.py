"""Any file that a bank gives: unpacked, decoded, told by what is in it, and read."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from pydantic import TypeAdapter

from services.payment.bank_files.domain.csv_profile import CsvProfile
from services.payment.bank_files.domain.statement import BankStatement, NoStatement, UnreadableFile
from services.payment.bank_files.formats.camt import read_camt
from services.payment.bank_files.formats.csv_file import find_profile, read_csv
from services.payment.bank_files.formats.mt940 import is_mt940, read_mt940
from services.payment.bank_files.formats.ofx import is_ofx, read_ofx
from shared.kernel.text import strip_forbidden

MAX_BYTES = 20 * 1024 * 1024
MAX_FILES = 200
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
MAX_UNPACKED_BYTES = 100 * 1024 * 1024
_PROFILES = Path(__file__).parents[2] / "static" / "bank_csv"
_ENCODINGS = ("utf-8", "cp1252")
_PROFILE = TypeAdapter(CsvProfile)
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


class FileFormat(StrEnum):
    """What a bank's file is."""

    CAMT = "camt"
    MT940 = "mt940"
    CSV = "csv"
    OFX = "ofx"


@dataclass(frozen=True, slots=True)
class BankFile:
    """What was read: the format of the first file in it, and all statements."""

    format: FileFormat
    statements: tuple[BankStatement, ...]


def read_bank_file(data: bytes, profile: CsvProfile | None = None) -> BankFile:
    """The statements of a file, or of all files in a ZIP; `profile` is how an unknown CSV is to be read.

    Raises NoStatement and UnreadableFile, which name the file in the ZIP, the line and what is wrong there.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableFile(f"The file has more than {MAX_BYTES // 1024 // 1024} MiB.", field="file")
    if not data.startswith(_ZIP):
        return _read_one(data, profile)
    found = [_read_member(name, content, profile) for name, content in _unpack(data)]
    if not found:
        raise NoStatement("The ZIP has no file in it.", field="file")
    return BankFile(found[0].format, tuple(statement for one in found for statement in one.statements))


def _unpack(data: bytes) -> Iterator[tuple[str, bytes]]:
    left = MAX_UNPACKED_BYTES
    try:
        with ZipFile(BytesIO(data)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) > MAX_FILES:
                raise UnreadableFile(f"The ZIP has more than {MAX_FILES} files.", field="file")
            for member in members:
                # What a ZIP says of its sizes is not believed: no more than this is ever unpacked.
                with archive.open(member) as stream:
                    content = stream.read(left + 1)
                left -= len(content)
                if left < 0 or len(content) > MAX_BYTES:
                    raise UnreadableFile(f"{member.filename} in the ZIP is too large.", field="file")
                yield member.filename, content
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise UnreadableFile(f"The ZIP cannot be unpacked: {error}.", field="file") from error


def _read_member(name: str, content: bytes, profile: CsvProfile | None) -> BankFile:
    if content.startswith(_ZIP):
        raise UnreadableFile(f"{name} is a ZIP within a ZIP.", field="file")
    try:
        return _read_one(content, profile)
    except UnreadableFile as error:
        raise type(error)(f"{name}: {error.detail}", field="file", **error.facts) from error


def _read_one(data: bytes, profile: CsvProfile | None) -> BankFile:
    if not data.strip():
        raise NoStatement("The file is empty.", field="file")
    text = _decode(data)
    if is_ofx(text):
        return BankFile(FileFormat.OFX, read_ofx(text))
    if text.lstrip().startswith("<"):
        return BankFile(FileFormat.CAMT, read_camt(data))
    if is_mt940(text):
        return BankFile(FileFormat.MT940, read_mt940(text))
    profile = profile or find_profile(text, csv_profiles())
    if profile is None:
        raise UnreadableFile(
            "The file is none that is known: camt.053, .052 and .054, MT940, MT942, OFX, or CSV with the "
            "columns of a bank that is known.",
            field="file",
        )
    return BankFile(FileFormat.CSV, read_csv(text, profile))


def _decode(data: bytes) -> str:
    """The text, by its byte order mark or else the first encoding that fits strictly."""
    by_mark = [encoding for mark, encoding in _BOMS.items() if data.startswith(mark)]
    for encoding in [*by_mark, *_ENCODINGS]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return strip_forbidden(text)
    raise UnreadableFile("The file is no text in UTF-8, UTF-16 or Windows-1252.", field="file")


@cache
def csv_profiles() -> Sequence[CsvProfile]:
    """The banks whose CSV is known, by name."""
    return tuple(_profile(path) for path in sorted(_PROFILES.glob("*.toml")))


def _profile(path: Path) -> CsvProfile:
    return _PROFILE.validate_python({"name": path.stem, **tomllib.loads(path.read_text(encoding="utf-8"))})
