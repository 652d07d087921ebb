"""A finding done again without wireproof: one short script that sends the request, prints the answer and looks.

Public REST requests are scripts of curl and a line of Python; whatever is signed, and whatever comes over a WebSocket,
is Python with `websockets`. Keys are read from the environment, signatures made in the script. Whatever came from the
target or the contracts enters a script as a literal of ASCII: it can close no quote and begin no line.

A script ends with 1 while the difference is there, with 0 when it is not, and with 2 where that cannot be told.
"""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote

import msgspec
from msgspec import Struct

from wireproof.drift.finding import Kind
from wireproof.drift.value_paths import ANY_ELEMENT, ANY_KEY, parent_of, steps, values_at
from wireproof.escape import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wireproof.drift.finding import Finding
    from wireproof.results.model import CaseResult, Observation

#: Lines of a script.
LONGEST = 20

_AT = (
    "def at(v, steps):  # 0 is any element, 1 is any field",
    (
        "    below = [v[steps[0]]] if steps and type(v) is dict and steps[0] in v else v.values() if steps[:1] == [1]"
        " and type(v) is dict else v if steps[:1] == [0] and type(v) is list else []"
    ),
    "    return [found for one in below for found in at(one, steps[1:])] if steps else [v]",
)
_HOOK = "sys.excepthook = lambda kind, error, _: (print('No answer:', kind.__name__, error, flush=True), os._exit(2))"
_SIGN = (
    "def sign(text):  # SECRET is that of an HMAC key, or the PEM text of an Ed25519 key",
    '    if "BEGIN" not in SECRET: return hmac.new(SECRET.encode(), text.encode(), "sha256").hexdigest()',
    (
        "    from cryptography.hazmat.primitives.serialization import load_pem_private_key as load;"
        " return base64.b64encode(load(SECRET.encode(), None).sign(text.encode())).decode()"
    ),
)
_IMPORTS = "import base64, hmac, json, os, re, sys, time, urllib.error, urllib.parse, urllib.request"
_CONNECT = "from websockets.sync.client import connect"
_PARSED = ("try: document = json.loads(text)", "except ValueError: document = None")
_ENDING = "sys.exit(print('THERE' if found else 'NOT THERE') or int(found))"

_SECRET = re.compile(r"<redacted [a-z ]+>")
_HIDDEN = re.compile(r"[+-]?(?=.*1)[01]{2,}|[+-]?[01]*\.[01]+|1700000000000|\S*x\S*x\S*")
_WRITES = re.compile(r"\.(place|modify|cancel)$")
_PLACES = re.compile(r"order", re.IGNORECASE)
_STREAM = re.compile(r"(?:SUBSCRIBE (?P<name>\S+) at|connected to) (?P<url>wss?://[^\s;]+)")
MASKED_TIMESTAMP = 1_700_000_000_000  # stands for the timestamp where values are hidden
_SOONEST = 60_000  # of a timestamp that is not meant to be now, milliseconds


class Reproduction(Struct, frozen=True, kw_only=True):
    """A script: the ending of its name, its text, and what it sends, in words."""

    suffix: str
    text: str
    sends: str


class Sent(Struct, frozen=True, kw_only=True):
    """What a case sent, read from its observation: the verb and path of REST, or the method of a WebSocket API."""

    verb: str
    name: str
    params: dict[str, Any]
    signed: bool = False
    keyed: bool = False
    number: str = ""  # the id of the frame


def literal(value: Any) -> str:
    """Return a value as Python of one line, in ASCII."""
    return ascii(value)


