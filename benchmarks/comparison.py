"""What a verdict costs, as a multiple of what `orjson.loads` takes for the same bytes.

Run: `python benchmarks/comparison.py`. Beside wireproof it measures jsonschema, jsonschema-rs, pydantic and plain
DeepDiff on the same work, as far as they are installed (`pip install jsonschema jsonschema-rs pydantic`).
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import timing

sys.path.insert(0, str(Path(__file__).parent))

from comparison_documents import book_tickers, depth, encode, exchange_information, klines, tickers
from deepdiff import DeepDiff

from wireproof.contract.compiling.compiled_shape import Schema
from wireproof.contract.shape import ShapeBuilder
from wireproof.contract.store import load_store
from wireproof.drift.compare import Comparer, PayloadJudge
from wireproof.drift.explain import _changes

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.contract.model import Contract
    from wireproof.drift.finding import Finding

_BATCH = 256  # events that are judged together


def best(work: Callable[[], Any], repeat: int) -> float:
    """Return the shortest of several runs, in milliseconds."""
    return timing.best(work, repeat) * 1000


def peak(work: Callable[[], Any]) -> int:
    """Return the most bytes that Python allocated at a time during some work."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def documents() -> dict[str, tuple[Any, Any, Any]]:
    """Return by name: the document, what is documented of it, and the document with one wrong field."""
    found: dict[str, tuple[Any, Any, Any]] = {}
    information, drifted = exchange_information(), exchange_information()
    drifted["symbols"][333]["filters"][0]["tickSize"] = 0.1
    found["exchange information, 650 symbols"] = information, exchange_information(3), drifted
    drifted = tickers()
    drifted[300]["lastPrice"] = 0.1
    found["24-hour tickers, 600"] = tickers(), tickers(2), drifted
    drifted = klines()
    drifted[700][4] = 0.1
    found["klines, 1,500"] = klines(), klines(2), drifted
    drifted = depth()
    drifted["bids"][500][0] = 0.1
    found["depth, 1,000 levels"] = depth(), depth(2), drifted
    return found


def explained(judge: PayloadJudge, body: bytes) -> list[Finding]:
    """Explain as if this drift had not been seen before."""
    _changes.cache_clear()
    return judge(body)


def measure_document(name: str, document: Any, documented: Any, drifted: Any, repeat: int) -> None:
    """Print one row of ratios."""
    body, wrong = encode(document), encode(drifted)
    node = ShapeBuilder().build([documented])
    structure, whole = Schema(node, formats=False), Schema(node)
    judge = PayloadJudge(contract="benchmark", node=node, schema=whole)
    if not (structure.conforms(body) and whole.conforms(body)) or len(judge(wrong)) != 1:
        raise SystemExit(f"{name}: the generated document is not judged as it should be.")
    parse = best(lambda: orjson.loads(body), repeat)
    row = [
        best(lambda: structure.conforms(body), repeat) / parse,
        best(lambda: whole.conforms(body), repeat) / parse,
        best(lambda: explained(judge, wrong), repeat) / parse,
        peak(lambda: whole.conforms(body)) / len(body),
    ]
    print(f"{name:36} {len(body):>8,} B {parse:8.3f} ms " + " ".join(f"{ratio:10.2f}" for ratio in row))
    others(document, documented, drifted, parse)


def measure_burst(repeat: int) -> None:
    """Print the ratios of a burst of small events."""
    events = book_tickers()
    node = ShapeBuilder().build([orjson.loads(events[0])])
    structure, whole = Schema(node, formats=False), Schema(node)
    batches = [events[i : i + _BATCH] for i in range(0, len(events), _BATCH)]
    parse = best(lambda: [orjson.loads(event) for event in events], repeat)
    row = [
        best(lambda: [structure.conform_all(batch) for batch in batches], repeat) / parse,
        best(lambda: [whole.conform_all(batch) for batch in batches], repeat) / parse,
    ]
    size = sum(map(len, events))
    print(f"{'bookTicker events, 100,000':36} {size:>8,} B {parse:8.3f} ms " + " ".join(f"{r:10.2f}" for r in row))
    alone = best(lambda: [whole.conforms(event) for event in events], repeat) / parse
    print(f"    one at a time, formats included: {alone:.2f}")


