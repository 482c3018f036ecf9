"""A lake on S3 as a person uses it: the same answers as from a folder, beside the package `deltalake`, through faults."""

import json
import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake
from lake_test import facts, import_facts, rows_of
from program import BINARY, ENVIRONMENT
from s3_server import ACCESS_KEY, SECRET_KEY, TOKEN, Asked, Fault, Store, make_bucket, s3_store

PLACE = "s3://lakes/some/place"


@pytest.fixture(scope="module")
def server() -> Iterator[Store]:
    with s3_store() as store:
        make_bucket(store, "lakes")
        yield store


@pytest.fixture
def store(server: Store) -> Iterator[Store]:
    """The server, with every request signed as S3 wants it, and an empty place."""
    server.clear()
    server.complaints.clear()
    yield server
    assert server.complaints == []


@pytest.fixture
def lake(request: pytest.FixtureRequest) -> str:
    """An address of this test's own."""
    return f"{PLACE}/{request.node.name.replace('[', '-').replace(']', '')}"


def run(store: Store, *arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**ENVIRONMENT, **store.environment(**variables)}
    answer = subprocess.run(
        [str(BINARY), *arguments], capture_output=True, text=True, cwd=cwd, check=False, env=environment
    )
    for secret in (ACCESS_KEY, SECRET_KEY, TOKEN):
        assert secret not in answer.stdout + answer.stderr
    assert answer.returncode in (0, 1, 2), answer
    return answer


def said(store: Store, *arguments: str, cwd: Path) -> object:
    answer = run(store, *arguments, "--json", cwd=cwd)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def complaint(store: Store, *arguments: str, cwd: Path, **variables: str) -> str:
    answer = run(store, *arguments, cwd=cwd, **variables)
    assert answer.returncode == 1, answer.stdout
    return answer.stderr


def add(store: Store, lake: str, table: pa.Table, cwd: Path) -> None:
    pq.write_table(table, cwd / "facts.parquet")
    said(store, "import", "parquet", "facts.parquet", "--table", "macro", "--lake", lake, cwd=cwd)


def read(store: Store, lake: str, *options: str, cwd: Path) -> list[dict]:
    said(store, "data", "read", "macro", "--lake", lake, "--out", "read.parquet", *options, cwd=cwd)
    return rows_of(pq.read_table(cwd / "read.parquet"))


def options(store: Store) -> dict[str, str]:
    """As `deltalake` takes them."""
    return store.environment()


def commits(store: Store, lake: str) -> list[Asked]:
    path = lake.removeprefix("s3:/")
    return [asked for asked in store.log if asked.is_commit and asked.path.startswith(path)]


def apart_from_the_clock(answer: object) -> object:
    """An answer without when its rows were retrieved, nor the bytes of the files that hold these moments compressed."""
    if isinstance(answer, list):
        return [apart_from_the_clock(entry) for entry in answer]
    if isinstance(answer, dict):
        kept = {name: entry for name, entry in answer.items() if name not in ("retrieved_time", "bytes")}
        return {name: apart_from_the_clock(entry) for name, entry in kept.items()}
    return answer


def test_a_lake_on_s3_answers_as_a_folder_does(store: Store, lake: str, tmp_path: Path) -> None:
    def both(*arguments: str) -> tuple[object, object]:
        local = said(store, *arguments, "--lake", "lake", cwd=tmp_path)
        distant = said(store, *arguments, "--lake", lake, cwd=tmp_path)
        return local, distant

    said(store, "simulate", "--instruments", "10", "--years", "1", "--seed", "1", "--out", "market", cwd=tmp_path)
    local, distant = both("import", "prices", "market/ohlcv.parquet")
    assert {**local, "lake": ""} == {**distant, "lake": ""}
    local, distant = both("import", "prices", "market/ohlcv.parquet")  # nothing new
    assert {**local, "lake": ""} == {**distant, "lake": ""}
    for command in (["data", "tables"], ["data", "check"], ["data", "read", "bars_1d", "--rows", "5"]):
        local, distant = both(*command)
        assert apart_from_the_clock(local) == apart_from_the_clock(distant), command
    frames = []
    for place in ("lake", lake):
        said(store, "data", "read", "bars_1d", "--lake", place, "--as-of", "2100-01-01", "--out", "rows.parquet", cwd=tmp_path)  # fmt: skip
        frames.append(pq.read_table(tmp_path / "rows.parquet").drop_columns(["retrieved_time"]))
    assert frames[0].num_rows > 1000
    assert frames[0].equals(frames[1])