def sent_by(observation: Observation, *, private: bool) -> Sent | None:
    """Return what a case sent; None where that cannot be read."""
    request = observation.request
    if request.startswith("{"):
        try:
            frame = msgspec.json.decode(request)
            params = frame.get("params") or {}
            method = frame["method"]
        except (msgspec.DecodeError, AttributeError, KeyError):
            return None
        if not isinstance(params, dict) or not isinstance(method, str):
            return None
        signed, number = "signature" in params, one_line(str(frame.get("id", "")), 60)
        return Sent(verb="", name=method, params=params, signed=signed, keyed="apiKey" in params, number=number)
    line, _, body = request.partition("\n")
    verb, _, address = line.partition(" ")
    path, _, query = address.partition("?")
    if not re.fullmatch(r"[A-Z]+", verb) or not path.startswith("/"):
        return None
    pairs = dict(parse_qsl(f"{query}&{body}" if body else query, keep_blank_values=True))
    return Sent(verb=verb, name=path, params=pairs, signed="signature" in pairs, keyed=private or "signature" in pairs)


def check_of(finding: Finding, observation: Observation) -> str:
    """Return a Python expression over `document`, `text`, `status` and `headers`; empty where nothing tells.

    What came is looked for again: the same lack, the same type, the same value.
    """
    path, kind = finding.path, finding.kind
    document = _document(observation, finding)
    name, parent = (steps(path) or [""])[-1], _steps(parent_of(path))
    at = f"at(document, {literal(_steps(path))})"
    samples = [value for sample in finding.samples for value in values_at(document, sample)]
    samples = samples or list(values_at(document, path))[:1]
    if kind is Kind.MISSING_FIELD and isinstance(name, str):
        lacking = [one for one in values_at(document, parent_of(path)) if isinstance(one, dict) and name not in one]
        beside = sorted(lacking[0])[:12] if lacking else []
        return (
            f"any(type(o) is dict and {literal(name)} not in o and set(o) >= set({literal(beside)})"
            f" for o in at(document, {literal(parent)}))"
        )
    if kind is Kind.UNDOCUMENTED_FIELD and isinstance(name, str):
        return f"any(type(o) is dict and {literal(name)} in o for o in at(document, {literal(parent)}))"
    if kind is Kind.NULL_VALUE:
        return f"any(v is None for v in {at})"
    if kind is Kind.TYPE_CHANGED and samples:
        types = sorted({type(one).__name__ for one in samples})
        return f"any(type(v).__name__ in {literal(types)} for v in {at})"
    if kind in {Kind.FORMAT_CHANGED, Kind.UNDOCUMENTED_FORMAT} and samples:
        return f"any(re.fullmatch({literal(_form(samples[0]))}, str(v)) for v in {at})"
    if kind in {Kind.UNDOCUMENTED_VALUE, Kind.VALUE_CHANGED, Kind.ERROR_CODE_CHANGED} and samples:
        return f"any(v in {literal(samples[:3])} for v in {at})"
    if kind is Kind.LENGTH_CHANGED and samples and isinstance(samples[0], list):
        return f"any(type(v) is list and len(v) == {len(samples[0])} for v in {at})"
    if kind is Kind.UNDOCUMENTED_ELEMENT:
        most = max((len(one) for one in values_at(document, parent_of(path)) if isinstance(one, list)), default=1)
        return f"any(type(v) is list and len(v) >= {most} for v in at(document, {literal(parent)}))"
    return _check_of_the_whole(finding, observation, document)


def _check_of_the_whole(finding: Finding, observation: Observation, document: Any) -> str:
    match finding.kind:
        case Kind.STATUS_CHANGED:
            return f"status == {int(observation.status or 0)}"
        case Kind.ERROR_ANSWER:
            code = next(iter([*values_at(document, "error.code"), *values_at(document, "code")]), None)
            return f"{literal(code)} in at(document, ['error', 'code']) + at(document, ['code'])"
        case Kind.UNPARSEABLE:
            return "document is None"
        case Kind.REPEATED_KEY:
            return (
                "(lambda twice: (json.loads(text, object_pairs_hook=lambda pairs: (twice.append(1) if"
                " len(dict(pairs)) < len(pairs) else 0, dict(pairs))[1]), bool(twice))[1])([])"
            )
        case Kind.HEADER_CHANGED:
            header = finding.path.removeprefix("headers.")
            return f"headers.get({literal(header)}) == {literal((observation.headers or {}).get(header))}"
        case Kind.RETIRED_ANSWER:
            return "status == 200 and not at(document, ['code'])"
        case Kind.UNDOCUMENTED_EVENT:
            return f"{literal(finding.value)} in at(document, ['e'])"
        case _:
            return ""


