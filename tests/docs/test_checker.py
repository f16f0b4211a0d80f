"""The checker of the documentation finds what is wrong with a page, and says where."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.blocks import Problem, read_page
from tests.docs.running import run_page
from tests.ignite.tls import TlsFiles

CLIENT = """
```python
from gridgain_sync import Client
USER = 'ignite'
with Client(timeout=10).connect("127.0.0.1:10800..10802") as client:
    cache = client.get_or_create_cache("c")
    cache.put(1, 42)
    print(cache.get(1))  # 42
```
"""

GOOD = [
    CLIENT,
    CLIENT + "```console\n$ gridgain get c 1 --key-type long\n42\n$ gridgain put c a b\n```\n",
    "```console\n$ gridgain node\n127.0.0.1:10800\n```\n" + CLIENT,
    '```python\na = 1\n```\n=== "tab"\n\n    ```pycon\n    >>> a + 1\n    2\n    ```\n',
    "```python\nfor n in range(3):\n    print(n)  # 0 1 2\n```\n",
    "```python\nif __name__ == '__main__':\n    print(1)  # 1\n```\n",
    '```python title="a.py"\nb = 1\n```\n```pycon\n>>> import a\n>>> a.b\n1\n```\n',
    '```python title="a.py"\nprint(1)\n```\n```console\n$ python a.py\n1\n```\n',
    (
        '```python title="a.py"\n--8<-- "examples/quickstart.py"\n```\n'
        "```console\n$ python a.py\nConnected to 127.0.0.1:10800\n...\n```\n"
    ),
    "```console\n$ pip install 'gridgain-proto[trio,cli]'\n$ make test\n```\n",
    "<!-- nodes: tls users -->\n"
    + CLIENT.replace(
        "timeout=10", "ssl_ca_certfile='ca.pem', username='ignite', password='ignite'"
    ),
]

#: What is wrong with a page, and the line and the words of the message.
BAD = [
    ("```python\n\nraise KeyError\n```\n", 'page.md", line 3', "KeyError"),
    ("\n```python\nx = (\n```\n", 'page.md", line 3', "SyntaxError"),
    ("```python\nprint(1)  # 2\n```\n", "page.md:2", "should print '2'"),
    ("```python\ndef f():\n    print(1)  # 1\n```\n", "page.md:3", "is not run"),
    ("```python\nawait f()\n```\n", 'page.md", line 2', "outside function"),
    ("```python\nx = open('ca.pem')\ndel x\n```\n", "ResourceWarning", "Exception ignored"),
    ("```pycon\n>>> 1\n2\n```\n", 'page.md", line 2', "Got:"),
    ("```pycon\n1\n```\n", "page.md:2", "no prompt"),
    ('```python title="a.py"\nx\n```\n', "page.md:2", "a.py is shown and not run"),
    ("```console\n$ echo 1\n$ echo 1\n2\n```\n", "page.md:3", "prints:\n1"),
    ("```console\n$ cat nothing\n```\n", "page.md:2", "fails"),
    ("```console\n$ gridgain node\nelsewhere\n```\n", "page.md:2", "prints:\n127.0.0.1"),
    ("```console\ngridgain demo\n```\n", "page.md:2", "no prompt"),
    ("```console\n$ rm x\n```\n", "page.md:2", "what is rm?"),
    ("```console\n$ pip install gridgain-proto[twisted]\n```\n", "page.md:2", "'twisted'"),
    ("```console\n$ python -m pip install -r requirements/x.txt\n```\n", "page.md:2", "no file"),
    ("```console\n$ pip install gridgain-client\n```\n", "page.md:2", "no project"),
    ("```console\n$ make love\n```\n", "page.md:2", "no target"),
    ("```toml\nx = \n```\n", "", "TOMLDecodeError"),
]

#: Pages with a block that would be left out.
UNREADABLE = [
    ("```py\n```\n", "page.md:2", "the language is 'py'"),
    ("```\n```\n", "page.md:2", "the language is ''"),
    ("```text\nfrom gridgain_sync import Client\n```\n", "page.md:2", "Python in a block"),
    ("\n```python\n", "page.md:2", "not closed"),
    ("\n\n    >>> 1\n", "page.md:3", "outside of a block"),
    ("<!-- nodes: oracle -->\n", "page.md:1", "nodes are some of"),
]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return tmp_path / "page.md"


@pytest.mark.parametrize("text", GOOD)
def test_what_it_runs(page: Path, text: str, tmp_path: Path, tls_files: TlsFiles) -> None:
    page.write_text(text)
    run = run_page(page, tmp_path, tls_files)
    assert run.returncode == 0, run.stdout
    assert "Exception ignored" not in run.stdout


@pytest.mark.parametrize(("text", "place", "message"), BAD)
def test_what_it_finds(
    page: Path, text: str, place: str, message: str, tmp_path: Path, tls_files: TlsFiles
) -> None:
    page.write_text(text)
    run = run_page(page, tmp_path, tls_files)
    assert run.returncode == (message != "Exception ignored")
    assert place in run.stdout
    assert message in run.stdout


@pytest.mark.parametrize(("text", "place", "message"), UNREADABLE)
def test_what_it_refuses(page: Path, text: str, place: str, message: str) -> None:
    page.write_text(text)
    with pytest.raises(Problem, match=message) as caught:
        read_page(page)
    assert place in str(caught.value)
