"""`contracts check` finds what a run could not use."""

from wireproof.suite.planning.check import check


def test_contracts_check_tells_of_it(store, tmp_path):
    """With the file."""
    folder = tmp_path / "usdm"
    (folder / "stream").mkdir(parents=True)
    for name in ("product.json", "stream/aggTrade.json"):
        text = (store.folder / "usdm" / name).read_text("utf-8")
        (folder / name).write_text(text.replace('"path": "l"', '"path": "last"'), "utf-8")
    (folder / "waivers.json").write_text((store.folder / "usdm" / "waivers.json").read_text("utf-8"), "utf-8")

    problems = check(tmp_path).problems

    assert any(one.endswith("aggTrade.json: monotonic names 'last', which no example shows.") for one in problems)