def _document(observation: Observation, finding: Finding) -> Any:
    """Return the answer that shows a finding; of several messages the first that has something at its place."""
    texts = observation.messages or (observation.response or "",)
    documents = []
    for text in texts:
        try:
            documents.append(msgspec.json.decode(text))
        except (msgspec.DecodeError, RecursionError):
            continue
    wanted = finding.samples[:1] or (finding.path,)
    fitting = (one for one in documents if next(values_at(one, wanted[0]), None) is not None)
    return next(fitting, documents[-1] if documents else None)


def _steps(path: str) -> list[Any]:
    return [
        0 if step is ANY_ELEMENT or isinstance(step, int) else 1 if step is ANY_KEY else step for step in steps(path)
    ]


def _form(value: Any) -> str:
    """Return a pattern of all texts that are written like one: of an integer, with as many digits."""
    if isinstance(value, int):
        return rf"-?[0-9]{{{len(str(abs(value)))}}}"
    runs = re.findall(r"[0-9]+|[A-Za-z]+|[^0-9A-Za-z]", str(value)[:60])
    return "".join(
        "[0-9]+" if run[0] in "0123456789" else "[A-Za-z]+" if run.isalpha() else re.escape(run) for run in runs
    )


def script_of(
    finding: Finding,
    case: CaseResult,
    endpoints: Mapping[str, str],
    *,
    private_stream: str = "",
    tests: bool = False,
    hidden: bool = False,
) -> Reproduction | None:
    """Return the script of a finding of a case; None where what was sent cannot be sent by hand.

    `endpoints` are those of the run. `private_stream` says how the private stream is opened: the verb and address of
    its listen key, and what its key is put behind. `tests` is whether the request has a twin that only tests an order,
    `hidden` whether values of private requests were hidden: then they come from the environment.
    """
    seen = case.observation
    if seen is None:
        return None
    check = check_of(finding, seen) if finding.kind is not Kind.SILENT_STREAM else "not document"
    what = one_line(f"{finding.kind} at {finding.path or 'the top level'} of {finding.contract}", 300)
    if case.surface in {"stream", "event"}:
        return _of_messages(finding, case, endpoints, what=what, check=check, private_stream=private_stream)
    sent = sent_by(seen, private=case.private)
    if sent is None or not check:
        return None
    base = endpoints.get(f"{case.product} {case.surface}", "")
    if case.surface == "rest" and sent.verb == "GET" and not sent.keyed and finding.kind is not Kind.HEADER_CHANGED:
        return _of_curl(case, sent, base, what, check)
    return _of_request(case, sent, base, what, check, tests=tests, hidden=hidden)


def _heading(what: str, case: CaseResult, warning: str = "") -> list[str]:
    docs = one_line(case.docs_url, 300)
    return [
        f"# {warning}{ascii(what)[1:-1]}. Ends with 1 while it is there, 0 when it is not, 2 without an answer.",
        f"# {ascii(docs)[1:-1]} BASE, from the environment, is another host.",
    ]


def _of_curl(case: CaseResult, sent: Sent, base: str, what: str, check: str) -> Reproduction:
    query = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in sent.params.items())
    address = _ascii_address(sent.name) + (f"?{query}" if query else "")
    code = [
        "import json, re, sys",
        *_AT,
        'text, _, status = sys.stdin.read().rpartition("\\n"); status = int(status or 0); print(status, text)',
        *_PARSED,
        "if not status: sys.exit(2)",
        f"found = bool({check}); {_ENDING}",
    ]
    lines = [
        *_heading(what, case),
        f'BASE="${{BASE:-{_shell_default(base)}}}"',
        (
            f"""curl -gsS -m 30 -w '\\n%{{http_code}}' "$BASE"{shlex.quote(address)} |"""
            f" python3 -c {shlex.quote(_joined(code))}"
        ),
    ]
    return Reproduction(suffix=".sh", text=_joined(lines) + "\n", sends=f"{sent.verb} {one_line(sent.name, 200)}")


