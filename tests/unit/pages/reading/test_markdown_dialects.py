"""The same page in the style of a dozen writers of Markdown gives the same contract, or is refused in a sentence."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from checkout import CONTRACTS

from wireproof.contract.store import read_products
from wireproof.pages.extracting.extract import extract
from wireproof.pages.reading.blocks import Code, Heading, Listing, Paragraph, Table
from wireproof.pages.reading.markdown_dialects import plain
from wireproof.pages.reading.page import PageError, read_page

PAGES = Path(__file__).parents[1] / "pages"
PRODUCTS = read_products(CONTRACTS)
KNOWN = {"ws-request.html": "usdm", "one-or-all.html": "usdm", "two-modes.html": "usdm", "weight-table.html": "coinm"}


class _Writer:
    """Writes blocks as Markdown; each style replaces one habit."""

    def page(self, blocks, url):
        return self.head(url) + "\n\n".join(filter(None, map(self.block, blocks))) + "\n"

    def head(self, url):
        return f"---\ntitle: A page\nsource: {url}\n---\n\n"

    def block(self, block):
        match block:
            case Heading():
                return self.heading(min(block.level, 6), block.text)
            case Table():
                return self.table(block.header, block.rows)
            case Code():
                return self.code(block.text.rstrip("\n"))
            case Listing():
                return "\n".join(f"- {self.text(item)}" for item in block.items)
            case Paragraph():
                return f"**{block.text}**" if block.bold else self.text(block.text)

    def text(self, text):
        return text.replace("<", "\\<").replace("_", "\\_")

    def heading(self, level, text):
        return f"{'#' * level} {text}"

    def table(self, header, rows):
        shown = [header, ["---"] * len(header), *rows]
        return "\n".join("| " + " | ".join(map(self.cell, row)) + " |" for row in shown)

    def cell(self, text):
        return self.text(text).replace("|", "\\|").replace("\n", "<br>") or " "

    def code(self, text):
        return f"```json\n{text}\n```"


class _Setext(_Writer):
    def heading(self, level, text):
        return f"{text}\n{'=-'[level - 1] * 5}" if level < 3 else super().heading(level, text)


class _Linked(_Writer):
    def heading(self, level, text):
        return f'{"#" * level} [{text}](https://example.org/x "Direct link"){{#{text.lower().replace(" ", "-")}}}'


class _Closed(_Writer):
    def heading(self, level, text):
        return f"{'#' * level} {text} {'#' * level}"

    def code(self, text):
        return f"~~~~\n{text}\n~~~~"


class _Indented(_Writer):
    def code(self, text):
        return "\n".join(f"    {line}" for line in text.split("\n"))


class _Bare(_Writer):
    """Tables without outer pipes, column names in capitals, marked, and in another order."""

    def table(self, header, rows):
        if len(header) < 3:
            return super().table(header, rows)
        shown = [[f"**{cell.upper()}**" for cell in header], [":-:"] * len(header), *rows]
        return "\n".join(" | ".join(map(self.cell, [*row[1:], row[0]])) for row in shown)

    def cell(self, text):
        return text if text.startswith(("**", ":")) else super().cell(text)


class _OtherNames(_Writer):
    def table(self, header, rows):
        names = {"Name": "Argument", "Type": "Datatype", "Mandatory": "Optional", "Description": "Remarks"}
        at = header.index("Mandatory") if "Mandatory" in header else None
        turned = [
            [("✓" if cell.upper() == "NO" else "✗") if index == at else cell for index, cell in enumerate(row)]
            for row in rows
        ]
        return super().table([names.get(cell, cell) for cell in header], turned)


class _HtmlTables(_Writer):
    def table(self, header, rows):
        head = "".join(f"<th>{cell}</th>" for cell in header)
        body = "".join("<tr>" + "".join(f"<td><p>{cell}</p></td>" for cell in row) + "</tr>" for row in rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


class _Docusaurus(_Writer):
    def head(self, url):
        return super().head(url) + "import Tabs from '@theme/Tabs';\nexport const toc = [];\n\n{/* generated */}\n\n"

    def code(self, text):
        tab = f'<TabItem value="json" label="JSON">\n\n```json title="answer"\n{text}\n```\n\n</TabItem>'
        return f"<Tabs>\n{tab}\n</Tabs>\n\n:::tip Good to know\n\nNothing.\n\n:::"


class _GitBook(_Writer):
    def code(self, text):
        inner = f'{{% tab title="Answer" %}}\n```json\n{text}\n```\n{{% endtab %}}'
        return f'{{% tabs %}}\n{inner}\n{{% endtabs %}}\n\n{{% hint style="info" %}}\nNothing.\n{{% endhint %}}'


class _MkDocs(_Writer):
    def code(self, text):
        lines = "\n".join(f"    {line}" for line in f"```json\n{text}\n```".split("\n"))
        return f'=== "Answer"\n\n{lines}\n\n!!! note "Careful"\n    Nothing.\n'

    def heading(self, level, text):
        return f"{'#' * level} {text} {{: #anchor }}"


class _PandocSimple(_Writer):
    def table(self, header, rows):
        widths = [max(len(cell) for cell in column) + 2 for column in zip(header, *rows, strict=True)]
        lines = [header, ["-" * width for width in widths], *rows]
        return "\n".join(
            "  " + " ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in lines
        )

    def code(self, text):
        return f"``` {{.json .numberLines}}\n{text}\n```\n\n::: {{.note}}\nNothing.\n:::"

    def heading(self, level, text):
        return f"{'#' * level} {text} {{#anchor .unnumbered}}"


class _PandocMultiline(_PandocSimple):
    def table(self, header, rows):
        lines = super().table(header, rows).split("\n")
        line = "  " + "-" * 60
        return "\n".join([line, *lines[:2], *(f"{row}\n" for row in lines[2:]), line])


class _PandocGrid(_Writer):
    def table(self, header, rows):
        widths = [max(len(cell) for cell in column) + 2 for column in zip(header, *rows, strict=True)]

        def line(mark):
            return "+" + "+".join(mark * width for width in widths) + "+"

        def cells(row):
            shown = (f" {cell}".ljust(width) for cell, width in zip(row, widths, strict=True))
            return "|" + "|".join(shown) + "|"

        return "\n".join([line("-"), cells(header), line("="), *(f"{cells(row)}\n{line('-')}" for row in rows)])


class _Lists(_Writer):
    """Parameters as a list with what is said of each below it."""

    def table(self, header, rows):
        if "Mandatory" not in header:
            return super().table(header, rows)
        out = []
        for row in rows:
            said = dict(zip(header, row, strict=True))
            out.append(f"- `{said['Name']}`")
            out += [f"    - {name}: {self.text(said.get(name, ''))}" for name in header[1:] if said.get(name)]
        return "\n".join(out)


class _OneLineLists(_Lists):
    def table(self, header, rows):
        if "Mandatory" not in header:
            return super().table(header, rows)
        needed = {"YES": "mandatory", "NO": "optional"}
        told = [{"Description": "", **dict(zip(header, row, strict=True))} for row in rows]
        return "\n".join(
            f"* **{one['Name']}** ({one['Type']}, {needed[one['Mandatory']]}): {self.text(one['Description'])}"
            for one in told
        )


class _Windows(_Writer):
    def page(self, blocks, url):
        return "\ufeff" + super().page(blocks, url).replace("\n", "\r\n")


class _Callouts(_Writer):
    def code(self, text):
        return super().code(text) + "\n\n> [!NOTE]\n> Nothing."


WRITERS = [_Writer, *_Writer.__subclasses__(), _PandocMultiline, _OneLineLists]


def read(name, data, product="usdm"):
    page = read_page(name, data)
    return page, extract(page, product, PRODUCTS)


@cache
def known(name):
    return read(name, (PAGES / name).read_bytes(), KNOWN[name])


@pytest.mark.parametrize("writer", WRITERS)
def test_a_page_of_any_writer_gives_the_same_contract(writer):
    for name, product in KNOWN.items():
        page, expected = known(name)
        text = writer().page(page.blocks, page.url)
        _, found = read("page.md", text.encode(), product)
        assert [one.subject for one in found.contracts] == [one.subject for one in expected.contracts], (name, text)
        for one, other in zip(found.contracts, expected.contracts, strict=True):
            assert [example.response for example in one.examples] == [example.response for example in other.examples]
            assert (one.title, one.docs_url, one.id) == (other.title, other.docs_url, other.id)


PAGE = """---
source: https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Thing
---