def test_both_write_one_table_side_by_side(store: Store, lake: str, tmp_path: Path) -> None:
    """Every version is the same for both, whoever committed it, and so it stays with each one's checkpoints."""
    expected = []
    for step in range(4):
        new = facts(f"S{step}", (step, step + 1, 1.5), (step, step + 2, None))
        expected += rows_of(new)
        if step % 2 == 0:
            add(store, lake, new, tmp_path)
        else:
            write_deltalake(f"{lake}/macro", new, mode="append", storage_options=options(store))
        theirs = DeltaTable(f"{lake}/macro", version=step + 1, storage_options=options(store))
        assert rows_of(pa.table(theirs.to_pyarrow_table())) == expected
        assert read(store, lake, "--version", str(step + 1), cwd=tmp_path) == expected
    DeltaTable(f"{lake}/macro", storage_options=options(store)).create_checkpoint()
    assert read(store, lake, cwd=tmp_path) == expected
    add(store, lake, facts("Z", (9, 9, 9.0)), tmp_path)
    said(store, "data", "compact", "macro", "--lake", lake, cwd=tmp_path)  # writes a checkpoint of our own
    theirs = DeltaTable(f"{lake}/macro", storage_options=options(store))
    assert len(theirs.file_uris()) == 1
    assert rows_of(pa.table(theirs.to_pyarrow_table())) == [*expected, *rows_of(facts("Z", (9, 9, 9.0)))]
    assert said(store, "data", "tables", "--lake", lake, cwd=tmp_path)[0]["files"] == 1


def test_a_vacuum_removes_what_no_version_needs(store: Store, lake: str, tmp_path: Path) -> None:
    for step in range(3):
        add(store, lake, facts(f"S{step}", (step, step, 1.0)), tmp_path)
    before = read(store, lake, cwd=tmp_path)
    said(store, "data", "compact", "macro", "--lake", lake, "--keep-days", "0", cwd=tmp_path)
    removed = [asked for asked in store.log if asked.method == "DELETE" and asked.path.endswith(".zstd.parquet")]
    assert len(removed) == 3
    assert read(store, lake, cwd=tmp_path) == before
    assert said(store, "data", "check", "--lake", lake, cwd=tmp_path) == []


def test_writers_of_many_processes_lose_nothing(store: Store, lake: str, tmp_path: Path) -> None:
    add(store, lake, facts("first", (1, 1, 0.0)), tmp_path)

    def ours(writer: int) -> None:
        folder = tmp_path / f"writer{writer}"
        folder.mkdir()
        for step in range(4):
            add(store, lake, facts(f"W{writer}-{step}", (step, step, float(step))), folder)

    def theirs() -> None:
        for step in range(4):
            write_deltalake(f"{lake}/macro", facts(f"D-{step}", (step, step, 1.0)), mode="append", storage_options=options(store))  # fmt: skip

    with ThreadPoolExecutor(5) as pool:
        for work in [*(pool.submit(ours, writer) for writer in range(4)), pool.submit(theirs)]:
            work.result()
    found = [row["series"] for row in read(store, lake, cwd=tmp_path)]
    expected = ["first", *(f"D-{step}" for step in range(4)), *(f"W{w}-{s}" for w in range(4) for s in range(4))]
    assert sorted(found) == sorted(expected)
    lost_races = [asked for asked in commits(store, lake) if asked.status == 412]
    assert lost_races, "no two writers met: the test shows nothing"
    stored = [asked.path for asked in commits(store, lake) if asked.status == 200]
    assert len(stored) == len(set(stored)) == len(expected) + 1  # and the one that made the table


FAULTS = ["internal_error", "slow_down", "slow", "cut", "lost_answer", "lost_request"]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_a_passing_fault_goes_unnoticed(store: Store, lake: str, tmp_path: Path, method: str, fault: str) -> None:
    """The first two requests of a kind fail, of reads as of writes; nothing is lost and nothing is there twice."""
    if method == "HEAD" and fault in ("cut", "slow"):
        fault = "lost_answer"  # an answer without a body
    add(store, lake, facts("A", (1, 1, 1.0)), tmp_path)
    store.clear()
    store.faults.append(Fault(fault, lambda asked: asked.method == method, times=2))
    add(store, lake, facts("B", (2, 2, 2.0)), tmp_path)
    assert [row["series"] for row in read(store, lake, cwd=tmp_path)] == ["A", "B"]
    assert store.faults[0].times == 0
    assert said(store, "data", "tables", "--lake", lake, cwd=tmp_path)[0]["version"] == 2


