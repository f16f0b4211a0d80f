"""What a client knows of the cluster's binary types: asking for them and registering them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..codec import Codec, Output
from ..codec.hashing import NameMapper
from ..codec.registry import TypeDescription, TypeRegistry
from ..exceptions import BinaryTypeError, EncodeError, RequestTimeout
from ..features import Feature
from ..operations.binary_types import (
    BINARY_CONFIGURATION_GET,
    BINARY_TYPE_GET,
    BINARY_TYPE_NAME_PUT,
    BINARY_TYPE_PUT,
    JAVA,
)

if TYPE_CHECKING:
    from .runtime import Link
    from .session import Session

#: What a field of unknown kind is registered as, for instance one that was null at first.
_OBJECT_CODES = frozenset({27, 103})
_ENUM_CODES = frozenset({28, 38})


class Types:
    """The codec of a client, and how it comes to know types.

    Args:
        session: by which the cluster is asked.
        codec: the codec to begin with.
    """

    def __init__(self, session: Session, codec: Codec) -> None:
        self._session = session
        self._lock = session.runtime.lock()
        #: An immutable snapshot, replaced by one assignment.
        self.codec = codec

    async def adopt(self, link: Link, deadline: float | None, *, afresh: bool) -> None:
        """Do as the cluster wants.

        Args:
            link: a new connection.
            deadline: when to give up.
            afresh: whether it is the only one; then what was registered is forgotten, for the
                cluster may have been started anew, or be another one.
        """
        if not afresh:
            return
        options = {}
        if Feature.BINARY_CONFIGURATION in link.features:
            request = BINARY_CONFIGURATION_GET()
            wanted = await self._session.exchange(link, request, deadline)
            options = {
                "compact_footer": wanted.compact_footer,
                "name_mapper": NameMapper(wanted.name_mapper),
            }
        codec = self.codec.with_options(**options)
        self.codec = codec.with_types(TypeRegistry(classes=codec.types.classes.values()))

    async def register(self, link: Link, output: Output, deadline: float | None) -> None:
        """Have the cluster know all types of what was encoded, before that is sent.

        Raises:
            BinaryTypeError: the cluster has a different type of that name or id.
            EncodeError: a field is of another kind than the cluster has it.
        """
        await self._acquire(deadline)
        try:
            types = self.codec.types
            for described in output.new_types:
                known = types.get(described.type_id)
                if known is not None and _covers(known, described):
                    continue  # another caller was faster
                types = types.with_types(await self._register(link, described, deadline))
            self._replace(types.with_classes(*output.new_classes))
        finally:
            self._lock.release()

    async def put(
        self, described: TypeDescription, timeout: float | None, *classes: type[Any]
    ) -> TypeDescription:
        """Have the cluster know a type, whether or not there are objects of it.

        Args:
            described: the type.
            timeout: seconds; None for the client's.
            classes: what objects of it are read as.

        Returns:
            the type as the cluster has it now.
        """
        session = self._session
        deadline = session.deadline(timeout)
        link = await session.nodes.connected(deadline)
        await self._acquire(deadline)
        try:
            registered = await self._register(link, described, deadline)
            self._replace(self.codec.types.with_types(registered).with_classes(*classes))
        finally:
            self._lock.release()
        return registered

    async def learn(
        self, codec: Codec, link: Link, type_id: int, schema_id: int, deadline: float | None
    ) -> Codec:
        """A codec that knows a schema, or knows that the cluster does not have it either.

        Args:
            codec: the codec that did not know it.
            link: whom to ask.
            type_id: the type's id.
            schema_id: the schema's id.
            deadline: when to give up.
        """
        await self._acquire(deadline)
        try:
            if self.codec.types.schema(type_id, schema_id) is None:
                request = BINARY_TYPE_GET(type_id)
                described = await self._session.exchange(link, request, deadline)
                if described is not None:
                    self._replace(self.codec.types.with_types(described))
        finally:
            self._lock.release()
        if self.codec.types.schema(type_id, schema_id) is not None:
            return self.codec
        # Not kept: by the next time the cluster may have come to know it.
        return codec.with_types(codec.types.with_missing(type_id, schema_id))

    async def _acquire(self, deadline: float | None) -> None:
        if not await self._lock.acquire(deadline):
            raise RequestTimeout("no time was left to wait for another call's types")

    async def _register(
        self, link: Link, described: TypeDescription, deadline: float | None
    ) -> TypeDescription:
        session = self._session
        known = await session.exchange(link, BINARY_TYPE_GET(described.type_id), deadline)
        if known is None:
            await session.exchange(link, BINARY_TYPE_PUT(described), deadline)
            # Java clients find their classes by this name; the cluster itself does not need it.
            name = BINARY_TYPE_NAME_PUT(JAVA, described.type_id, described.name)
            await session.exchange(link, name, deadline)
            return described
        _check_compatible(known, described)
        # What the cluster has stays as it has it, kinds of fields and affinity key included.
        merged = described.merge(known)
        if not _covers(known, described):
            await session.exchange(link, BINARY_TYPE_PUT(merged), deadline)
        return merged

    def _replace(self, types: TypeRegistry) -> None:
        self.codec = self.codec.with_types(types)


def _covers(known: TypeDescription, described: TypeDescription) -> bool:
    """Whether nothing would be added by registering a description."""
    return (
        described.schemas.keys() <= known.schemas.keys()
        and set(described.enum_constants) <= set(known.enum_constants)
        and {field.field_id for field in described.fields}
        <= {field.field_id for field in known.fields}
    )


def _check_compatible(known: TypeDescription, described: TypeDescription) -> None:
    if known.name != described.name or known.is_enum != described.is_enum:
        raise BinaryTypeError(
            f"the type {described.name!r} has the id of {known.name!r}, which the cluster has"
        )
    codes = {field.field_id: field.type_code for field in known.fields}
    for field in described.fields:
        code = codes.get(field.field_id, field.type_code)
        if code == field.type_code or _OBJECT_CODES & {code, field.type_code}:
            continue
        if {code, field.type_code} <= _ENUM_CODES:
            continue
        raise EncodeError(
            f"{described.name}.{field.name}: the cluster has it with type code {code}, "
            f"and it would be sent with {field.type_code}; give it another hint"
        )