def _of_request(
    case: CaseResult, sent: Sent, base: str, what: str, check: str, *, tests: bool, hidden: bool
) -> Reproduction:
    sent_at = (case.observation.sent_at if case.observation is not None else None) or 0.0
    writes = sent.verb not in {"", "GET"} or bool(_WRITES.search(sent.name))
    is_test = sent.name.endswith(("/test", ".test"))
    places = writes and not is_test and sent.verb != "DELETE" and not sent.name.endswith(".cancel")
    places = places and bool(_PLACES.search(sent.name))
    warning = "PLACES AN ORDER, and needs CONFIRM=yes. " if places else ""
    if writes and not places and not is_test:
        warning = "CHANGES THE ACCOUNT, and needs CONFIRM=yes. "
    lines = [*_heading(what, case, warning), _IMPORTS if sent.verb else f"{_IMPORTS}; {_CONNECT}", _HOOK]
    confirmed = 'os.environ.get("CONFIRM") == "yes"'
    name = literal(sent.name)
    if tests and places:
        twin = f"{sent.name}/test" if sent.verb else f"{sent.name.rpartition('.')[0]}.test"
        name = f"{name} if {confirmed} else {literal(twin)}"
    elif warning:
        lines.append(f"if not {confirmed}: sys.exit(print({literal(warning)}) or 2)")
    keys = (
        "KEY, SECRET = os.environ['API_KEY'], os.environ['API_SECRET']"
        if sent.signed
        else "KEY = os.environ['API_KEY']"
    )
    lines.append(f"BASE, NAME = os.environ.get('BASE', {literal(base)}), {name}" + (f"; {keys}" if sent.keyed else ""))
    lines += _AT
    if sent.signed:
        lines += ["def sign(text): return '0' * 64"] if "wrong-signature" in case.id else _SIGN
    lines.append(f"params = {_params(case, sent, sent_at, hidden=hidden)}")
    lines += [*(_rest_lines(sent) if sent.verb else _ws_lines(sent)), *_PARSED]
    lines += [] if sent.verb else ["print(text); status = (document or {}).get('status')"]
    lines.append(f"found = bool({check}); {_ENDING}")
    sends = f"{sent.verb} {one_line(sent.name, 200)}".strip()
    return Reproduction(suffix=".py", text=_joined(lines) + "\n", sends=sends)


def _rest_lines(sent: Sent) -> list[str]:
    sign = "; query += '&signature=' + urllib.parse.quote(sign(query), safe='')" if sent.signed else ""
    headers = "{'X-MBX-APIKEY': KEY}" if sent.keyed else "{}"
    ask = f"urllib.request.Request(BASE + NAME + '?' + query, method={literal(sent.verb)}, headers={headers})"
    return [
        f"query = urllib.parse.urlencode(params){sign}",
        f"try: answer = urllib.request.urlopen({ask}, timeout=30)",
        "except urllib.error.HTTPError as error: answer = error",
        "text, status, headers = answer.read().decode(), answer.status, answer.headers; print(status, text)",
    ]


def _ws_lines(sent: Sent) -> list[str]:
    signed = (
        'params["signature"] = sign("&".join(f"{n}={v if type(v) is str else json.dumps(v)}"'
        " for n, v in sorted(params.items())))"
    )
    return [
        *([signed] if sent.signed else []),
        "with connect(BASE, max_size=None) as s:",
        "    s.send(json.dumps({'id': '1', 'method': NAME, 'params': params})); text = s.recv(timeout=30)",
    ]