@pytest.mark.parametrize("fault", [*FAULTS, "late_conflict"])
def test_a_commit_of_unknown_end_is_there_once(store: Store, lake: str, tmp_path: Path, fault: str) -> None:
    add(store, lake, facts("A", (1, 1, 1.0)), tmp_path)
    store.faults.append(Fault(fault, lambda asked: asked.is_commit))
    add(store, lake, facts("B", (2, 2, 2.0)), tmp_path)
    assert store.faults[0].times == 0
    assert [row["series"] for row in read(store, lake, cwd=tmp_path)] == ["A", "B"]
    assert said(store, "data", "tables", "--lake", lake, cwd=tmp_path)[0]["version"] == 2


def test_a_lasting_fault_is_named_without_keys(store: Store, lake: str, tmp_path: Path) -> None:
    add(store, lake, facts("A", (1, 1, 1.0)), tmp_path)
    pq.write_table(facts("B", (2, 2, 2.0)), tmp_path / "facts.parquet")
    append = ["import", "parquet", "facts.parquet", "--table", "macro", "--lake", lake]
    store.faults.append(Fault("denied", lambda asked: asked.is_commit, times=99))
    message = complaint(store, *append, cwd=tmp_path)
    assert f"can't write {lake}/macro/_delta_log/00000000000000000002.json: status 403 AccessDenied" in message
    store.clear()
    store.faults.append(Fault("denied", lambda asked: asked.method == "PUT", times=99))
    assert "can't write " + lake in complaint(store, *append, cwd=tmp_path)
    store.clear()
    store.faults.append(Fault("denied", lambda asked: asked.method in ("GET", "HEAD"), times=99))
    assert "s3://lakes" in complaint(store, "data", "read", "macro", "--lake", lake, cwd=tmp_path)
    store.clear()
    store.faults.append(Fault("lost_request", lambda asked: asked.path.endswith(".zstd.parquet"), times=999))
    message = complaint(store, "data", "read", "macro", "--lake", lake, cwd=tmp_path)
    assert "can't read " + lake in message
    assert "damaged" not in message
    store.clear()
    assert [row["series"] for row in read(store, lake, cwd=tmp_path)] == ["A"]


def test_a_server_without_conditions_is_refused_before_anything_is_lost(
    store: Store, lake: str, tmp_path: Path
) -> None:
    pq.write_table(facts("A", (1, 1, 1.0)), tmp_path / "facts.parquet")
    store.faults.append(Fault("no_conditions", lambda asked: "if-none-match" in asked.headers, times=99))
    append = ["import", "parquet", "facts.parquet", "--table", "macro", "--lake", lake]
    assert "the server passes over If-None-Match" in complaint(store, *append, cwd=tmp_path)
    assert commits(store, lake) == []


def test_only_what_is_needed_is_read(store: Store, lake: str, tmp_path: Path) -> None:
    rows = 400_000
    wide = {f"x{column}": pa.array([float(i * 7919 % 1000003) for i in range(rows)]) for column in range(6)}
    days = pa.array([date(2020, 1, 1)] * rows)
    table = pa.table({"name": pa.array([f"S{i // 1000:04}" for i in range(rows)]), "date": days, **wide})
    pq.write_table(table, tmp_path / "own.parquet")
    said(store, "import", "parquet", "own.parquet", "--table", "own", "--lake", lake, cwd=tmp_path)
    size = said(store, "data", "tables", "--lake", lake, cwd=tmp_path)[0]["bytes"]
    store.clear()
    said(store, "data", "read", "own", "--lake", lake, "--columns", "name,x1", "--rows", "3", cwd=tmp_path)
    gets = [asked for asked in store.log if asked.method == "GET" and asked.path.endswith(".zstd.parquet")]
    assert size > 5_000_000
    assert all("range" in asked.headers for asked in gets)
    assert sum(asked.sent for asked in gets) < size / 2


def test_nothing_of_s3_is_loaded_without_an_address(store: Store, lake: str, tmp_path: Path) -> None:
    import_facts(tmp_path, facts("A", (1, 1, 1.0)))

    def libraries(place: str) -> str:
        environment = {**ENVIRONMENT, **store.environment(), "LD_DEBUG": "files"}
        command = [str(BINARY), "data", "tables", "--lake", place]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=True, env=environment).stderr

    assert "libarrow_s3" not in libraries("lake")
    assert "libarrow_s3" in libraries(lake)


