"""How fast the contract store loads: against `json.load` of the same files, which checks nothing.

python benchmarks/store.py [--repeat 20]
"""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from timing import best

from wireproof.contract.store import default_folder, load_store

if TYPE_CHECKING:
    from pathlib import Path


def plain(files: list[Path]) -> None:
    """Read the same files as untyped JSON."""
    for file in files:
        with file.open(encoding="utf-8") as opened:
            json.load(opened)


def main() -> None:
    """Measure and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=20)
    repeat = parser.parse_args().repeat
    files = sorted(default_folder().glob("*/**/*.json"))
    store, untyped = best(load_store, repeat), best(lambda: plain(files), repeat)
    print(f"{len(load_store().contracts)} contracts: {store * 1000:.1f} ms; json.load of the same {len(files)} files:")
    print(f"{untyped * 1000:.1f} ms; ratio {store / untyped:.2f}")


if __name__ == "__main__":
    main()
