"""A run that cannot start, cannot write or ends early says so, and leaves nothing that speaks for another run."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import sys

import pytest
from checkout import ROOT
from wireproof_command import Suite

from wireproof.cli import main
from wireproof.contract.store import load_store
from wireproof.contract.variables import URL_NAMES, VARIABLES, known_variables
from wireproof.errors import ConfigurationError
from wireproof.report import files
from wireproof.report.history import load_history
from wireproof.report.summary import summary_markdown, terminal_summary
from wireproof.results.model import RunResult
from wireproof.results.run_summary import gather, headline
from wireproof.suite.target import open_target

OF_ONE_RUN = ["result.json", "observations.jsonl", "summary.md", "junit.xml", "index.html", "allure/index.html"]


@pytest.fixture
def wireproof(venue, tmp_path):
    """Return what runs the command in a folder of its own, pointed at the venue by its credentials file alone."""
    venue.write_credentials(tmp_path / "credentials.json")
    suite = Suite(tmp_path)
    suite.environ = {
        "PATH": os.environ["PATH"],
        "PYTHONDONTWRITEBYTECODE": "1",
        "WIREPROOF_CONTRACTS": f"{ROOT}/contracts",
        "WIREPROOF_CREDENTIALS": str(tmp_path / "credentials.json"),
    }

    async def run(*arguments, selection="ws-api/ticker.price", environ=None, preexec_fn=None):
        """Run it; in a process of its own where `preexec_fn` limits that."""
        suite.environ |= environ or {}
        arguments = ("run", "--no-html", "--product", "usdm", "-k", selection, *arguments)
        if preexec_fn is None:
            status, printed = await suite.command(*arguments)
        else:
            process = await suite.start(*arguments, preexec_fn=preexec_fn)
            output, _ = await asyncio.wait_for(process.communicate(), 120)
            status, printed = process.returncode, output.decode()
        assert "Traceback" not in printed, printed
        assert "INTERNALERROR" not in printed, printed
        return status, printed

    run.start = suite.start
    return run


def seed(reports):
    """Put the word of an older run into a folder."""
    (reports / "allure").mkdir(parents=True)
    for name in OF_ONE_RUN:
        (reports / name).write_text('{"run": "older"}', "utf-8")
    (reports / "history.jsonl").write_text("", "utf-8")


def left(reports):
    return [name for name in OF_ONE_RUN if (reports / name).exists()]


# -- where reports are written -----------------------------------------------------------------------------------------


def _a_file(reports):
    reports.write_text("x", "utf-8")


def _below_a_file(reports):
    reports.parent.write_text("x", "utf-8")


def _file_inside(name):
    def make(reports):
        reports.mkdir()
        (reports / name).write_text("x", "utf-8")

    return make


def _folder_inside(name):
    return lambda reports: (reports / name).mkdir(parents=True)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        pytest.param(_a_file, "reports", id="a file"),
        pytest.param(_below_a_file, "file/reports", id="below a file"),
        pytest.param(_file_inside("allure-results"), "reports", id="its allure-results a file"),
        pytest.param(_file_inside("allure"), "reports", id="its allure a file"),
        pytest.param(_folder_inside("result.json"), "reports", id="its result a folder"),
        pytest.param(_folder_inside("history.jsonl"), "reports", id="its history a folder"),
    ],
)
async def test_reports_that_cannot_be_written_are_refused_before_anything_is_sent(
    wireproof, venue, tmp_path, make, name
):
    make(tmp_path / name)
    status, printed = await wireproof("--reports", name)
    assert (status, len(printed.splitlines())) == (2, 1), printed
    assert name.partition("/")[0] in printed
    assert venue.control.state()["requests"] == {}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_folder_without_permission_is_refused(wireproof, tmp_path):
    (tmp_path / "reports").mkdir(mode=0o500)
    status, printed = await wireproof()
    assert (status, len(printed.splitlines())) == (2, 1), printed


@pytest.mark.parametrize(
    ("file", "content"),
    [("usdm/waivers.json", b'{"waivers": ['), ("baseline.json", bytes(range(256)))],
    ids=["waivers", "baseline"],
)
async def test_a_broken_overlay_is_refused_before_anything_is_sent(wireproof, venue, tmp_path, file, content):
    (place := tmp_path / "own" / file).parent.mkdir(parents=True)
    place.write_bytes(content)
    seed(tmp_path / "reports")
    status, printed = await wireproof(environ={"WIREPROOF_OVERLAY": "own"})
    assert status == 2, printed
    assert f"ERROR: own/{file}: is not JSON: " in printed
    assert "Exit" not in printed
    assert left(tmp_path / "reports") == []
    assert venue.control.state()["requests"] == {}


async def test_a_corrupt_history_is_set_aside_and_said_and_the_run_goes_on(wireproof, tmp_path):
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "history.jsonl").write_bytes(b"\xff\x00 no history\n")
    status, printed = await wireproof(selection="ws-api/ticker.price/symbol-sent")
    assert status == 0, printed
    assert "history.broken.jsonl" in (tmp_path / "reports" / "summary.md").read_text("utf-8")
    assert (tmp_path / "reports" / "history.broken.jsonl").read_bytes() == b"\xff\x00 no history\n"
    assert len(load_history(tmp_path / "reports" / "history.jsonl").entries) == 1


def full(size):
    """Return what lets no file of a process grow beyond a size: the errors are those of a full disk.

    Such a process must write no bytecode, which Python would leave cut short.
    """

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@pytest.mark.parametrize("size", [64, 1024, 4096])
async def test_a_full_disk_is_one_sentence_and_4_and_leaves_no_verdict(wireproof, tmp_path, size):
    """Whatever is written first: results of Allure, pytest's own files, or ours."""
    seed(tmp_path / "reports")
    status, printed = await wireproof(preexec_fn=full(size))
    assert status == 4, printed
    assert printed.count("Reports cannot be written to") == 1, printed
    assert left(tmp_path / "reports") == []


