"""The local platforms as a process of their own, as fault tests and benchmarks use them."""

import json
import subprocess
import sys
import urllib.request

import pytest

from apps.collectors import registry
from apps.collectors.types import Target, Unavailable
from tests.platforms import youtube
from tests.platforms.world import invented


@pytest.fixture
def process():
    command = [sys.executable, "-m", "tests.platforms.serve", "--invents"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:  # noqa: S603 (our own)
        addresses = dict(running.stdout.readline().split() for _ in range(11))
        yield addresses
        running.terminate()


def test_process_is_steered_while_it_runs(process):
    base = process["bluesky"].rpartition("/")[0]

    def control(**command):
        with urllib.request.urlopen(f"{base}/control", json.dumps(command).encode()) as answer:  # noqa: S310
            return json.load(answer)

    collector = registry.COLLECTORS["bluesky"](api_url=process["bluesky"])
    target = Target("bluesky", "a.kz")
    assert collector.fetch([target])[0].followers == invented("a.kz")
    control(do="set", platform="bluesky", handle="a.kz", followers=7)
    assert collector.fetch([target])[0].followers == 7
    control(do="fail", platform="bluesky", faults=["500"], always=True)
    with pytest.raises(Unavailable):
        collector.fetch([target])
    control(do="recover", platform="bluesky")
    assert collector.fetch([target])[0].followers == 7
    assert control(do="ask")["requests"] == {"bluesky": 4}


@pytest.mark.parametrize(
    ("platform", "target"),
    [
        ("telegram", Target("telegram", "examplemin")),
        ("youtube", Target("youtube", "", "UC" + "a" * 22)),
        ("bluesky", Target("bluesky", "", "did:plc:" + "a" * 24)),
        ("facebook", Target("facebook", "", "100000000000001")),
        ("instagram", Target("instagram", "examplemin")),
        ("threads", Target("threads", "examplemin")),
        ("x", Target("x", "", "1000000001")),
        ("vk", Target("vk", "", "-1001")),
        ("mastodon", Target("mastodon", "", "14715@mastodon.example")),
        ("ok", Target("ok", "", "53000000000001")),
    ],
)
def test_invented_accounts_are_found_by_what_benchmarks_ask_for(collect, world, platform, target):
    world.invents = True
    (outcome,) = collect(platform, target)
    expected = invented(target.handle or target.platform_id)
    if platform == "youtube":
        expected = youtube.rounded(expected)
    assert outcome.followers == expected
    assert outcome.platform_id in ("", target.platform_id) or not target.platform_id
