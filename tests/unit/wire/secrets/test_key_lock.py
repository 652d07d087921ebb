"""Two runs never use one key at once, and nothing of the key is written anywhere."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from wireproof.errors import ExitStatus
from wireproof.wire.secrets.key_lock import KeyInUseError, KeyLocks, default_folder

KEY = "k" * 64

HOLDING = """
import sys, time
from pathlib import Path
from wireproof.wire.secrets.key_lock import KeyLocks
locks = KeyLocks(Path(sys.argv[1]))
locks.hold("testnet", [sys.argv[2]])
print("held", flush=True)
time.sleep(60)
"""


def test_a_second_run_with_the_same_key_is_refused_until_the_first_has_ended(tmp_path):
    first, second = KeyLocks(tmp_path), KeyLocks(tmp_path)
    first.hold("live", [KEY])
    with pytest.raises(KeyInUseError, match="Another run of wireproof uses this key on live") as refused:
        second.hold("live", [KEY])
    assert refused.value.exit_status == ExitStatus.BLOCKED

    first.release()
    second.hold("live", [KEY])
    second.release()


def test_other_keys_and_other_targets_are_free(tmp_path):
    first, second = KeyLocks(tmp_path), KeyLocks(tmp_path)
    first.hold("live", [KEY])
    second.hold("live", ["j" * 64])
    second.hold("testnet", [KEY])
    first.release()
    second.release()


def test_who_is_refused_one_of_two_keys_holds_neither(tmp_path):
    first, second, third = KeyLocks(tmp_path), KeyLocks(tmp_path), KeyLocks(tmp_path)
    first.hold("live", ["b"])
    with pytest.raises(KeyInUseError):
        second.hold("live", ["a", "b"])
    third.hold("live", ["a"])
    first.release()
    third.release()


def test_a_killed_run_holds_nothing(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", HOLDING, tmp_path, KEY], stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout.readline() == "held\n"
        with pytest.raises(KeyInUseError):
            KeyLocks(tmp_path).hold("testnet", [KEY])
        process.send_signal(signal.SIGKILL)
    locks = KeyLocks(tmp_path)
    locks.hold("testnet", [KEY])
    locks.release()


def test_the_name_of_a_lock_does_not_hold_the_key(tmp_path):
    locks = KeyLocks(tmp_path)
    locks.hold("live", [KEY])
    assert [file.suffix for file in tmp_path.iterdir()] == [".lock"]
    assert not [file for file in tmp_path.iterdir() if KEY[:8] in file.name or KEY[:8] in file.read_text()]
    locks.release()


def test_where_no_lock_can_be_made_the_run_goes_on(tmp_path):
    (tmp_path / "file").write_text("", "utf-8")
    KeyLocks(tmp_path / "file").hold("live", [KEY])


def test_each_user_has_a_folder_of_locks():
    assert default_folder().name.startswith("wireproof-")
