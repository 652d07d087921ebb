"""The search for leaks finds what it is asked to find, so that its silence says something."""

from __future__ import annotations

import json

import pytest
from leaks import CODES, Leaks

KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
AROUND = 'the answer {{"a":"{}"}} of a server'


@pytest.mark.parametrize("code", CODES)
def test_a_planted_secret_is_found_in_every_code(code):
    search = Leaks({"api key": [KEY]})

    assert search.in_text(AROUND.format(CODES[code](KEY)))
    assert search.in_text(json.dumps({"a": json.dumps([CODES[code](KEY)])}))
    assert not search.in_text(AROUND.format(CODES[code]("Q" * 64)))


def test_seven_characters_are_no_leak_and_eight_are():
    search = Leaks({"api key": [KEY]})

    assert not search.in_text(AROUND.format(KEY[20:27]))
    assert search.in_text(AROUND.format(KEY[20:28]))


def test_files_of_a_folder_and_their_names_are_searched(tmp_path):
    search = Leaks({"api key": [KEY]})
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.txt").write_text("nothing", "utf-8")
    assert search.in_folder(tmp_path) == []

    (tmp_path / "deep" / "b.bin").write_bytes(b"\xff\x00" + KEY[5:14].encode() + b"\xff")
    (tmp_path / "deep" / f"{KEY[:9]}.txt").touch()
    assert {leak.where.split()[0] for leak in search.in_folder(tmp_path)} == {
        "name",
        str(tmp_path / "deep" / "b.bin"),
    }


def test_a_folder_without_files_is_no_proof(tmp_path):
    with pytest.raises(AssertionError, match="no file"):
        Leaks({}).in_folder(tmp_path)
