"""Commands, run as functions."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from gridgain_cli.main import cli
from gridgain_cli.values import TYPES, read_value, shown
from gridgain_proto.codec import ACCELERATED
from gridgain_sync.node import EmbeddedNode

from .conftest import Cli


def test_help_of_every_command(run: Cli) -> None:
    assert "demo" in run("--help").stdout
    for name in cli.commands:
        assert "Usage: gridgain" in run(name, "--help").stdout
    assert "version" in run("--version").stdout
    assert run("--version").stdout.endswith(", accelerated\n") is ACCELERATED


def test_entries(run: Cli) -> None:
    run("put", "c", "a", '{"x": [1, 2.5, null]}', "--create")
    run("put", "c", "7", "seven")
    run("put", "c", "7", "8", "--key-type", "int", "--value-type", "short")
    assert run.json("get", "c", "a", "7") == [{"x": [1, 2.5, None]}, "seven"]
    assert run.json("get", "c", "7", "-k", "int") == [8]
    assert run.json("get", "c", "nobody", "a", code=1) == [None, {"x": [1, 2.5, None]}]
    entries = run.json("scan", "c")
    assert {"key": "a", "value": {"x": [1, 2.5, None]}} in entries
    assert len(entries) == 3
    assert len(run.json("scan", "c", "-n", "2", "--page-size", "1")) == 2
    run("remove", "c", "a")
    run("remove", "c", "a", code=1)
    found = run.json("caches", "--json")
    assert [(row["name"], row["entries"]) for row in found] == [("c", 2)]
    assert "PARTITIONED" in run("caches").stdout


def test_errors_are_one_line(run: Cli) -> None:
    result = run("get", "unknown", "a", code=1)
    assert result.stderr.startswith("Error: ")
    assert len(result.stderr.splitlines()) == 1
    result = run("get", "c", "a", code=1, env={"GRIDGAIN_ADDRESSES": "127.0.0.1:1"})
    assert "127.0.0.1:1" in result.stderr
    assert run("put", "c", "x", "1", "-k", "int", code=1).stderr == "Error: 'x' is no int\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("byte", "5"),
        ("short", "-5"),
        ("int", "70000"),
        ("long", "5000000000"),
        ("float", "0.5"),
        ("double", "0.1"),
        ("bool", "true"),
        ("char", "x"),
        ("string", "12"),
        ("decimal", "1.50"),
        ("uuid", "00112233-4455-6677-8899-aabbccddeeff"),
        ("date", "2020-02-29"),
        ("time", "13:14:15"),
        ("timestamp", "2020-02-29T13:14:15.123456"),
        ("bytes", base64.b64encode(b"\0\1").decode()),
    ],
)
def test_types(run: Cli, name: str, text: str) -> None:
    run("put", "c", "key", text, "--create", "--value-type", name)
    (found,) = run.json("get", "c", "key")
    wanted: Any = read_value(text, name)
    assert found == shown(wanted[0] if isinstance(wanted, tuple) else wanted)
    assert set(TYPES) >= {name}


def test_ping(run: Cli) -> None:
    output = run("ping", "-n", "2").stdout
    assert "GridGain" in output
    assert "1.7.1" in output
    found = run.json(
        "-a", "127.0.0.1:1", "-a", f"127.0.0.1:{run.node.port}", "ping", "--json", "-n", "3"
    )
    assert [row["reachable"] for row in found] == [False, True]
    assert len(found[1]["latency_ms"]) == 3
    assert "heartbeat" in found[1]["features"]
    assert "no" in run("-a", "127.0.0.1:1", "ping", code=1).stdout


def test_sql(run: Cli) -> None:
    run("sql", "CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR); CREATE INDEX i ON t (name)")
    result = run("sql", "INSERT INTO t VALUES (?, ?), (2, NULL)", "-p", "1", "-p", "a;b")
    assert result.stdout == "2 rows changed\n"
    assert run("sql", "--csv", "SELECT * FROM t ORDER BY id").stdout == "ID,NAME\n1,a;b\n2,\n"
    assert run.json("sql", "--json", "SELECT * FROM t ORDER BY id") == [
        {"ID": 1, "NAME": "a;b"},
        {"ID": 2, "NAME": None},
    ]
    table = run("sql", "SELECT name, id FROM t WHERE name = 'a;b'").stdout
    assert "a;b" in table
    assert "1 row\n" in table
    script = "-- a comment; with a semicolon\nSELECT 1; /* ; */ SELECT ';' AS x;\n"
    assert run("sql", "--csv", input=script).stdout == "1\n1\nX\n;\n"


def test_sql_that_fails(run: Cli) -> None:
    result = run("sql", "--csv", input="SELECT 1; SELEC 2; SELECT 3;", code=1)
    assert result.stdout == "1\n1\n"
    assert "[42000]" in result.stderr
    assert "exclude" in run("sql", "--csv", "--json", "SELECT 1", code=2).stderr


def test_the_configuration_file(run: Cli) -> None:
    config = run.folder / "gridgain.toml"
    config.write_text(f'addresses = ["127.0.0.1:{run.node.port}"]\ntimeout = 5\n')
    nowhere = {"GRIDGAIN_ADDRESSES": None}
    run("--config", str(config), "caches", env=nowhere)
    (run.folder / ".config").mkdir()
    config.rename(run.folder / ".config" / "gridgain.toml")
    run("caches", env=nowhere)
    config.write_text("adresses = 1\n")
    assert "adresses" in run("--config", str(config), "caches", code=1).stderr
    config.write_text("= no toml\n")
    run("--config", str(config), "caches", code=1)
    run("--config", str(run.folder / "none.toml"), "caches", code=1)


def test_passwords(tmp_path: Path) -> None:
    with EmbeddedNode(users={"ann": "secret"}) as node:
        run = Cli(node, tmp_path)
        arguments = ("--user", "ann", "--no-tls")
        run(*arguments, "caches", env={"GRIDGAIN_PASSWORD": "secret"})
        run(*arguments, "--password-prompt", "caches", input="secret\n")
        (tmp_path / "password").write_text("secret\n")
        run(*arguments, "--password-file", str(tmp_path / "password"), "caches")
        config = tmp_path / "c.toml"
        config.write_text('user = "ann"\npassword = "secret"\n')
        run("--no-tls", "--config", str(config), "caches")
        assert "refused" in run(*arguments, "caches", code=1).stderr
        assert "no such option" in run("--password", "x", "caches", code=2).stderr.lower()


def test_loading_and_dumping_a_cache(run: Cli) -> None:
    source = run.folder / "in.jsonl"
    source.write_text(
        "".join(f'{{"key": {number}, "value": "v{number}"}}\n' for number in range(1200))
    )
    result = run("load", str(source), "--cache", "c", "--batch", "100")
    assert "1200 lines loaded, 0 failed" in result.stderr
    assert not (run.folder / "in.jsonl.progress").exists()
    target = run.folder / "out.jsonl"
    assert "1200 rows dumped" in run("dump", str(target), "--cache", "c").stderr
    assert sorted(target.read_text().splitlines()) == sorted(source.read_text().splitlines())
    assert [path.name for path in run.folder.glob("*.part")] == []
    output = run("dump", "--cache", "c", "--format", "csv").stdout
    assert output.startswith("key,value\n")
    assert "\n7,v7\n" in output


def test_loading_whole_lines_as_values(run: Cli) -> None:
    source = run.folder / "people.csv"
    source.write_text("id,name,city\n1,Ann,Bern\n2,Bob,\n")
    run("load", str(source), "--cache", "p", "--key", "id", "--key-type", "int")
    assert run.json("get", "p", "1", "2", "-k", "int") == [
        {"name": "Ann", "city": "Bern"},
        {"name": "Bob", "city": None},
    ]


def test_loading_and_dumping_a_table(run: Cli) -> None:
    run("sql", "CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR, size DOUBLE)")
    source = run.folder / "t.csv"
    source.write_text("id,name,size\n1,Ann,1.5\n2,\"B, b\",\n3,'',0\n")
    run("load", str(source), "--table", "t", "--batch", "2")
    target = run.folder / "out.csv"
    run("dump", str(target), "--table", "t")
    lines = target.read_text().splitlines()
    assert lines[0] == "ID,NAME,SIZE"
    assert sorted(lines[1:]) == ["1,Ann,1.5", '2,"B, b",', "3,'',0.0"]
    assert len(run.json("dump", "--table", "t")) == 3


def test_lines_that_fail(run: Cli) -> None:
    run("sql", "CREATE TABLE t (id INT PRIMARY KEY, n INT)")
    source = run.folder / "t.csv"
    good = [f"{number},{number}" for number in range(1, 10)]
    bad = [*good[:4], "x,5", *good[5:6], "7", *good[7:]]
    source.write_text("\n".join(["id,n", *bad]) + "\n")
    result = run("load", str(source), "--table", "t", "--batch", "3", code=1)
    assert f"{source}:6: " in result.stderr
    assert "--resume" in result.stderr
    assert (run.folder / "t.csv.progress").read_text() == "5"
    # Mended, it goes on where it was.
    source.write_text("\n".join(["id,n", *good]) + "\n")
    run("sql", "DELETE FROM t WHERE id < 5")
    result = run("load", str(source), "--table", "t", "--resume")
    assert "5 lines loaded" in result.stderr
    assert run("sql", "--csv", "SELECT COUNT(*), MIN(id) FROM t").stdout.endswith("\n5,5\n")
    source.write_text("\n".join(["id,n", *bad]) + "\n")
    result = run("load", str(source), "--table", "t", "--max-errors", "5", code=1)
    assert "7 lines loaded, 2 failed" in result.stderr


def test_files_that_are_wrong(run: Cli) -> None:
    source = run.folder / "x.jsonl"
    source.write_text('{"value": 1}\n')
    assert "no 'key'" in run("load", str(source), "--cache", "c", code=1).stderr
    source.write_text('[1]\n{"key": 1, "value": 1}\n\nno json\n')
    result = run("load", str(source), "--cache", "c", "--max-errors", "9", code=1)
    assert f"{source}:1: " in result.stderr
    assert f"{source}:4: " in result.stderr
    assert run.json("get", "c", "1") == [1]
    empty = run.folder / "empty.csv"
    empty.write_text("")
    run("load", str(empty), "--cache", "c", code=1)
    run("load", str(source), code=2)
    run("dump", code=2)
    run("dump", str(run.folder / "no"), "--cache", "unknown", code=1)
    assert not (run.folder / "no").exists()


def test_the_demo(run: Cli) -> None:
    output = run("demo", "--entries", "300").stdout
    for words in ("300 entries", "Basel", "rolled back: {'ann': 70", "301 of 301 entries", "Done"):
        assert words in output