def test_a_backup_goes_to_s3_and_comes_back(store: Store, lake: str, tmp_path: Path) -> None:
    import_facts(tmp_path, facts("A", (1, 1, 1.0)))
    said(store, "backup", "--lake", "lake", "--to", lake, cwd=tmp_path)
    import_facts(tmp_path, facts("B", (2, 2, 2.0)))
    again = said(store, "backup", "--lake", "lake", "--to", lake, cwd=tmp_path)
    assert "macro" in json.dumps(again)
    assert [row["series"] for row in read(store, lake, cwd=tmp_path)] == ["A", "B"]
    said(store, "restore", "--from", lake, "--lake", "restored", cwd=tmp_path)
    assert rows_of(pa.table(DeltaTable(tmp_path / "restored/macro").to_pyarrow_table())) == read(store, lake, cwd=tmp_path)  # fmt: skip


STUDY = """
name: from-the-lake
data:       {{source: lake, path: {place}, as_of: 2100-01-01}}
factors:    {{extra: {{reversal_5: "Ref($close,5)/$close-1", momentum_60: "$close/Ref($close,60)-1"}}}}
preprocess: {{features: [robust_zscore, {{clip: 3}}, {{fill_na: 0}}]}}
model:      {{name: ridge}}
validation: {{train: 1y, valid: 2m, test: 3m}}
portfolio:  {{strategy: topk_dropout, k: 2, drop: 1}}
baselines:  false
"""


def test_a_study_reads_the_lake_on_s3(store: Store, lake: str, tmp_path: Path) -> None:
    said(store, "simulate", "--instruments", "10", "--years", "2", "--seed", "1", "--out", "market", cwd=tmp_path)
    results = []
    for name, place in (("local", str(tmp_path / "lake")), ("distant", lake)):
        said(store, "import", "prices", "market/ohlcv.parquet", "--lake", place, cwd=tmp_path)
        (tmp_path / f"{name}.yaml").write_text(STUDY.format(place=place))
        answer = run(store, "run", f"{name}.yaml", "--out", name, "--threads", "1", cwd=tmp_path)
        assert answer.returncode == 0, answer.stderr
        results.append(json.loads((tmp_path / name / "metrics.json").read_text()))
    assert results[0] == results[1]
    local, distant = (tmp_path / name / "predictions.parquet" for name in ("local", "distant"))
    assert local.read_bytes() == distant.read_bytes()


def test_mistakes_are_told_plainly(store: Store, lake: str, tmp_path: Path) -> None:
    tables = ["data", "tables", "--lake"]
    no_keys = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "", "HOME": str(tmp_path)}
    assert "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in complaint(store, *tables, lake, cwd=tmp_path, **no_keys)
    assert "AWS_ALLOW_HTTP=true" in complaint(store, *tables, lake, cwd=tmp_path, AWS_ALLOW_HTTP="")
    assert "s3://nowhere-at-all/x" in complaint(store, *tables, "s3://nowhere-at-all/x", cwd=tmp_path)
    assert "no store of lakes is named 'gs'" in complaint(store, *tables, "gs://lakes/x", cwd=tmp_path)
    message = complaint(store, *tables, f"s3://{ACCESS_KEY}:{SECRET_KEY.replace('/', '')}@lakes/x", cwd=tmp_path)
    assert SECRET_KEY.replace("/", "") not in message
    assert run(store, *tables, lake, cwd=tmp_path).stdout.strip().endswith("has no tables")
    assert os.listdir(tmp_path) == []


def test_sql_reads_the_tables_that_it_names(store: Store, lake: str, tmp_path: Path) -> None:
    add(store, lake, facts("A", (1, 1, 1.0), (1, 5, 2.0), (3, 3, 4.0)), tmp_path)
    pq.write_table(pa.table({"name": ["x"], "date": [date(2020, 1, 1)]}), tmp_path / "own.parquet")
    said(store, "import", "parquet", "own.parquet", "--table", "own", "--lake", lake, cwd=tmp_path)
    store.clear()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    question = ["sql", "SELECT sum(value) AS total FROM macro", "--lake", lake, "--json"]
    answer = run(store, *question, cwd=tmp_path, TMPDIR=str(scratch))
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == [{"total": 6.0}]
    assert not [asked for asked in store.log if "/own/part" in asked.path]
    assert list(scratch.iterdir()) == []
    assert "Tables of s3://lakes" in complaint(store, "sql", "SELECT * FROM nothing", "--lake", lake, cwd=tmp_path)
