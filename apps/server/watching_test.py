"""The board and the rules of deploy/: a real Prometheus scrapes a real server and answers every query of both."""

import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import yaml
from program import ROOT, done, orrery
from server_fixture import Server, serving, wait_until, write_runs

DEPLOY = ROOT / "deploy"
BOARD = json.loads((DEPLOY / "grafana/orrery.json").read_text())
RULES = yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text())["groups"][0]["rules"]
FEATURES = "data: {path: market/ohlcv.parquet}\nviews: {v: {features: {close: $close}}}\n"

pytestmark = pytest.mark.skipif(
    shutil.which("prometheus") is None, reason="prometheus is not installed; tools/setup.sh check installs it"
)


def board_queries() -> list[tuple[str, str]]:
    return [(panel["title"], target["expr"]) for panel in BOARD["panels"] for target in panel["targets"]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("watched")
    write_runs(folder)
    (folder / "features.yaml").write_text(FEATURES)
    done("feature", "materialize", str(folder / "features.yaml"))
    with serving(folder / "data", "--features", str(folder / "features.yaml")) as server:
        yield server


@pytest.fixture(scope="module")
def prometheus(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Prometheus with the files of deploy/, but for addresses and pauses; gives its address."""
    folder = tmp_path_factory.mktemp("prometheus")
    config = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["scrape_configs"][0]["static_configs"][0]["targets"] = [server.url.removeprefix("http://")]
    (folder / "orrery.token").write_text(server.new_token("viewer"))
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    shutil.copy(DEPLOY / "prometheus/alerts.yml", folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = ["prometheus", "--config.file", "prometheus.yml", "--storage.tsdb.path", "data", "--web.listen-address"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([*command, address], cwd=folder, stdout=log, stderr=log)
    try:
        for _ in range(12):  # half a minute of a server's life, a second a scrape
            server.ask("POST", "/api/v1/features/online", json={"symbols": ["SIM00001"]})
            server.ask("GET", "/api/v1/me", token="orrery_nobody")
            time.sleep(0.5)

        def has_scraped() -> bool:
            try:
                found = query(f"http://{address}", 'count_over_time(up{job="orrery"}[1m])')
            except requests.ConnectionError:
                return False
            return bool(found) and float(found[0]["value"][1]) >= 4

        wait_until(has_scraped)
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait()


def query(address: str, expression: str) -> list[dict]:
    answer = requests.get(address + "/api/v1/query", params={"query": expression}, timeout=10).json()
    assert answer["status"] == "success", answer
    return answer["data"]["result"]


@pytest.mark.parametrize(("title", "expression"), board_queries())
def test_the_board_shows_something(prometheus: str, title: str, expression: str) -> None:
    asked = expression.replace("$__rate_interval", "30s").replace("$instance", ".*")
    assert "$" not in asked, title
    assert query(prometheus, asked), f"{title}: no data for {asked}"


def test_the_board_chooses_servers_that_there_are(prometheus: str, server: Server) -> None:
    values = [one for one in BOARD["templating"]["list"] if one["name"] == "instance"]
    found = re.fullmatch(r"label_values\((\w+), (\w+)\)", values[0]["query"])
    series = requests.get(prometheus + f"/api/v1/label/{found[2]}/values", params={"match[]": found[1]}, timeout=10)
    assert series.json()["data"] == [server.url.removeprefix("http://")]


def test_every_rule_is_evaluated(prometheus: str) -> None:
    def rules() -> list[dict]:
        groups = requests.get(prometheus + "/api/v1/rules", timeout=10).json()["data"]["groups"]
        return [rule for group in groups for rule in group["rules"]]

    wait_until(lambda: all(rule["health"] == "ok" for rule in rules()))
    assert [rule["name"] for rule in rules()] == [rule["alert"] for rule in RULES]
    states = {rule["name"]: rule["state"] for rule in rules()}
    assert states["OrreryAway"] == "inactive"
    assert states["OrreryHasNoRun"] == "inactive"
    assert states["OrreryFeaturesAreOld"] == "pending"  # of 2018


def test_rules_are_of_figures_that_there_are(server: Server) -> None:
    figures = set(re.findall(r"^(orrery_\w+)", server.ask("GET", "/metrics").text, re.MULTILINE))
    operations = set(re.findall(r'"operationId":"(\w+)"', server.ask("GET", "/api/v1/openapi.json").text))
    for rule in RULES:
        for name in re.findall(r"orrery_\w+", rule["expr"]):
            assert name in figures, (rule["alert"], name)
        for names in re.findall(r'operation=~"([^"]*)"', rule["expr"]):
            assert operations >= set(names.split("|")), rule["alert"]


# What a server in trouble looks like, minute by minute, and the rule that has to see it.
TROUBLE = {
    "OrreryAway": {'up{job="orrery",instance="a"}': "0x30"},
    "OrreryAnswersFail": {
        'orrery_http_requests_total{instance="a",status="200"}': "0+60x30",
        'orrery_http_requests_total{instance="a",status="500"}': "0+3x30",
    },
    "OrreryRefusesMuch": {'orrery_http_requests_total{instance="a",status="401"}': "0+600x30"},
    "OrreryAnswersSlowly": {
        'orrery_http_request_seconds_bucket{instance="a",operation="getOnlineFeatures",le="0.1"}': "0+50x30",
        'orrery_http_request_seconds_bucket{instance="a",operation="getOnlineFeatures",le="1"}': "0+60x30",
        'orrery_http_request_seconds_bucket{instance="a",operation="getOnlineFeatures",le="+Inf"}': "0+60x30",
    },
    "OrreryFeaturesAreOld": {'orrery_feature_age_seconds{instance="a",view="v"}': "400000x30"},
    "OrreryFeaturesAreNotWrittenDown": {'orrery_feature_records_dropped{instance="a"}': "0+1x30"},
    "OrreryHasNoRun": {'orrery_runs{instance="a"}': "0x30"},
    "OrreryLadderHasStopped": {'orrery_account_level{instance="a",account="c"}': "4x30"},
    "OrreryModelFades": {
        'orrery_run_rank_ic_recent{instance="a",run="r"}': "-0.01x30",
        'orrery_run_rank_ic{instance="a",run="r"}': "0.03x30",
    },
}
# And one that is well.
WELL = {
    'up{job="orrery",instance="b"}': "1x30",
    'orrery_http_requests_total{instance="b",status="200"}': "0+6000x30",
    'orrery_http_requests_total{instance="b",status="500"}': "0+1x30",
    'orrery_http_request_seconds_bucket{instance="b",operation="getOnlineFeatures",le="0.1"}': "0+6000x30",
    'orrery_http_request_seconds_bucket{instance="b",operation="getOnlineFeatures",le="+Inf"}': "0+6000x30",
    'orrery_feature_age_seconds{instance="b",view="v"}': "3600+60x30",
    'orrery_feature_records_dropped{instance="b"}': "7x30",
    'orrery_runs{instance="b"}': "3x30",
    'orrery_account_level{instance="b",account="c"}': "1x30",
    'orrery_run_rank_ic_recent{instance="b",run="r"}': "0.01x30",
    'orrery_run_rank_ic{instance="b",run="r"}': "0.03x30",
}


def test_every_rule_sees_its_trouble_and_nothing_else(tmp_path: Path) -> None:
    assert list(TROUBLE) == [rule["alert"] for rule in RULES]
    tests = []
    for alert, series in {**TROUBLE, "": {}}.items():
        all_series = [{"series": name, "values": values} for name, values in {**WELL, **series}.items()]
        expected = [{"labels": f'{{alertname="{alert}"}}', "value": 1}] if alert else []
        fired = 'count by (alertname) (ALERTS{alertstate="firing"})'
        case = {"expr": fired, "eval_time": "29m", "exp_samples": expected}
        tests.append({"interval": "1m", "input_series": all_series, "promql_expr_test": [case]})
    file = tmp_path / "tests.yml"
    file.write_text(yaml.safe_dump({"rule_files": [str(DEPLOY / "prometheus/alerts.yml")], "tests": tests}))
    answer = subprocess.run(["promtool", "test", "rules", str(file)], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_nothing_is_left_out_of_the_record(server: Server) -> None:
    assert orrery("feature", "audit", str(server.data.parent / "features.yaml")).returncode == 0