async def test_a_full_disk_leaves_nothing_on_the_account(wireproof, venue):
    """Neither hedge mode nor a listen key, whatever could not be remembered any more."""
    selection = "usdm/event/ORDER_TRADE_UPDATE/new or usdm/ws-api/order.place/hedge or userDataStream"
    for size in (64, 400, 2000):
        status, printed = await wireproof(selection=selection, preexec_fn=full(size))
        assert status == 4, printed
        assert "cannot be written" in printed
        state = venue.control.state()["accounts"].values()
        assert not any(account["open_orders"] or account["listen_key"]["active"] for account in state)
        assert not any(account.hedge_mode for account in venue.accounts)


async def test_a_full_disk_is_named_by_plain_pytest_too(wireproof, tmp_path):
    """The plugin stands behind both."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pytest", "tests/contract", "-k", "usdm/ws-api/ticker.price", "-q"),
        *("--reports", str(tmp_path / "reports"), "-p", "no:cacheprovider"),
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONDONTWRITEBYTECODE": "1",
            "WIREPROOF_CREDENTIALS": str(tmp_path / "credentials.json"),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        preexec_fn=full(2048),
    )
    printed, _ = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 4, printed.decode()
    assert b"Reports cannot be written to" in printed


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_whatever_cannot_be_written_takes_the_rest_with_it(tmp_path, monkeypatch, nth):
    """The result is whole or absent, and absent when the summary or the observations are."""
    written = []
    replace = files.replace_file

    def failing(file, content):
        written.append(file)
        if len(written) == nth:
            raise OSError(28, "No space left on device")
        return replace(file, content)

    monkeypatch.setattr(files, "replace_file", failing)
    run = RunResult(run="r", version="0", target="local", endpoints={})
    with pytest.raises(OSError, match="No space"):
        files.write_reports(run, tmp_path)
    assert left(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


# -- a run that ends early ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "environ"),
    [
        pytest.param(("--nonsense",), {}, id="unknown option"),
        pytest.param(("-k", "no case is called so"), {}, id="empty selection"),
        pytest.param((), {"WIREPROOF_CREDENTIALS": "/nowhere"}, id="no credentials"),
        pytest.param((), {"WIREPROOF_CONTRACTS": "/nowhere"}, id="no contracts"),
        pytest.param((), {"WIREPROOF_TODAY": "yesterday"}, id="no day"),
        pytest.param(("--target", "live", "--allow-trading"), {"WIREPROOF_CREDENTIALS": ""}, id="no cap"),
    ],
)
async def test_a_run_that_does_not_start_leaves_no_older_verdict(wireproof, tmp_path, arguments, environ):
    seed(tmp_path / "reports")
    status, printed = await wireproof(*arguments, environ=environ)
    assert status == 2, printed
    assert left(tmp_path / "reports") == []
    assert (tmp_path / "reports" / "history.jsonl").exists()


async def test_a_run_that_is_killed_leaves_no_older_verdict(wireproof, venue, tmp_path):
    seed(tmp_path / "reports")
    process = await wireproof.start("run", "--no-html", "--product", "usdm")
    async with asyncio.timeout(60):
        while not venue.control.state()["requests"]:  # noqa: ASYNC110  # another process changes it
            await asyncio.sleep(0.01)
    process.kill()
    await process.communicate()
    assert left(tmp_path / "reports") == []


async def test_looking_at_the_selection_leaves_the_last_run_where_it_is(wireproof, tmp_path):
    seed(tmp_path / "reports")
    status, printed = await wireproof("--collect-only")
    assert status == 0, printed
    assert left(tmp_path / "reports") == OF_ONE_RUN


# -- variables of the environment --------------------------------------------------------------------------------------


async def test_what_the_environment_says_to_pytest_does_not_reach_a_run(wireproof, tmp_path):
    environ = {
        "PYTEST_ADDOPTS": "--nonsense -k nothing --co",
        "PYTEST_PLUGINS": "no_such_plugin",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    status, printed = await wireproof(environ=environ)
    assert status == 0, printed
    assert json.loads((tmp_path / "reports" / "result.json").read_text("utf-8"))["exercised"] == 3
    assert len(list((tmp_path / "reports" / "allure-results").glob("*-result.json"))) == 3


@pytest.mark.parametrize("command", [["plan"], ["contracts", "list"], ["compare", "a", "b"], ["run"], ["prove"]])
@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("WIREPROOF_CREDENTIAL", "WIREPROOF_CREDENTIALS"),
        ("WIREPROOF_USMD_REST_URL", "WIREPROOF_USDM_REST_URL"),
        ("WIREPROOF_COINM_RESTURL", "WIREPROOF_COINM_REST_URL"),
        ("WIREPROOF_API_SECRETS", "WIREPROOF_API_SECRET"),
        ("WIREPROOF_TODAI", "WIREPROOF_TODAY"),
    ],
)
def test_a_variable_that_nobody_reads_is_an_error_with_the_nearest(monkeypatch, capsys, command, name, nearest):
    monkeypatch.setenv(name, "x")
    assert main(command) == 2
    said = capsys.readouterr().err
    assert f"The environment sets {name}, which wireproof does not know. Did you mean '{nearest}'?" in said


def test_every_variable_that_the_source_names_is_known():
    """One table: a variable that a module reads and that is not in it would be refused."""
    import re  # noqa: PLC0415

    known = known_variables({})
    sources = [*(ROOT / "src").rglob("*.py"), ROOT / "README.md", ROOT / "docs/targets.md"]
    named = {name for file in sources for name in re.findall(r"\bWIREPROOF_[A-Z_]+[A-Z]\b", file.read_text("utf-8"))}
    assert named - known == set()
    assert set(VARIABLES) <= named | {"WIREPROOF_ALLURE"}
    assert {f"WIREPROOF_PORTFOLIO_MARGIN_PRO_{name}" for name in URL_NAMES} <= known


# -- the venue of a credentials file -----------------------------------------------------------------------------------


async def test_the_credentials_file_alone_means_its_venue(venue, tmp_path):
    """Every URL of every product comes from it; none is a venue of the run's own, or an exchange's."""
    venue.write_credentials(tmp_path / "c.json")
    products = list(load_store(ROOT / "contracts").products.values())
    target = open_target("local", products, environ={"WIREPROOF_CREDENTIALS": str(tmp_path / "c.json")})
    assert target.venue is None
    host = f"127.0.0.1:{venue.port}"
    assert {url.split("/")[2] for url in target.urls.values() if url} == {host}
    for product in products:
        for surface in product.hosts:
            assert target.endpoints_of(product.product).require(surface.value)
    assert target.urls["coinm ws-api"] == venue.urls["coinm"]["ws-api"]
    assert target.urls["coinm stream"] == venue.urls["coinm"]["stream"]
    assert target.elsewhere == (host,)


async def test_an_endpoint_of_the_environment_comes_before_that_of_the_file(venue, tmp_path):
    venue.write_credentials(tmp_path / "c.json")
    environ = {"WIREPROOF_CREDENTIALS": str(tmp_path / "c.json"), "WIREPROOF_USDM_REST_URL": "http://127.0.0.1:9"}
    target = open_target("local", [load_store(ROOT / "contracts").products["usdm"]], environ=environ)
    assert target.endpoints_of("usdm").rest == "http://127.0.0.1:9"
    assert target.endpoints_of("usdm").ws_api == venue.ws_api_url


@pytest.mark.parametrize("name", ["testnet", "live"])
async def test_the_keys_of_a_venue_are_never_sent_to_an_exchange(venue, tmp_path, name):
    venue.write_credentials(tmp_path / "c.json")
    environ = {"WIREPROOF_CREDENTIALS": str(tmp_path / "c.json")}
    with pytest.raises(ConfigurationError, match="Use --target local"):
        open_target(name, [load_store(ROOT / "contracts").products["usdm"]], environ=environ)


def test_a_file_of_keys_without_addresses_is_refused(tmp_path):
    """A venue of the run's own would not know them."""
    account = {"name": "a", "key_type": "HMAC", "api_key": "k", "api_secret": "s"}
    (tmp_path / "c.json").write_text(json.dumps({"accounts": [account]}), "utf-8")
    environ = {"WIREPROOF_CREDENTIALS": str(tmp_path / "c.json")}
    with pytest.raises(ConfigurationError, match=r"c\.json, which says nothing of where usdm is served"):
        open_target("local", [load_store(ROOT / "contracts").products["usdm"]], environ=environ)


@pytest.mark.parametrize(
    ("elsewhere", "place"),
    [([], "on testnet"), (["127.0.0.1:9"], "on testnet (127.0.0.1:9)"), (["a:1", "b:2"], "on testnet (a:1, b:2)")],
)
def test_the_headline_names_the_target_and_what_stands_in_for_it(tmp_path, elsewhere, place):
    """In the terminal, in the first line of the summary and in the HTML report."""
    run = RunResult(run="r", version="0", target="testnet", endpoints={}, selected=1, exercised=1, elsewhere=elsewhere)
    history = load_history(tmp_path / "history.jsonl")
    assert place in headline(run)
    assert place in summary_markdown(gather(run), history).splitlines()[0]
    assert place in " ".join(terminal_summary(gather(run), history)[:2])
