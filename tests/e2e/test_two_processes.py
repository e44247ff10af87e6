"""Two web processes behind a real Caddy: one home, one scheduler, and one that is killed."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from cnn.training.store import RunStore
from tests.e2e.server import ROOT, Server, free_port, installed, wait_until_answered
from tests.training.clusters import cluster, killed
from tests.training.engines import until

PROCESS_COOKIE = "cnn_playground_web"
LONG = "/Train?net=flatten_dense8-relu_softmax&train=adam_rate0.001_batch8_epochs100_seed1"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path, list[Server]]]:
    """The address of the proxy, the home folder, and the web processes behind the proxy."""
    with ExitStack() as stack:
        # Its path is short enough for a Unix socket.
        home = Path(stack.enter_context(TemporaryDirectory(ignore_cleanup_errors=True)))
        scheduler, _ = cluster(stack, 1)
        servers = [
            Server(
                home,
                CNN_PLAYGROUND_SCHEDULER=scheduler,
                STREAMLIT_SERVER_COOKIE_SECRET="the same for both",
            )
            for _ in range(2)
        ]
        for server in servers:
            stack.callback(server.kill)
        port = free_port()
        upstreams = " ".join(server.url.removeprefix("http://") for server in servers)
        environment = {
            "SITE_ADDRESS": f"http://127.0.0.1:{port}",
            "WEB_PROCESSES": f"to {upstreams}",
            "XDG_DATA_HOME": str(tmp_path),
            "XDG_CONFIG_HOME": str(tmp_path),
        }
        proxy = subprocess.Popen(
            [
                installed("caddy", "caddy"),
                "run",
                "--config",
                "hosting/Caddyfile",
                "--adapter",
                "caddyfile",
            ],
            cwd=ROOT,
            env=os.environ | environment,
            stderr=subprocess.DEVNULL,
        )
        stack.callback(killed, proxy)
        url = environment["SITE_ADDRESS"]
        wait_until_answered(f"{url}/_stcore/health")
        yield url, home, servers


def opened(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


def process(context: BrowserContext) -> str:
    """What the proxy calls the process that a browser is at."""
    [cookie] = [one for one in context.cookies() if one["name"] == PROCESS_COOKIE]
    return str(cookie["value"])


def epoch(page: Page) -> int:
    """The epoch that the page says the run is in."""
    match = re.search(r"Epoch (\d+) of 100", page.get_by_role("main").inner_text())
    return int(match[1]) if match else 0


def test_another_process_goes_on_when_the_one_with_the_queue_is_killed(
    site: tuple[str, Path, list[Server]], chromium: Browser
) -> None:
    url, home, servers = site
    owner = chromium.new_context()
    mine = opened(owner, url + LONG)
    mine.get_by_role("button", name="Train", exact=True).click()
    expect(mine).to_have_url(re.compile("run="))
    until(lambda: epoch(mine) >= 2)

    for _ in range(20):
        follower = chromium.new_context()
        theirs = opened(follower, mine.url)
        if process(follower) != process(owner):
            break
        follower.close()
    assert process(follower) != process(owner)
    before = epoch(theirs)
    until(lambda: epoch(theirs) > max(before, 2))
    expect(theirs.get_by_role("button", name="Stop")).to_have_count(0)

    run = re.search(r"run=([\w-]+)", mine.url)
    assert run is not None
    store = RunStore(home / "runs")
    [leader] = [server for server in servers if _holds(home / "runs", server)]
    leader.kill()
    at_its_death = store.run(run[1]).last_epoch
    until(lambda: store.run(run[1]).last_epoch > at_its_death + 1)
    until(lambda: epoch(theirs) > at_its_death)
    mine.reload()
    expect(mine.get_by_role("button", name="Stop")).to_be_visible()
    assert process(owner) == process(follower)
    mine.get_by_role("button", name="Stop").click()
    until(lambda: store.run(run[1]).status == "stopped")
    owner.close()
    follower.close()


def _holds(folder: Path, server: Server) -> bool:
    """Whether a web process has the lease of a folder."""
    sockets = psutil.Process(server.process_id).net_connections("unix")
    return any(one.laddr == str(folder / ".lease.socket") for one in sockets)
