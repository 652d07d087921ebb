"""The journal tells the next run what an earlier one changed, without telling any key."""

from __future__ import annotations

import pytest

from wireproof.errors import WireproofError
from wireproof.suite.state.journal import MOST_ACCOUNTS, Journal
from wireproof.wire.secrets.redact import Redactor

KEY = "k" * 64


def test_a_listen_key_of_ours_is_recognised_by_the_next_run_and_not_written(tmp_path):
    Journal(tmp_path / "journal.json").started_listen_key(KEY)
    assert Journal(tmp_path / "journal.json").owns_listen_key(KEY)
    assert not Journal(tmp_path / "journal.json").owns_listen_key("x" * 64)
    assert KEY not in (tmp_path / "journal.json").read_text("utf-8")


def test_a_block_trade_of_ours_is_recognised_by_the_next_run_and_not_written(tmp_path):
    assert not Journal(tmp_path / "journal.json").has_blocks
    Journal(tmp_path / "journal.json").offered_block(KEY)
    read = Journal(tmp_path / "journal.json")
    assert (read.has_blocks, read.owns_block(KEY), read.owns_block("x" * 64)) == (True, True, False)
    assert not read.owns_listen_key(KEY)
    assert KEY not in (tmp_path / "journal.json").read_text("utf-8")


def test_the_first_value_of_a_mode_is_what_is_set_back(tmp_path):
    journal = Journal(tmp_path / "journal.json")
    journal.changed_mode(KEY, "hedge", before=False)
    journal.changed_mode(KEY, "hedge", before=True)
    assert Journal(tmp_path / "journal.json").mode_before(KEY, "hedge") is False
    journal.restored_mode(KEY, "hedge")
    assert Journal(tmp_path / "journal.json").mode_before(KEY, "hedge") is None


def test_a_journal_cut_short_by_a_crash_says_nothing(tmp_path):
    (tmp_path / "journal.json").write_text('{"listen_keys": ["ab', "utf-8")
    assert not Journal(tmp_path / "journal.json").owns_listen_key(KEY)


def test_settings_are_remembered_by_account_and_product_until_they_are_set_back(tmp_path):
    """The first value counts: it is the owner's."""
    journal = Journal(tmp_path / "journal.json")
    mine = {"symbol": "BTCUSDT", "marginType": "CROSSED"}
    journal.changed_setting(KEY, "usdm", "marginType", mine)
    journal.changed_setting(KEY, "usdm", "marginType", {"symbol": "BTCUSDT", "marginType": "ISOLATED"})
    journal.changed_setting(KEY, "usdm", "feeBurn", {"feeBurn": "true"})
    read = Journal(tmp_path / "journal.json")
    assert read.settings_before(KEY, "usdm") == [("marginType", mine), ("feeBurn", {"feeBurn": "true"})]
    assert read.settings_before(KEY, "coinm") == read.settings_before("x" * 64, "usdm") == []
    read.restored_setting(KEY, "usdm", "marginType", mine)
    assert Journal(tmp_path / "journal.json").settings_before(KEY, "usdm") == [("feeBurn", {"feeBurn": "true"})]


def test_the_journal_does_not_grow_with_accounts_that_are_gone(tmp_path):
    journal = Journal(tmp_path / "journal.json")
    for number in range(MOST_ACCOUNTS + 5):
        journal.changed_setting(f"key {number}", "usdm", "feeBurn", {"feeBurn": "true"})
    assert journal.settings_before("key 4", "usdm") == []
    assert journal.settings_before("key 5", "usdm") != []


def test_what_cannot_be_remembered_is_said_before_it_is_changed(tmp_path):
    """A file in the place of the journal's folder is what a full or read-only disk is to it."""
    (tmp_path / "reports").write_text("", "utf-8")
    journal = Journal(tmp_path / "reports" / "journal.json")
    with pytest.raises(WireproofError, match="remembers what has to be undone, cannot be written"):
        journal.changed_mode("key", "hedge", before=False)
    journal.restored_mode("key", "hedge")  # what was undone needs no memory
    assert journal.mode_before("key", "hedge") is None


def test_what_a_setting_was_before_is_written_without_secrets(tmp_path):
    """The exchange tells it, and may tell a key; what is set back then is what is known."""
    secret = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0M"
    redactor = Redactor()
    redactor.register(secret, "api key")
    journal = Journal(tmp_path / "journal.json", redactor.text)
    before = {"symbol": f"BTC{secret}", "marginType": secret, "leverage": 5}
    journal.changed_setting(KEY, "usdm", "marginType", before)

    assert secret[:8] not in (tmp_path / "journal.json").read_text("utf-8")
    assert journal.settings_before(KEY, "usdm")[0][1]["leverage"] == 5
    journal.restored_setting(KEY, "usdm", "marginType", before)
    assert journal.settings_before(KEY, "usdm") == []
