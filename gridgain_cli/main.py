"""The command ``gridgain``, and what all of its commands have in common."""

from __future__ import annotations

import sys
from typing import Any

try:
    import click
    import rich  # noqa: F401  # so that click alone, which other packages bring, is not taken for all
except ImportError as exc:  # the extra is not installed
    sys.exit(f"The command line needs {exc.name}: pip install 'gridgain-proto[cli]'")

from gridgain_proto import __version__
from gridgain_proto.codec import ACCELERATED
from gridgain_proto.exceptions import GridGainError, SQLError

from .caches import caches, get, put, remove, scan
from .connecting import Settings
from .dumping import dump
from .loading import load
from .serving import demo, node, ping
from .sqlshell import sql

#: What the version says where the codec's compiled twin is in use.
_ACCELERATED = ", accelerated" if ACCELERATED else ""


class _Group(click.Group):
    """Turns errors of the client into one line and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SQLError as exc:
            state = f" [{exc.sqlstate}]" if exc.sqlstate else ""
            raise click.ClickException(f"{exc}{state}") from exc
        except (GridGainError, OSError) as exc:
            raise click.ClickException(str(exc)) from exc


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__ + _ACCELERATED, prog_name="gridgain")
@click.option(
    "-a",
    "--address",
    "addresses",
    multiple=True,
    envvar="GRIDGAIN_ADDRESSES",
    help="A node, HOST or HOST:PORT; may be repeated. Default: 127.0.0.1:10800.",
)
@click.option("-u", "--user", envvar="GRIDGAIN_USER", help="The user's name.")
@click.option(
    "--password-prompt",
    is_flag=True,
    help="Ask for the password. It is never an argument: other users could see it. Else it is "
    "taken from GRIDGAIN_PASSWORD, the password file or the configuration file.",
)
@click.option(
    "--password-file",
    envvar="GRIDGAIN_PASSWORD_FILE",
    type=click.Path(dir_okay=False),
    help="A file whose first line is the password.",
)
@click.option(
    "--tls/--no-tls",
    default=None,
    envvar="GRIDGAIN_TLS",
    help="Whether to encrypt; by default if there is a user or a certificate.",
)
@click.option("--ca", envvar="GRIDGAIN_CA", help="Certificates to trust, a PEM file.")
@click.option("--cert", envvar="GRIDGAIN_CERT", help="Our own certificate, a PEM file.")
@click.option("--key", envvar="GRIDGAIN_KEY", help="Its private key, a PEM file.")
@click.option("--insecure", is_flag=True, envvar="GRIDGAIN_INSECURE", help="Trust any certificate.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    envvar="GRIDGAIN_TIMEOUT",
    help="Seconds that one call may take. Default: 30.",
)
@click.option(
    "-c",
    "--config",
    envvar="GRIDGAIN_CONFIG",
    type=click.Path(dir_okay=False),
    help="A configuration file (TOML). Default: ~/.config/gridgain.toml, if there is one.",
)
@click.pass_context
def cli(ctx: click.Context, /, **options: Any) -> None:
    """Work with GridGain and Apache Ignite clusters, or with a node in memory.

    Options of the connection stand before the command. They are taken from the command line, from
    the environment (GRIDGAIN_ADDRESSES, GRIDGAIN_USER, GRIDGAIN_PASSWORD, ...), and from the
    configuration file, in this order.
    """
    ctx.obj = Settings(**options)


for command in (demo, node, ping, caches, get, put, remove, scan, sql, load, dump):
    cli.add_command(command)


def main() -> None:
    """Run the command line."""
    cli(prog_name="gridgain")
