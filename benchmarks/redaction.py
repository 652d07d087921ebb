"""What it costs to keep secrets out: `Redactor.frame` of every documented answer, against decoding the same JSON.

python benchmarks/redaction.py [--repeat 5] [--signatures 3000]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import secrets
import tracemalloc

from timing import best

from wireproof.contract.store import load_store
from wireproof.wire.secrets.credentials import Credentials, HmacSigner
from wireproof.wire.secrets.redact import Redactor


def documented_answers() -> list[str]:
    """Return every documented example as compact JSON, and one list of a thousand trades as a large answer."""
    examples = [example.response for contract in load_store().contracts.values() for example in contract.examples]
    trades = [
        {
            "id": 10_000_000 + n,
            "price": f"{30_000 + n / 7:.2f}",
            "qty": f"{n / 1000:.3f}",
            "time": 1_700_000_000_000 + n,
        }
        for n in range(1000)
    ]
    return [json.dumps(example, separators=(",", ":")) for example in [*examples, trades]]


def main() -> None:
    """Measure and print the ratios, and what so many signatures cost in time and memory."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--signatures", type=int, default=3000)
    options = parser.parse_args()
    redactor = Redactor()
    redactor.watch(Credentials(secrets.token_urlsafe(48), HmacSigner(secrets.token_urlsafe(48))))
    made = [hashlib.sha256(str(n).encode()).hexdigest() for n in range(options.signatures)]
    tracemalloc.start()
    for signature in made:
        redactor.register_signature(signature)
    memory = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    other = Redactor()
    adding = best(lambda: [other.register_signature(signature) for signature in made], 1)
    print(f"{len(made):,} signatures: {adding / len(made) * 1e6:.1f} µs and {memory / len(made) * 1e3:.2f} kB each")
    answers = documented_answers()
    size = sum(map(len, answers)) / 1e6
    decoding = best(lambda: [json.loads(answer) for answer in answers], options.repeat)
    redacting = best(lambda: [redactor.frame(answer) for answer in answers], options.repeat)
    print(f"{len(answers)} answers, {size:.2f} MB: {redacting * 1000:.1f} ms, {size / redacting:.1f} MB/s;", end=" ")
    print(f"json.loads {decoding * 1000:.1f} ms; ratio {redacting / decoding:.2f}")


if __name__ == "__main__":
    main()