def others(document: Any, documented: Any, drifted: Any, parse: float) -> None:
    """Print what peers take for the same verdict."""
    body = encode(document)
    said = []
    if importlib.util.find_spec("jsonschema"):
        import jsonschema  # noqa: PLC0415  # optional

        validator = jsonschema.Draft202012Validator(json_schema(documented))
        said.append(("jsonschema", best(lambda: validator.is_valid(orjson.loads(body)), 1)))
    if importlib.util.find_spec("jsonschema_rs"):
        import jsonschema_rs  # noqa: PLC0415  # optional

        rust = jsonschema_rs.validator_for(json_schema(documented))
        said.append(("jsonschema-rs", best(lambda: rust.is_valid(orjson.loads(body)), 5)))
    if importlib.util.find_spec("pydantic"):
        import pydantic  # noqa: PLC0415  # optional

        adapter: Any = pydantic.TypeAdapter(pydantic_type(documented))
        said.append(("pydantic", best(lambda: adapter.validate_json(body), 5)))
    said.append(("DeepDiff of the documents", best(lambda: DeepDiff(document, drifted), 1)))
    print("    " + "; ".join(f"{name} {ms / parse:,.1f}" for name, ms in said))


def json_schema(value: Any) -> dict[str, Any]:
    """Return a JSON Schema of about the strictness of wireproof's reading, decimals included."""
    if isinstance(value, dict):
        fields = {key: json_schema(inner) for key, inner in value.items()}
        return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
    if isinstance(value, list):
        shapes = [json_schema(inner) for inner in value]
        distinct = [shape for i, shape in enumerate(shapes) if shape not in shapes[:i]]
        return {"type": "array", "items": distinct[0] if len(distinct) == 1 else {"anyOf": distinct}} if value else {}
    if isinstance(value, str):
        return {"type": "string"}
    return {"type": "boolean" if isinstance(value, bool) else "integer" if isinstance(value, int) else "number"}


def pydantic_type(value: Any) -> Any:
    """Return a strict pydantic model of the structure; element shapes are a union."""
    import pydantic  # noqa: PLC0415  # optional

    if isinstance(value, dict):
        fields: Any = {key: (pydantic_type(inner), ...) for key, inner in value.items()}
        return pydantic.create_model("Object", __config__={"extra": "forbid", "strict": True}, **fields)
    if isinstance(value, list):
        found: dict[str, Any] = {}
        for inner in value:
            found.setdefault(str(json_schema(inner)), pydantic_type(inner))
        kinds = list(found.values())
        union = kinds[0] if kinds else Any
        for kind in kinds[1:]:
            union = union | kind
        return list[union]
    return type(value)


def measure_store() -> None:
    """Print what compiling every example of the stored contracts takes."""
    store = load_store()
    contracts: list[Contract] = [contract for contract in store.contracts.values() if contract.examples]
    comparers = {name: Comparer(product) for name, product in store.products.items()}
    start = time.perf_counter()
    for contract in contracts:
        for example in contract.examples:
            comparers[contract.product].response_judge(contract, example.name)
    print(f"\n{len(contracts)} contracts of the store compiled in {(time.perf_counter() - start) * 1000:.0f} ms")


def main() -> None:
    """Print the whole table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--repeat", type=int, default=20, help="runs of each measurement; the shortest counts")
    repeat = parser.parse_args().repeat
    missing = [name for name in ("jsonschema", "jsonschema_rs", "pydantic") if not importlib.util.find_spec(name)]
    if missing:
        print(f"Not installed, so not measured: {', '.join(missing)}.")
    print("Ratios to orjson.loads: verdict on structure, with formats, one wrong field explained; memory per byte.")
    print(f"{'':36} {'size':>10} {'orjson':>11} {'structure':>10} {'formats':>10} {'explained':>10} {'memory':>10}")
    for name, (document, documented, drifted) in documents().items():
        measure_document(name, document, documented, drifted, repeat)
    measure_burst(max(3, repeat // 4))
    measure_store()


if __name__ == "__main__":
    main()
