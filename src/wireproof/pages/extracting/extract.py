"""Documentation page to contracts: what a page says of each request, stream and event that it describes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import replace

from wireproof.contract.model import (
    Contract,
    Event,
    Example,
    Param,
    Refinement,
    Request,
    Security,
    Stream,
    Surface,
    Weight,
)
from wireproof.pages.extracting import example_conditions, listed_parameters, naming
from wireproof.pages.extracting.comments import conditional_paths, refinements_of
from wireproof.pages.extracting.page_products import page_problem
from wireproof.pages.extracting.parameters import is_parameter_table, params_of
from wireproof.pages.extracting.sections import Subject, Unit, subject_of, units_of
from wireproof.pages.extracting.weights import weight_of
from wireproof.pages.outline import outline
from wireproof.pages.reading.blocks import Code, Listing, Paragraph, Table
from wireproof.pages.reading.loose_json import Document, UnreadableJson, read
from wireproof.pages.reading.page import Page, PageError
from wireproof.pages.reading.terms import Part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wireproof.contract.model import Product
    from wireproof.pages.reading.blocks import Block

NOT_EXERCISED = "not exercised yet"
CREDENTIALS = {"apiKey", "signature"}  # parameters that the security type stands for

_MASKS = {"apiKey": "<api key>", "signature": "<signature>", "listenKey": "<listen key>", "secretKey": "<secret>"}

_SECURITY = re.compile(
    r"\(\s*(NONE|MARKET[_ -]DATA|USER[_ -]STREAM|USER[_ -]DATA|TRADE|MARGIN|SIGNED)\s*\)", re.IGNORECASE
)
_DEPRECATED = re.compile(
    r"\bdeprecated\b|\bwill be (?:retired|removed|taken offline)|已废弃|已下线|即将下线|弃用", re.IGNORECASE
)
_ROUTE = re.compile(r"/(public|market|private)\b")


class Extraction(Struct):
    """What a page gave: contracts, or the reason why it is a section page; and what was read with doubt."""

    contracts: list[Contract] = field(default_factory=list)
    section: str = ""  # why the page describes no request, stream or event
    notes: list[str] = field(default_factory=list)
    unweighed: set[str] = field(default_factory=set)  # ids of requests whose page gives no weight


def extract(page: Page, product: str, products: Mapping[str, Product]) -> Extraction:
    """Return what a page describes; `products` are all that a page can be of, by name.

    Raises PageError for a page of another product, and for an example that cannot be read: a contract is taken over
    whole or not at all.
    """
    out = Extraction()
    seen: dict[str, str] = {}
    for unit in units_of(page):
        subject = subject_of(unit)
        if subject is None:
            continue
        if problem := page_problem(products, product, page.url, subject.path):
            raise PageError(page.source, problem)
        builder = _Builder(page, product, unit, subject, out.notes)
        contract = builder.contract()
        if builder.unweighed:
            out.unweighed.add(contract.id)
        if contract.id in seen:
            raise PageError(
                page.source, f"describes {contract.name} twice, under {seen[contract.id]!r} and {unit.title!r}."
            )
        seen[contract.id] = unit.title
        out.contracts.append(contract)
    if not out.contracts:
        if problem := page_problem(products, product, page.url):
            raise PageError(page.source, problem)
        out.section = _why_section(page)
    return out


def _why_section(page: Page) -> str:
    words = " ".join(block.text for block in page.blocks if isinstance(block, Paragraph))
    if re.search(r"find details from|请参阅|请参考", words, re.IGNORECASE):
        return "points to another page"
    if not words:
        return "has no text"
    return "describes no single request, stream or event"


class _Builder:
    """Makes one contract of one unit."""

    def __init__(self, page: Page, product: str, unit: Unit, subject: Subject, notes: list[str]) -> None:
        self.page, self.product, self.unit, self.subject, self.notes = page, product, unit, subject, notes
        self.unweighed = False

    def contract(self) -> Contract:
        params, doubts = params_of(self._parameter_tables())
        self.notes += doubts
        if not params:
            self._refuse_unread_parameters()
        params = tuple(param for param in params if param.name not in CREDENTIALS)
        examples, refinements = self._examples(params)
        if not examples:
            raise PageError(
                self.page.source,
                f"describes {self._name()} but holds no response example; "
                "expected a code block under 'Response Example'.",
            )
        surface, name, what = self._what(params, examples)
        return Contract(
            id=naming.contract_id(self.product, surface, name),
            title=self._title(),
            product=self.product,
            surface=surface,
            docs_url=self.page.url,
            revised="",
            subject=what,
            examples=tuple(examples),
            refinements=tuple(refinements),
            no_case=NOT_EXERCISED,
            deprecated=bool(_DEPRECATED.search(f"{self.unit.title}\n{self.unit.text(Part.DESCRIPTION)}")),
        )

    def _parameter_tables(self) -> tuple[Table, ...]:
        """Return the tables that may be of parameters; of a page that lists them, a table of its list."""
        tables = self.unit.tables(Part.PARAMETERS, *self._stray_parts())
        if any(map(is_parameter_table, tables)):
            return tables
        listed = map(listed_parameters.table_of, self._parameter_lists())
        return (*tables, *(table for table in listed if table is not None))

    def _parameter_lists(self) -> list[tuple[str, ...]]:
        """Return the items of each list that stands where parameters are."""
        return [block.items for block in self.unit.parts.get(Part.PARAMETERS, ()) if isinstance(block, Listing)]

    def _refuse_unread_parameters(self) -> None:
        """Raise PageError where a page says something of parameters that gave none: a contract is not half a page."""
        tables = self.unit.tables(Part.PARAMETERS)
        if tables:
            columns = ", ".join(filter(None, tables[0].header)) or "none"
            raise PageError(
                self.page.source,
                f"has a table of parameters of {self._name()} that cannot be read: its columns are {columns}; expected "
                "one of names (Name, Parameter), one of types (Type) and one more.",
            )
        lists = self._parameter_lists()
        if self.subject.method and lists:
            raise PageError(
                self.page.source,
                f"lists parameters of {self._name()} in a form that cannot be read, beginning with "
                f"{lists[0][0][:40]!r}; expected a table, or items such as '`symbol` (STRING, mandatory): …'.",
            )

    def _stray_parts(self) -> tuple[Part, ...]:
        """Return where parameter tables also stand when their own part has none."""
        return () if self.unit.tables(Part.PARAMETERS) else (Part.WEIGHT, Part.REQUEST, Part.DESCRIPTION)

    def _name(self) -> str:
        s = self.subject
        return f"{s.method} {s.path}".strip() or s.stream.split("\n")[0] or s.event or f"the event {self.unit.title!r}"

    def _title(self) -> str:
        if self.page.language == "zh":
            words = self.page.url.rpartition("/")[2].removesuffix("-Wsp").replace("-", " ")
            if words:
                return words
        title = re.sub(r"^\s*(?:event|事件)\s*:\s*", "", self.unit.title, flags=re.IGNORECASE)
        return " ".join(_SECURITY.sub("", title).split())

    def _what(
        self, params: tuple[Param, ...], examples: list[Example]
    ) -> tuple[Surface, str, Request | Stream | Event]:
        if self.subject.method:
            request = Request(
                method=self.subject.method,
                path=self.subject.path,
                security=self._security(params),
                weight=self._weight(params),
                params=params,
            )
            surface = Surface.REST if self.subject.path else Surface.WS_API
            return surface, naming.request_name(request.method, request.path), request
        if self.subject.stream:
            return self._stream(params)
        name = _event_field(examples) or self.subject.event
        if not name:
            raise PageError(
                self.page.source, f"describes an event ({self.unit.title!r}) without a name or an 'e' field."
            )
        if self.subject.event and name != self.subject.event:
            self.notes.append(f"the page names the event {self.subject.event}; its payload says {name}")
        return Surface.EVENT, naming.event_name(name), Event(name=name, route=self._route(), update_speed=self._speed())

    def _stream(self, params: tuple[Param, ...]) -> tuple[Surface, str, Stream]:
        pattern, speeds, may_omit = naming.merged_pattern(self.subject.stream)
        known = {param.name for param in params}
        placeholders = tuple(
            Param(name=name, type="STRING", required=True)
            for name in re.findall(r"<(\w+)>", pattern)
            if name not in known and name != "updateSpeed"
        )
        if speeds:
            placeholders += (Param(name="updateSpeed", type="ENUM", required=not may_omit, enum=speeds),)
        stream = Stream(name=pattern, route=self._route(), update_speed=self._speed(), params=(*params, *placeholders))
        return Surface.STREAM, naming.stream_name(pattern), stream

    def _route(self) -> str:
        text = self.unit.text(Part.ROUTE) or "\n".join(re.findall(r"wss://\S+", self.unit.text(Part.REQUEST)))
        found = _ROUTE.search(text)
        return found[1] if found else ""

    def _speed(self) -> str:
        return " ".join(self.unit.text(Part.UPDATE_SPEED).split("\n")[:1]).strip(" *.。")[:60]

    def _security(self, params: tuple[Param, ...]) -> Security:
        found = _SECURITY.search(self.unit.title) or _SECURITY.search(self.unit.text(Part.HTTP))
        if found:
            return Security(re.sub(r"[ -]", "_", found[1]).upper())
        if any(param.name == "timestamp" and param.required for param in params):
            # The title names no security type, but a mandatory timestamp says that the request is signed.
            return Security.USER_DATA if self.subject.method == "GET" or not self.subject.path else Security.TRADE
        return Security.NONE

    def _weight(self, params: tuple[Param, ...]) -> Weight:
        default = next((param.default for param in params if param.name == "limit"), None)
        weight = weight_of(
            self._weight_text(),
            self._weight_tables(),
            orders=self.unit.text(Part.WEIGHT_ORDERS),
            uid=self.unit.text(Part.WEIGHT_UID),
            limit_default=default,
        )
        if weight is None:
            self.unweighed = True
            self.notes.append(f"no weight is given for {self._name()}")
            return Weight(ip=1)
        return weight

    def _weight_text(self) -> str:
        lines: list[str] = []
        for block in self.unit.parts.get(Part.WEIGHT, ()):
            if isinstance(block, Table):
                break
            if isinstance(block, Paragraph | Listing):
                lines += [block.text] if isinstance(block, Paragraph) else list(block.items)
        return "; ".join(lines) or self._weight_line()

    def _weight_line(self) -> str:
        """Return the words after `Weight:` on a line of another part."""
        for part in (Part.HTTP, Part.METHOD, Part.DESCRIPTION, Part.PARAMETERS):
            found = re.search(
                r"^(?:Request )?(?:Weight|权重|请求权重)\s*:\s*(\S.*)$", self.unit.text(part), re.MULTILINE
            )
            if found:
                return found[1]
        return ""

    def _weight_tables(self) -> tuple[Table, ...]:
        """Return the weight tables; a last row `> 1000 | 10` that Markdown took for a quotation is put back."""
        out: list[Table] = []
        for block in self.unit.parts.get(Part.WEIGHT, ()):
            if isinstance(block, Table):
                out.append(block)
            elif out and isinstance(block, Paragraph) and (row := re.fullmatch(r"(\d+)\s*\|\s*(\d+)", block.text)):
                out[-1] = Table(out[-1].header, (*out[-1].rows, (f"> {row[1]}", row[2])))
        return tuple(out)

    def _examples(self, params: tuple[Param, ...]) -> tuple[list[Example], list[Refinement]]:
        requests = self._request_documents()
        shown = self._response_documents()
        whens = example_conditions.settle(
            [when for when, _ in shown], [document.value for _, document in shown], params
        )
        whens = _distinct(whens, [document.value for _, document in shown])
        names = naming.example_names(whens)
        examples: list[Example] = []
        refinements: list[Refinement] = []
        for index, ((_, document), when, name) in enumerate(zip(shown, whens, names, strict=True)):
            request = (
                requests[index] if index < len(requests) and len(requests) == len(shown) else next(iter(requests), None)
            )
            if len(requests) < len(shown) and _contradicts(request, when):
                request = None
            examples.append(
                Example(
                    name=name,
                    when=when,
                    request=masked(request),
                    response=masked(document.value),
                    conditional=conditional_paths(document.value, document.comments),
                    source="docs",
                )
            )
            found = refinements_of(document.value, document.comments, self.page.url)
            refinements += [refinement for refinement in found if refinement not in refinements]
        return examples, refinements

    def _request_documents(self) -> list[dict[str, Any]]:
        if self.subject.path or not self.subject.method:
            return []
        documents = [
            d.value for code in self.unit.codes(Part.REQUEST) for d in self._read(code, Part.REQUEST).documents
        ]
        out = [d for d in documents if isinstance(d, dict) and "method" in d]
        for document in out:
            if document["method"] != self.subject.method:
                self.notes.append(f"the request example of {self.subject.method} names method {document['method']}")
        return out

    def _response_documents(self) -> list[tuple[str, Document]]:
        """Return every document of the response part with the condition that its captions give."""
        out: list[tuple[str, Document]] = []
        captions: list[str] = []
        for block in self.unit.parts.get(Part.RESPONSE, ()):
            if isinstance(block, Code):
                reading = self._read(block, Part.RESPONSE)
                for document in map(self._without_envelope, reading.documents):
                    out.append((example_conditions.condition_of(" ".join([*captions, document.caption])), document))
                    captions = []
            else:
                captions = _caption(block, captions)
        return out or self._misplaced_documents()

    def _without_envelope(self, document: Document) -> Document:
        """Return the payload of a message that a page shows as a combined connection sends it: `{stream, data}`.

        The contract of a stream or an event is the payload; the envelope belongs to the connection.
        """
        value = document.value
        if self.subject.method or not isinstance(value, dict) or value.keys() != {"stream", "data"}:
            return document
        below = [replace(comment, path=comment.path.removeprefix("data.")) for comment in document.comments]
        return Document(value["data"], document.caption, below)

    def _misplaced_documents(self) -> list[tuple[str, Document]]:
        """Return the documents of code blocks under the heading of the request line, repeated there by mistake."""
        out = [("", d) for code in self.unit.codes(Part.HTTP) for d in self._read(code, Part.HTTP).documents]
        if out:
            self.notes.append(f"the response example of {self._name()} stands under another heading")
        return out

    def _read(self, code: Code, part: Part) -> Any:
        try:
            reading = read(code.text)
        except UnreadableJson as error:
            raise PageError(
                self.page.source, f"the {part.value} example of {self._name()} cannot be read: {error}."
            ) from None
        self.notes += [f"{part.value} example of {self._name()}, line {r.line}: {r.what}" for r in reading.repairs]
        if not reading.documents and reading.trailer:
            self.notes.append(f"a code block under '{part.value}' of {self._name()} holds no JSON and was left out")
        return reading


def _contradicts(request: dict[str, Any] | None, when: str) -> bool:
    """Whether a request that stands for several answers sends what one of them is without, or the other way round."""
    sent = request.get("params") if request is not None else None
    name, _, how = when.partition(" ")
    return isinstance(sent, dict) and ((how == "omitted" and name in sent) or (how == "sent" and name not in sent))


def masked(value: Any, name: str = "") -> Any:
    """Return a document with words in place of keys, signatures and listen keys: examples show invented ones."""
    match value:
        case dict():
            return {key: masked(inner, key) for key, inner in value.items()}
        case list():
            return [masked(inner) for inner in value]
        case str() if value and name in _MASKS:
            return _MASKS[name]
    return value


def _caption(block: Block, captions: list[str]) -> list[str]:
    match block:
        case Paragraph():
            return [*captions, block.text]
        case Listing():
            return [*captions, *block.items]
        case Table():
            return []
    return captions


def _distinct(whens: list[str], documents: list[Any]) -> list[str]:
    """Give numbers to examples without a condition that differ in structure, so that they are not merged."""
    bare = [i for i, when in enumerate(whens) if not when]
    if len(bare) < 2:
        return whens
    outlines = [set(outline(documents[i])) for i in bare]
    if all(o == outlines[0] for o in outlines):
        return whens
    out = list(whens)
    for number, index in enumerate(bare, 1):
        out[index] = f"variant {number}"
    return out


def _event_field(examples: list[Example]) -> str:
    """Return the value of `e`, of the payload itself or inside a `{stream, data}` wrapper."""
    for example in examples:
        body = example.response
        if isinstance(body, dict) and isinstance(body.get("data"), dict) and "e" not in body:
            body = body["data"]
        if isinstance(body, dict) and isinstance(body.get("e"), str):
            return str(body["e"])
    return ""
