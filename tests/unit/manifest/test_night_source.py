"""Where a night comes from: a folder, an artifact, a file; and what is refused."""

from __future__ import annotations

import pytest
from made_results import Results

from wireproof.errors import UsageError
from wireproof.manifest.night_source import night_of_file, night_of_folder
from wireproof.report.files import result_json

made = Results()


def lay(folder, target="testnet"):
    """Write a night of a target into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "result.json").write_bytes(result_json(made.run(made.case(), target=target)))


def test_the_folder_itself_or_the_one_below_it_for_a_target(tmp_path):
    lay(tmp_path / "live", "live")
    assert night_of_folder(tmp_path)[0].target == "live"
    lay(tmp_path / "testnet")
    assert night_of_folder(tmp_path, "testnet")[1] == tmp_path / "testnet"
    with pytest.raises(UsageError, match="several nights"):
        night_of_folder(tmp_path)
    with pytest.raises(UsageError, match=r"no night of target 'local'. Known: live, testnet"):
        night_of_folder(tmp_path, "local")


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"run": 7}', b"\xff"])
def test_what_is_no_night_is_refused(tmp_path, content):
    (tmp_path / "result.json").write_bytes(content)
    with pytest.raises(UsageError, match="is no result of wireproof"):
        night_of_file(tmp_path / "result.json")
    with pytest.raises(UsageError, match=r"holds no result\.json"):
        night_of_folder(tmp_path / "nowhere")