def _params(case: CaseResult, sent: Sent, sent_at: float, *, hidden: bool) -> str:
    """Return the expression of a request's parameters: those of the run, unless the environment has another one."""
    given, fresh, needed = {}, [], []
    for name, value in sent.params.items():
        if name in {"signature", "apiKey"}:
            continue
        if (
            name == "timestamp"
            and _is_time(value)
            and (abs(int(value) - sent_at) < _SOONEST or int(value) == MASKED_TIMESTAMP)
        ):
            fresh.append("'timestamp': int(time.time() * 1000)")
        elif (isinstance(value, str) and _SECRET.search(value)) or (
            hidden and case.private and _HIDDEN.fullmatch(str(value))
        ):
            needed.append(name)
        else:
            given[name] = value
    if "apiKey" in sent.params:
        fresh.insert(0, "'apiKey': " + ("'0' * 64" if "wrong-key" in case.id else "KEY"))
    text = f"{{n: os.environ.get('P_' + n, v) for n, v in {literal(given)}.items()}}"
    if needed:
        text += f" | {{n: os.environ['P_' + n] for n in {literal(needed)}}}"
    return text + (f" | {{{', '.join(fresh)}}}" if fresh else "")


def _is_time(value: Any) -> bool:
    return str(value).isascii() and str(value).isdigit() and len(str(value)) < 20


def _of_messages(
    finding: Finding, case: CaseResult, endpoints: Mapping[str, str], *, what: str, check: str, private_stream: str
) -> Reproduction | None:
    seen = case.observation
    assert seen is not None
    root = endpoints.get(f"{case.product} stream", "")
    if not check:
        return None
    lines = [*_heading(what, case), f"{_IMPORTS}; {_CONNECT}", _HOOK, *_AT]
    if case.surface == "event":
        verb, _, rest = private_stream.partition(" ")
        key, _, behind = rest.partition(" ")
        if not behind:
            return None
        words = one_line(seen.request, 300)
        lines += [
            (
                f"KEY, ASK, ROOT = os.environ['API_KEY'], os.environ.get('ASK', {literal(key)}), "
                f"os.environ.get('BASE', {literal(behind)})"
            ),
            f"ask = urllib.request.Request(ASK, method={literal(verb)}, headers={{'X-MBX-APIKEY': KEY}})",
            "address = ROOT + json.load(urllib.request.urlopen(ask, timeout=30))['listenKey']",
        ]
        name = f"at(json.loads(text), ['e']) == [{literal(case.subject)}]"
        begun = f"print('Connected. Trigger it now:', {literal(words)}, flush=True)"
        sends = f"listens to {one_line(case.subject, 100)} of the account"
    else:
        match = _STREAM.search(seen.request)
        if match is None:
            return None
        url, stream = match["url"], match["name"]
        address = f"{url.removesuffix('/stream')}/ws/{stream}" if stream else url
        path = address.removeprefix(root) if root and address.startswith(root) else address
        root = root if path != address else ""
        lines.append(f"address = os.environ.get('BASE', {literal(root)}) + {literal(path)}")
        name, begun = "", "print('Connected', flush=True)"
        sends = f"listens to {one_line(stream or path.rpartition('/')[2], 100)}"
    silent = finding.kind is Kind.SILENT_STREAM
    lines += [
        f"texts, found, end = [], {silent}, time.time() + float(os.environ.get('SECONDS', 60))",
        "with connect(address, max_size=None) as s:",
        f"    {begun}",
        f"    while time.time() < end and len(texts) < 20 and {'found' if silent else 'not found'}:",
        "        try: text = s.recv(timeout=max(0.01, end - time.time()))",
        "        except TimeoutError: break",
        *([f"        if not ({name}): continue"] if name else []),
        "        texts.append(text); document = json.loads(text); print(text, flush=True)",
        f"        found = {'False' if silent else f'bool({check})'}",
        (
            "sys.exit(print('THERE' if found else 'NOT THERE' if texts else 'Nothing came')"
            " or (int(found) if texts or found else 2))"
        ),
    ]
    return Reproduction(suffix=".py", text=_joined(lines) + "\n", sends=sends)


def _quoted(value: Any) -> str:
    return quote(value if isinstance(value, str) else json.dumps(value), safe="")


def _ascii_address(path: str) -> str:
    return quote(path, safe="/%")


def _shell_default(text: str) -> str:
    """Return a text as it may stand in `"${BASE:-…}"`: an address of plain characters, or nothing."""
    return text if re.fullmatch(r"[A-Za-z0-9:/._\[\]-]*", text) else ""


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(lines)
