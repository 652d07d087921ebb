"""The standing proof: a fixed sample of alterations of real traffic, all of which the suite finds or has to miss.

`sample.json` is a plan as `wireproof torture --together --count 250 --save-plan FILE` writes it. When contracts change
so that an entry finds nothing to alter any more, write another one; take out nothing that is missed.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from wireproof.cli.torturing import read_plan
from wireproof.contract.store import load_store
from wireproof.torture.plan import GENTLE
from wireproof.torture.proof import Prover
from wireproof.torture.suite_runs import Setting
from wireproof.torture.verdicts import Detection, accused_line, missed_line

SAMPLE = Path(__file__).parent / "sample.json"
PRODUCTS = ("coinm", "usdm")


def prover(*options):
    """Return what runs the suite on a venue of its own, both streams of COIN-M at one root as on the exchange."""
    hosts = {"coinm": {"stream": "wss://d", "event": "wss://d"}, "usdm": {"stream": "wss://f", "event": "wss://f/p"}}
    return Prover(Setting("local", PRODUCTS, options=("--no-confirm", *options)), load_store(), hosts)


def test_the_sample_covers_every_product_and_surface():
    """Two hundred alterations and more, of every surface of both products, and of many kinds."""
    sample = read_plan(str(SAMPLE)).alterations
    places = Counter((one.product, one.surface) for one in sample)
    assert len(sample) >= 200
    assert set(places) == {(of, surface) for of in PRODUCTS for surface in ("rest", "ws-api", "stream", "event")}
    assert len({one.kind for one in sample}) >= 50
    assert len({one.contract for one in sample}) == len(sample)


async def test_the_suite_finds_every_alteration_of_the_sample():
    """Each is found with its path and kind, or explained; no contract is accused that was not altered."""
    proof = await prover().carry_out(read_plan(str(SAMPLE)))
    assert [missed_line(one, "") for one in proof.verdicts if one.fate is Detection.MISSED] == []
    assert [accused_line(one) for one in proof.accusations] == []
    assert sum(one.altered > 0 and one.fate is Detection.FOUND for one in proof.verdicts) >= 200
    assert proof.is_kept


async def test_what_is_not_asked_for_is_no_proof():
    """An alteration of a contract that the suite was told to leave out is not taken for found."""
    made = read_plan(str(SAMPLE))
    own = [each for each in made.alterations if "futures.data" not in each.contract]  # both products have that path
    one = next(each for each in own if each.surface == "rest" and each.kind not in GENTLE)
    made.alterations = [one]
    proof = await prover("--product=coinm" if one.product == "usdm" else "--product=usdm", "-k", "v1.time").carry_out(
        made
    )
    assert [verdict.fate for verdict in proof.verdicts] == [Detection.EXPLAINED]
    assert proof.verdicts[0].words in {"no message came that it could alter", "none of its cases was judged"}
