"""What a test may choose about its nodes, and the server's configuration file made from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from xml.sax.saxutils import escape, quoteattr

from tests.ignite.tls import STORE_PASSWORD, TlsFiles

Value: TypeAlias = "bool | int | str | Bean | Sequence[str] | Sequence[Bean] | None"

_HEADER = """<?xml version="1.0" encoding="UTF-8"?>
<beans xmlns="http://www.springframework.org/schema/beans"
       xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
       xsi:schemaLocation="http://www.springframework.org/schema/beans
                           http://www.springframework.org/schema/beans/spring-beans.xsd">
"""


@dataclass(frozen=True)
class Bean:
    """A Java object to be set up by Spring: a class, and values for its setters.

    Attributes:
        class_name: The class; without the leading ``org.apache.ignite.`` it is one of Ignite's.
        properties: Property names and values; None is Java's null.
    """

    class_name: str
    properties: Mapping[str, Value] = field(default_factory=dict)

    def to_xml(self) -> str:
        """This object as an element of a Spring file."""
        name = self.class_name
        if not name.startswith(("org.", "com.", "java.")):
            name = f"org.apache.ignite.{name}"
        inside = "".join(
            f"<property name={quoteattr(key)}>{_value(value)}</property>\n"
            for key, value in self.properties.items()
        )
        return f"<bean class={quoteattr(name)}>\n{inside}</bean>\n"


def _value(value: Value) -> str:
    if value is None:
        return "<null/>"
    if isinstance(value, bool):
        return f"<value>{str(value).lower()}</value>"
    if isinstance(value, int | str):
        return f"<value>{escape(str(value))}</value>"
    if isinstance(value, Bean):
        return value.to_xml()
    return f"<list>{''.join(map(_value, value))}</list>"


@dataclass(frozen=True, kw_only=True)
class NodeOptions:
    """What a test may choose about its nodes.

    Attributes:
        client_host: The address at which clients are served; ``::1`` serves IPv6 only. Everything
            else of a node stays on 127.0.0.1.
        tls: The key material of a TLS port; None is a plain port.
        client_certificate: The TLS port demands a certificate of the client.
        authentication: User names and passwords (``ignite``/``ignite``); needs `persistence`.
        persistence: Data on disk, for as long as the cluster object lives.
        data_region_mb: The most memory for data.
        idle_timeout_ms: A connection without traffic for so long is closed; 0 is never.
        handshake_timeout_ms: A connection without a handshake for so long is closed; 0 is never.
        max_active_transactions: The most open transactions of one connection.
        stack_traces: Errors carry the server's stack trace to the client.
        failure_detection_ms: A node that is silent for so long, frozen for one, is put out of the
            cluster by the others; it ends when it is thawed.
        heap_mb: The most Java heap.
        jvm_options: More options for the JVM.
        connector: More properties of the ``ClientConnectorConfiguration``.
        properties: More properties of the ``IgniteConfiguration``.
    """

    client_host: str = "127.0.0.1"
    tls: TlsFiles | None = None
    client_certificate: bool = False
    authentication: bool = False
    persistence: bool = False
    data_region_mb: int = 256
    idle_timeout_ms: int = 0
    handshake_timeout_ms: int = 10_000
    max_active_transactions: int = 100
    stack_traces: bool = False
    failure_detection_ms: int = 10_000
    heap_mb: int = 512
    jvm_options: tuple[str, ...] = ()
    connector: Mapping[str, Value] = field(default_factory=dict)
    properties: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.authentication and not self.persistence:
            raise ValueError("authentication=True needs persistence=True: users are kept on disk")
        if self.client_certificate and self.tls is None:
            raise ValueError("client_certificate=True needs tls")


@dataclass(frozen=True)
class NodePorts:
    """The ports of one node, all on this machine."""

    client: int
    discovery: int
    communication: int


def spring_file(
    options: NodeOptions,
    *,
    name: str,
    instance: str,
    work: str,
    ports: NodePorts,
    discovery_ports: Sequence[int],
) -> str:
    """Writes a node's configuration.

    Args:
        options: What the test chose.
        name: The node's lasting name in its cluster; its place on disk hangs on it.
        instance: The cluster's name.
        work: The node's folder.
        ports: The node's own ports.
        discovery_ports: The discovery ports of all nodes of the cluster; nobody else is asked.

    Returns:
        A Spring XML file.
    """
    discovery = Bean(
        "spi.discovery.tcp.TcpDiscoverySpi",
        {
            "localPort": ports.discovery,
            "localPortRange": 0,
            "ipFinder": Bean(
                "spi.discovery.tcp.ipfinder.vm.TcpDiscoveryVmIpFinder",
                {"addresses": [f"127.0.0.1:{port}" for port in discovery_ports]},
            ),
        },
    )
    communication = Bean(
        "spi.communication.tcp.TcpCommunicationSpi",
        {"localPort": ports.communication, "localPortRange": 0, "sharedMemoryPort": -1},
    )
    properties: dict[str, Value] = {
        "igniteInstanceName": instance,
        "consistentId": name,
        "workDirectory": work,
        "localHost": "127.0.0.1",
        "discoverySpi": discovery,
        "communicationSpi": communication,
        "clientConnectorConfiguration": _connector(options, ports.client),
        "dataStorageConfiguration": _storage(options),
        "authenticationEnabled": options.authentication,
        "failureDetectionTimeout": options.failure_detection_ms,
        "connectorConfiguration": None,  # the REST port
        "metricsLogFrequency": 0,
        **options.properties,
    }
    node = Bean("configuration.IgniteConfiguration", properties)
    return f"{_HEADER}{node.to_xml()}</beans>\n"


def _connector(options: NodeOptions, port: int) -> Bean:
    properties: dict[str, Value] = {
        "host": options.client_host,
        "port": port,
        "portRange": 0,
        "idleTimeout": options.idle_timeout_ms,
        "handshakeTimeout": options.handshake_timeout_ms,
        "thinClientConfiguration": Bean(
            "configuration.ThinClientConfiguration",
            {
                "maxActiveTxPerConnection": options.max_active_transactions,
                "maxActiveComputeTasksPerConnection": 100,
                "serverToClientExceptionStackTraceSending": options.stack_traces,
            },
        ),
    }
    if options.tls is not None:
        properties |= {
            "sslEnabled": True,
            "sslClientAuth": options.client_certificate,
            "useIgniteSslContextFactory": False,
            "sslContextFactory": Bean(
                "ssl.SslContextFactory",
                {
                    "keyStoreType": "PKCS12",
                    "keyStoreFilePath": str(options.tls.key_store),
                    "keyStorePassword": STORE_PASSWORD,
                    "trustStoreType": "PKCS12",
                    "trustStoreFilePath": str(options.tls.trust_store),
                    "trustStorePassword": STORE_PASSWORD,
                },
            ),
        }
    return Bean("configuration.ClientConnectorConfiguration", properties | dict(options.connector))


def _storage(options: NodeOptions) -> Bean:
    most = options.data_region_mb << 20
    region = Bean(
        "configuration.DataRegionConfiguration",
        {
            "name": "default",
            "initialSize": min(most, 32 << 20),
            "maxSize": most,
            "persistenceEnabled": options.persistence,
        },
    )
    return Bean(
        "configuration.DataStorageConfiguration",
        {
            "defaultDataRegionConfiguration": region,
            # The defaults write and keep most of a gigabyte.
            "walSegmentSize": 16 << 20,
            "walSegments": 3,
            "maxWalArchiveSize": 128 << 20,
            "metricsEnabled": False,
        },
    )
