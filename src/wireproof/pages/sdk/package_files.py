"""Reads the source files of a Python package: a wheel, a source archive or a folder. Nothing is unpacked or executed.

An archive is somebody else's file, so how much is read of it is bounded: in files, in bytes as they are unpacked, and
in levels of folders. One that names a file outside of itself, or holds links, is refused whole.
"""

from __future__ import annotations

import io
import re
import tarfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from msgspec import Struct

from wireproof.bounds import MIB, read_file
from wireproof.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The largest official SDK has 321 files and 1.9 MB.
MOST_FILES = 20_000
MOST_OF_AN_ARCHIVE = 64 * MIB
MOST_OF_ALL_FILES = 128 * MIB
MOST_OF_A_SOURCE = 8 * MIB
MOST_FOLDERS = 24

_ARCHIVES = (".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar")
_WANTED = re.compile(r"(?:^|/)(?:METADATA|PKG-INFO|CHANGE(?:LOG|S)(?:\.(?:md|rst|txt))?)$|\.py$", re.IGNORECASE)
_NAME = re.compile(r"^Name:\s*(\S+)\s*$", re.MULTILINE)
_VERSION = re.compile(r"^Version:\s*(\S+)\s*$", re.MULTILINE)


#: What broken archives raise; OSError is what gzip and its like say of broken data.
_BROKEN = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError
)  # fmt: skip


class Package(Struct, frozen=True):
    """The text files of a package that say something: Python sources, metadata and change log, by their path in it."""

    name: str
    version: str
    files: dict[str, str]

    @property
    def change_log(self) -> str:
        """The package's change log; empty when it carries none."""
        return next((text for path, text in self.files.items() if "CHANGE" in PurePosixPath(path).stem.upper()), "")

    @property
    def label(self) -> str:
        """The name and version that a person reads."""
        return f"{self.name} {self.version}".strip()


def is_package_path(name: str) -> bool:
    """Whether what the command line names is a file or folder rather than a package of the index."""
    return Path(name).exists() or name.endswith(_ARCHIVES) or "/" in name


def read_package(place: Path) -> Package:
    """Return the sources of a wheel, source archive or folder. UsageError for what is none, or is not to be trusted."""
    if not place.exists():
        raise UsageError(f"{place}: there is no such file or folder. Name a wheel, a source archive or a folder.")
    files = dict(_in_folder(place) if place.is_dir() else _in_archive(place))
    if not any(path.endswith(".py") for path in files):
        raise UsageError(f"{place}: it has no Python source. Name a wheel, a source archive or a folder of one.")
    metadata = [text for path, text in sorted(files.items()) if path.endswith(("METADATA", "PKG-INFO"))]
    said = next((text for text in metadata if _NAME.search(text)), "")
    name, version = (found[1] if (found := one.search(said)) else "" for one in (_NAME, _VERSION))
    return Package(name or place.name.partition("-")[0], version, _sources(files))


def _sources(files: dict[str, str]) -> dict[str, str]:
    """Leave out what is built from other files here, or is of another package beside it."""
    return {path: text for path, text in files.items() if not path.startswith(("build/", "dist/", ".venv/"))}


def _in_folder(folder: Path) -> Iterator[tuple[str, str]]:
    names = (path for path in sorted(folder.rglob("*")) if not path.is_symlink() and path.is_file())
    budget = _ArchiveBudget(str(folder))
    for path in names:
        name = path.relative_to(folder).as_posix()
        budget.file(name)
        if _WANTED.search(name):
            try:
                yield name, _text(budget.content(name, read_file(path, MOST_OF_A_SOURCE)))
            except OSError as error:
                raise UsageError(f"{path} cannot be read: {error.strerror}.") from None


def _in_archive(file: Path) -> Iterator[tuple[str, str]]:
    try:
        raw = read_file(file, MOST_OF_AN_ARCHIVE)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from None
    budget = _ArchiveBudget(str(file))
    try:
        members = _in_zip(raw, budget) if zipfile.is_zipfile(io.BytesIO(raw)) else _in_tar(raw, budget)
        for name, content in members:
            yield name, _text(content)
    except _BROKEN as error:
        raise UsageError(f"{file} is no sound wheel or source archive: {error}. Download it again.") from None


def _in_zip(raw: bytes, budget: _ArchiveBudget) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        for one in archive.infolist():
            budget.file(one.filename)
            if (one.external_attr >> 16) & 0o170000 == 0o120000:
                budget.refuse(f"{one.filename!r} is a link")
            if one.is_dir() or not _WANTED.search(one.filename):
                continue
            with archive.open(one) as stream:
                yield one.filename, budget.content(one.filename, stream.read(MOST_OF_A_SOURCE + 1))


def _in_tar(raw: bytes, budget: _ArchiveBudget) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(raw), mode="r:*") as archive:
        for one in archive:
            budget.file(one.name)
            budget.skip(one.size)  # to get to the next file, all of this one is unpacked
            if one.issym() or one.islnk():
                budget.refuse(f"{one.name!r} is a link")
            stream = archive.extractfile(one) if one.isfile() and _WANTED.search(one.name) else None
            if stream is not None:
                # A source archive has one folder at its top, named after the package.
                yield (
                    one.name.partition("/")[2] or one.name,
                    budget.content(one.name, stream.read(MOST_OF_A_SOURCE + 1)),
                )


class _ArchiveBudget:
    """What may still be read of one archive; each of its methods raises UsageError when that is spent."""

    def __init__(self, place: str) -> None:
        self._place, self._files, self._bytes, self._skipped = place, 0, 0, 0

    def refuse(self, problem: str) -> None:
        raise UsageError(f"{self._place}: {problem}; nothing was read. Packages that pip builds have no such thing.")

    def file(self, name: str) -> None:
        """Count a file, and look at its name."""
        self._files += 1
        if self._files > MOST_FILES:
            self.refuse(f"it has more than {MOST_FILES:,} files")
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if name.startswith(("/", "\\")) or ".." in parts or re.match(r"[A-Za-z]:", name):
            self.refuse(f"{name!r} is a place outside of it")
        if len(parts) > MOST_FOLDERS:
            self.refuse(f"{name[:100]!r}… lies more than {MOST_FOLDERS} folders deep")

    def skip(self, size: int) -> None:
        """Count bytes that are unpacked only to get past them."""
        self._skipped += size
        if self._skipped > MOST_OF_ALL_FILES:
            self.refuse(f"it unpacks to more than {MOST_OF_ALL_FILES // MIB} MiB")

    def content(self, name: str, content: bytes) -> bytes:
        """Count what a file holds, and return it."""
        if len(content) > MOST_OF_A_SOURCE:
            self.refuse(f"{name!r} unpacks to more than {MOST_OF_A_SOURCE // MIB} MiB")
        self._bytes += len(content)
        if self._bytes > MOST_OF_ALL_FILES:
            self.refuse(f"it unpacks to more than {MOST_OF_ALL_FILES // MIB} MiB")
        return content


def _text(content: bytes) -> str:
    return content.decode("utf-8-sig", "replace").replace("\r\n", "\n")
