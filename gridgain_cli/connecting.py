"""How the commands connect: options, environment, configuration file."""

from __future__ import annotations

import os
import ssl
import tomllib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click

from gridgain_proto.client.options import ClientOptions
from gridgain_proto.exceptions import InsecureConnectionWarning
from gridgain_sync import Client

DEFAULT_ADDRESS: Final = "127.0.0.1:10800"
_DEFAULT_CONFIG: Final = Path("~/.config/gridgain.toml")
_DEFAULT_TIMEOUT: Final = 30.0

#: What may stand in a configuration file, and of which type it is.
_KEYS: Final[dict[str, type | tuple[type, ...]]] = {
    "addresses": (list, str),
    "user": str,
    "password": str,
    "password_file": str,
    "tls": bool,
    "ca": str,
    "cert": str,
    "key": str,
    "insecure": bool,
    "timeout": (int, float),
}


class Settings:
    """What was said about the connection; read when it is needed.

    Args:
        options: the options of the command line.
    """

    def __init__(self, **options: Any) -> None:
        self._options = options
        self._file: dict[str, Any] | None = None

    def _get(self, name: str, default: Any = None) -> Any:
        value = self._options.get(name)
        if value in (None, (), False):
            value = self._from_file().get(name, value)
        return default if value in (None, ()) else value

    def _from_file(self) -> dict[str, Any]:
        if self._file is None:
            given = self._options.get("config")
            path = Path(given or _DEFAULT_CONFIG).expanduser()
            self._file = {}
            if given or path.is_file():
                try:
                    self._file = tomllib.loads(path.read_text(encoding="utf-8"))
                except (OSError, ValueError) as exc:
                    raise click.ClickException(f"{path}: {exc}") from exc
                for key, value in self._file.items():
                    if key not in _KEYS or not isinstance(value, _KEYS[key]):
                        names = ", ".join(_KEYS)
                        raise click.ClickException(f"{path}: {key} is wrong; there are {names}")
        return self._file

    @property
    def addresses(self) -> list[str]:
        """The nodes to connect to."""
        given = self._get("addresses", [DEFAULT_ADDRESS])
        parts = [given] if isinstance(given, str) else list(given)
        return [one for part in parts for one in part.replace(",", " ").split()]

    def _password(self) -> str | None:
        if self._options.get("password_prompt"):
            return str(click.prompt("Password", hide_input=True, err=True))
        if "GRIDGAIN_PASSWORD" in os.environ:
            return os.environ["GRIDGAIN_PASSWORD"]
        file = self._get("password_file")
        if file is not None:
            try:
                lines = Path(file).expanduser().read_text(encoding="utf-8").splitlines()
            except (OSError, ValueError) as exc:
                raise click.ClickException(f"{file}: {exc}") from exc
            return lines[0] if lines else ""
        password: str | None = self._from_file().get("password")
        return password

    def options(self) -> ClientOptions:
        """The client's options, checked."""
        with self._warnings():
            return ClientOptions(**self._keywords())

    def client(self) -> Client:
        """A client that is not connected yet."""
        with self._warnings():
            return Client(**self._keywords())

    @contextmanager
    def _warnings(self) -> Iterator[None]:
        with warnings.catch_warnings():
            if self._options.get("tls") is False:  # asked for
                warnings.simplefilter("ignore", InsecureConnectionWarning)
            yield

    def _keywords(self) -> dict[str, Any]:
        user = self._get("user")
        options: dict[str, Any] = {
            "timeout": self._get("timeout", _DEFAULT_TIMEOUT),
            "username": user,
            "password": self._password() if user is not None else None,
            "use_ssl": self._get("tls"),
            "ssl_ca_certfile": self._get("ca"),
            "ssl_certfile": self._get("cert"),
            "ssl_keyfile": self._get("key"),
        }
        if self._get("insecure", False):
            options["ssl_cert_reqs"] = ssl.CERT_NONE
        return options

    @contextmanager
    def connected(self) -> Iterator[Client]:
        """A client that is connected to the first node that answers."""
        client = self.client()
        with client.connect(self.addresses):
            yield client


pass_settings = click.make_pass_decorator(Settings)