# Thing

## HTTP Request

GET `/fapi/v1/thing`

## Request Parameters

{parameters}

## Response Example

{response}
"""
TABLE = "| Name | Type | Mandatory |\n|---|---|---|\n| a | INT | NO |"
ANSWER = "```json\n{}\n```"


@pytest.mark.parametrize(
    ("parameters", "response", "said"),
    [
        ("| Name | Meaning |\n|---|---|\n| a | what |", ANSWER, "its columns are Name, Meaning"),
        (
            "- `symbol`: which one\n- `limit`: how many",
            ANSWER,
            "lists parameters .* beginning with 'symbol: which one'",
        ),
        (TABLE, "Nothing to see.", "holds no response example"),
        (TABLE, "```json\n{", "has no end"),
        (TABLE, '```json\n{"a": }\n```', "cannot be read"),
    ],
)
def test_half_a_page_is_refused_with_what_is_missing(parameters, response, said):
    with pytest.raises(PageError, match=said):
        read("page.md", PAGE.format(parameters=parameters, response=response).encode())


def test_a_page_without_parameters_is_whole():
    for none in ("NONE", "None.", "No parameters"):
        _, found = read("page.md", PAGE.format(parameters=none, response=ANSWER).encode())
        assert found.contracts[0].params == ()


@pytest.mark.parametrize(
    "text",
    [
        "```\n:::note\nimport x from 'y';\n=== \"Tab\"\n----  ----\n```",
        "~~~~\n+---+\n| a |\n+---+\n~~~~",
        "a == b\n\nimport this from somewhere else\n\n1 + 1",
        "| a |\n|---|\n| - |",
    ],
)
def test_code_and_text_stay_as_they_are(text):
    assert plain(text) == text


def test_lines_keep_their_numbers():
    text = "+---+\n| a |\n+===+\n| b |\n+---+\n\n:::note\nx\n:::\n\n!!! note\n    y\n\n```\n{"
    assert len(plain(text).split("\n")) == len(text.split("\n"))


@pytest.mark.parametrize(
    "line",
    [
        "import" + " " * 200_000,
        "#" + " " * 200_000 + "{",
        "-" * 200_000 + " x",
        "-- " * 70_000 + "x",
        "!!! " + "a " * 100_000 + '"',
        "+" + "-" * 200_000,
        "::: " + "{" * 200_000,
    ],
)
def test_a_line_that_is_made_to_exhaust_a_reader_is_text(line):
    assert plain(f"a\n{line}\n{line}\nb").count("\n") == 3
