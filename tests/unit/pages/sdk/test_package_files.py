"""Wheels, source archives and folders are read and never unpacked; what is not to be trusted is refused whole."""

from __future__ import annotations

import io
import tarfile
import zipfile

import pytest
import tiny_sdks

from wireproof.errors import UsageError
from wireproof.pages.sdk import package_files
from wireproof.pages.sdk.package_files import is_package_path, read_package

FILES = tiny_sdks.sources() | {"CHANGELOG.md": "# Changelog\n\n## 1.0.0 - 2026-10-21\n"}


@pytest.mark.parametrize("made", [tiny_sdks.wheel, tiny_sdks.source_archive, tiny_sdks.folder])
def test_the_same_package_is_read_from_whatever_it_is_in(made, tmp_path):
    package = read_package(made(tmp_path, FILES))
    assert (package.name, package.version) == ("binance-sdk-tiny", "1.0.0")
    assert package.files[f"{tiny_sdks.NAME}/rest_api/models/enums.py"].startswith("from enum")
    assert "2026-10-21" in package.change_log
    assert package.label == "binance-sdk-tiny 1.0.0"


def zipped(tmp_path, name, content=b"x = 1\n", mode=0):
    file = tmp_path / "bad-1.0-py3-none-any.whl"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("good.py", "x = 1\n")
        one = zipfile.ZipInfo(name)
        one.external_attr, one.compress_type = mode << 16, zipfile.ZIP_DEFLATED
        archive.writestr(one, content)
    return file


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../outside.py", "outside"),
        ("/etc/passwd.py", "outside"),
        ("a/../../b.py", "outside"),
        ("C:\\windows\\x.py", "outside"),
        ("\\\\host\\x.py", "outside"),
        ("/".join(["deep"] * 40) + "/x.py", "folders deep"),
    ],
)
def test_a_name_outside_of_the_archive_and_one_too_deep_are_refused(name, said, tmp_path):
    with pytest.raises(UsageError, match=said):
        read_package(zipped(tmp_path, name))


def test_a_link_is_refused(tmp_path):
    with pytest.raises(UsageError, match="is a link"):
        read_package(zipped(tmp_path, "x.py", b"/etc/passwd", 0o120777))
    file = tmp_path / "bad.tar.gz"
    with tarfile.open(file, "w:gz") as archive:
        one = tarfile.TarInfo("bad/x.py")
        one.type, one.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(one)
    with pytest.raises(UsageError, match="is a link"):
        read_package(file)


def test_what_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(package_files, "MOST_OF_A_SOURCE", 1000)
    with pytest.raises(UsageError, match="unpacks to more"):
        read_package(zipped(tmp_path, "x.py", b"#" * 100_000))
    monkeypatch.setattr(package_files, "MOST_OF_ALL_FILES", 100)
    file = tmp_path / "bad.tar.gz"
    with tarfile.open(file, "w:gz") as archive:
        one = tarfile.TarInfo("bad/x.bin")
        one.size = 100_000
        archive.addfile(one, io.BytesIO(b"0" * 100_000))
    with pytest.raises(UsageError, match="unpacks to more"):
        read_package(file)


def test_too_many_files_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(package_files, "MOST_FILES", 1)
    with pytest.raises(UsageError, match="more than 1 files"):
        read_package(zipped(tmp_path, "x.py"))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"\x1f\x8b broken", b"no archive at all" * 100])
def test_what_is_no_archive_is_refused_in_a_sentence(content, tmp_path):
    file = tmp_path / "x.whl"
    file.write_bytes(content)
    with pytest.raises(UsageError, match="sound wheel"):
        read_package(file)


def test_what_is_not_there_and_what_has_no_source_is_said(tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        read_package(tmp_path / "x.whl")
    with pytest.raises(UsageError, match="no Python source"):
        read_package(tmp_path)


def test_a_name_is_told_from_a_place(tmp_path):
    assert is_package_path("./sdk")
    assert is_package_path("sdk-1.0-py3-none-any.whl")
    assert is_package_path(str(tmp_path))
    assert not is_package_path("binance-sdk-derivatives-trading-options==8.7.0")
