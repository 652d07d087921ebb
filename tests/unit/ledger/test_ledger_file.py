"""The file of the ledgers: read as it was written, bounded, and set aside where it is none."""

from __future__ import annotations

import gzip

import pytest

from wireproof.errors import UsageError
from wireproof.ledger.ledger_file import LEDGER, LedgerFile, check_target, load_ledger

INTEREST = "usdm/rest/GET.fapi.v1.openInterest"
SOUND = {"openInterest": "1.5", "symbol": "BTCUSDT", "time": 1_795_000_000_000}


@pytest.fixture
def ledgers(nights):
    return LedgerFile().joined_with(nights.ledger(nights.observed(INTEREST, SOUND)))


def test_what_is_written_is_read(ledgers, tmp_path):
    file = tmp_path / LEDGER
    file.write_bytes(ledgers.encoded())
    assert load_ledger(file) == ledgers
    assert load_ledger(file).encoded() == ledgers.encoded()
    assert load_ledger(tmp_path / "none") == LedgerFile()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no ledger"),
        (b"text", "is no ledger"),
        (gzip.compress(b"[" * 100_000), "is no ledger"),
        (gzip.compress(b'{"format": 1, "ledgers": {"t": 3}}'), "is no ledger"),
        (gzip.compress(b'{"format": 1, "ledgers": {}}')[:-9], "is no ledger"),
        (gzip.compress(b'{"format": 2, "ledgers": []}'), "is of a newer wireproof"),
    ],
    # What gzip packs holds the time, and every worker must collect the same names.
    ids=["nothing", "text", "cut JSON", "number for a ledger", "cut file", "newer"],
)
def test_what_is_no_ledger_is_set_aside(tmp_path, content, said):
    file = tmp_path / LEDGER
    file.write_bytes(content)
    assert said in load_ledger(file, look=True).note
    found = load_ledger(file)
    assert said in found.note
    assert "set aside as ledger.broken.json.gz" in found.note
    assert (tmp_path / "ledger.broken.json.gz").read_bytes() == content
    assert not file.exists()
    file.write_bytes(b"again")
    assert "ledger.broken-2.json.gz" in load_ledger(file).note


def test_a_file_that_cannot_be_read_is_no_error(tmp_path):
    (tmp_path / LEDGER).mkdir()
    assert "cannot be read" in load_ledger(tmp_path / LEDGER).note


def test_a_target_without_a_ledger_is_refused(ledgers):
    assert check_target(ledgers, "testnet").runs
    with pytest.raises(UsageError, match="no ledger of"):
        check_target(ledgers, "live")
