"""Complex objects and enums: the ways to declare them, and none at all."""

from __future__ import annotations

import enum
import pickle
from collections import OrderedDict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any

import pytest

from gridgain_proto.codec import (
    Codec,
    EnumValue,
    FieldDescription,
    GenericObject,
    GenericObjectMeta,
    Output,
    RawObject,
    TypeDescription,
    TypeRegistry,
    binary_enum,
    binary_type,
)
from gridgain_proto.codec.hashing import NameMapper, field_id, schema_id, type_id
from gridgain_proto.datatypes import (
    CollectionObject,
    DateObject,
    IntObject,
    LongObject,
    MapObject,
    ObjectArrayObject,
    ShortObject,
    String,
    WrappedDataObject,
)
from gridgain_proto.exceptions import DecodeError, EncodeError, ParameterError, UnknownType


def _declare() -> Any:
    class PersonKey(
        metaclass=GenericObjectMeta,
        type_name="PersonKey",
        schema=OrderedDict([("personId", IntObject), ("companyId", IntObject)]),
    ):
        pass

    return PersonKey


PersonKey = _declare()  # the fields are known at run time alone, not to a type checker


@binary_enum(type_name="demo.Color")
class Color(enum.Enum):
    RED = "r"
    GREEN = "g"
    BLUE = "b"


@binary_type(type_name="demo.Address")
@dataclass(frozen=True)
class Address:
    street: str
    number: Annotated[int, IntObject] = 0


@binary_type(type_name="demo.Person", affinity_key_field="id")
@dataclass
class Person:
    id: Annotated[int, IntObject]
    name: str | None = None
    address: Address | None = None
    color: Color = Color.RED
    scores: list[Annotated[int, ShortObject]] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)


def registered(codec: Codec, value: object, *classes: type[Any]) -> tuple[Codec, bytes]:
    """Encode a value, and give a codec that knows what had to be registered for it."""
    out = Output()
    codec.write(out, value)
    types = codec.types.with_types(*out.new_types).with_classes(*classes)
    return codec.with_types(types), bytes(out)


def test_the_guide_s_class() -> None:
    key = PersonKey(personId=1, companyId=2)
    assert key.personId == 1
    assert repr(key) == "PersonKey(personId=1, companyId=2)"
    assert key == PersonKey(1, 2)
    assert hash(key) == hash(PersonKey(1, 2))
    assert key != PersonKey(2, 1)
    assert {key: "x"}[PersonKey(1, companyId=2)] == "x"
    assert PersonKey.type_name == "PersonKey"
    assert PersonKey.type_id == type_id("PersonKey")
    assert PersonKey.schema_id == schema_id(map(field_id, ("personId", "companyId")))
    assert PersonKey() == PersonKey(0, 0)
    with pytest.raises(TypeError, match="no field 'nope'"):
        PersonKey(nope=1)
    with pytest.raises(TypeError, match="2 fields"):
        PersonKey(1, 2, 3)
    with pytest.raises(TypeError, match="twice"):
        PersonKey(1, personId=3)


@pytest.mark.parametrize("compact", [True, False])
def test_a_declared_class_is_read_as_itself(compact: bool) -> None:
    key = PersonKey(7, 8)
    codec, data = registered(Codec(compact_footer=compact), key, PersonKey)
    back = codec.decode(data)
    assert type(back) is PersonKey
    assert back == key
    assert codec.encode(back) == data
    wrapped = codec.encode((key, WrappedDataObject))
    assert wrapped[0] == 27
    assert codec.decode(wrapped) == key


@pytest.mark.parametrize("compact", [True, False])
def test_a_dataclass_with_everything(compact: bool) -> None:
    person = Person(
        5, "Ann", Address("Elm", 3), Color.BLUE, [1, 2], {"a": [1, {"b": Decimal("1.50")}]}
    )
    codec, data = registered(Codec(compact_footer=compact), person, Person, Address, Color)
    back = codec.decode(data)
    assert back == person
    assert type(back) is Person
    assert type(back.address) is Address
    assert back.color is Color.BLUE
    assert codec.encode(back) == data
    assert hash(back) == hash(person)
    assert codec.hash_code(back) == codec.hash_code(person)
    assert b"\x02\x01\x00\x02\x02\x00" in data  # the scores are shorts


def test_a_tuple_in_a_dataclass_is_an_array_of_its_items() -> None:
    @binary_type(type_name="demo.Pairs")
    @dataclass
    class Pairs:
        pair: tuple[Any, ...]
        shorts: tuple[Annotated[int, ShortObject], ...] = ()
        absent: list[int] = field(default_factory=list)

    value = Pairs((5, [1]), (1, 2))
    codec, data = registered(Codec(), value, Pairs)
    assert codec.decode(data) == value
    old = make("demo.Pairs", pair=ObjectArrayObject)
    back = Codec(TypeRegistry(_types(old([1])), [Pairs])).decode(Codec().encode(old([1])))
    assert back == Pairs((1,))


def test_what_has_to_be_registered() -> None:
    person = Person(5, address=Address("Elm"))
    out = Output()
    Codec().write_values(out, [person, Person(6), Address("Oak")])
    assert [one.name for one in out.new_types] == ["demo.Address", "demo.Color", "demo.Person"]
    assert out.new_classes == [Address, Color, Person]
    description = out.new_types[-1]
    assert description.affinity_key_field == "id"
    assert [(one.name, one.type_code) for one in description.fields] == [
        ("id", 3),
        ("name", 9),
        ("address", 103),
        ("color", 28),
        ("scores", 24),
        ("extra", 25),
    ]
    ids = tuple(map(field_id, ("id", "name", "address", "color", "scores", "extra")))
    assert description.schemas == {schema_id(ids): ids}
    colors = out.new_types[1]
    assert colors.is_enum
    assert colors.enum_constants == (("RED", 0), ("GREEN", 1), ("BLUE", 2))
    codec = Codec(TypeRegistry(out.new_types, out.new_classes))
    out = Output()
    codec.write(out, person)
    assert out.new_types == []
    assert out.new_classes == []


def test_an_unknown_type_has_to_be_fetched() -> None:
    known, data = registered(Codec(), PersonKey(1, 2))
    with pytest.raises(UnknownType) as caught:
        Codec().decode(data)
    assert caught.value.type_id == type_id("PersonKey")
    assert caught.value.schema_id == PersonKey.schema_id
    back = known.decode(data)
    assert type(back) is not PersonKey
    assert repr(back) == "PersonKey(personId=1, companyId=2)"
    assert back.personId == 1
    assert back["companyId"] == 2
    assert type(back).type_name == "PersonKey"
    assert type(back).type_id == type_id("PersonKey")
    assert back == PersonKey(1, 2)
    assert hash(back) == hash(PersonKey(1, 2))
    assert known.encode(back) == data
    assert type(known.decode(data)) is type(back)


def test_a_type_that_nobody_knows_is_kept_raw() -> None:
    data = Codec().encode([PersonKey(1, 2), 5])
    schema: int = PersonKey.schema_id
    codec = Codec(TypeRegistry().with_missing(type_id("PersonKey"), schema))
    raw, five = codec.decode(data)
    assert five == 5
    assert isinstance(raw, RawObject)
    assert raw.type_id == type_id("PersonKey")
    assert raw.schema_id == schema
    assert codec.encode([raw, 5]) == data
    assert codec.hash_code(raw) == Codec().hash_code(PersonKey(1, 2))
    assert raw == codec.decode(data)[0]
    assert hash(raw) == raw.hash_code
    known = codec.with_types(codec.types.with_types(*_types(PersonKey(1, 2))))
    assert known.decode(data)[0] == PersonKey(1, 2)


def _types(value: object) -> list[TypeDescription]:
    out = Output()
    Codec().write(out, value)
    return out.new_types


def test_a_full_footer_of_an_unknown_type_gives_fields_by_id() -> None:
    data = Codec(compact_footer=False).encode(PersonKey(1, 2))
    with pytest.raises(UnknownType):
        Codec().decode(data)
    schema: int = PersonKey.schema_id
    codec = Codec(TypeRegistry().with_missing(type_id("PersonKey"), schema))
    back = codec.decode(data)
    assert list(back) == [
        f"field_{field_id(name) & 0xFFFFFFFF:08x}" for name in ("personId", "companyId")
    ]
    assert codec.encode(back) == data
    out = Output()
    codec.write(out, back)
    assert out.new_types == []  # there is no name to register


def make(name: str, /, **fields: Any) -> Any:
    return GenericObjectMeta("Made", (), {}, type_name=name, schema=OrderedDict(fields))


def test_old_and_new_schemas_side_by_side() -> None:
    old = make("demo.Thing", a=IntObject, b=String)
    new = make("demo.Thing", a=IntObject, b=String, c=LongObject)
    types = [*_types(old(1, "x")), *_types(new(2, "y", 3))]
    codec = Codec(TypeRegistry(types, [new]))
    old_data, new_data = codec.encode(old(1, "x")), codec.encode(new(2, "y", 3))
    from_old, from_new = codec.decode(old_data), codec.decode(new_data)
    assert type(from_old) is type(from_new) is new
    assert (from_old.a, from_old.b, from_old.c) == (1, "x", 0)
    assert codec.encode(from_old) == old_data
    from_old.c = 9
    assert codec.encode(from_old) == codec.encode(new(1, "x", 9))
    # The other way: a class that lags behind keeps what it does not know.
    codec = Codec(TypeRegistry(types, [old]))
    back = codec.decode(new_data)
    assert type(back) is old
    assert back["c"] == 3
    assert codec.encode(back) == new_data
    back.a = 10
    assert codec.encode(back) == codec.encode(new(10, "y", 3))


def test_an_old_dataclass_keeps_what_it_does_not_know() -> None:
    new = make("demo.Address", zip=String, street=String, number=IntObject)
    data = Codec().encode(new("N1", "Elm", 5))
    codec = Codec(TypeRegistry(_types(new("N1", "Elm", 5)), [Address]))
    back = codec.decode(data)
    assert back == Address("Elm", 5)
    assert codec.encode(back) == data


def test_narrow_types_that_differ_from_the_declaration_go_back() -> None:
    narrow = make("demo.Thing", a=ShortObject, items=CollectionObject)
    wide = make("demo.Thing", a=LongObject, items=CollectionObject)
    value = narrow(5, [(1, IntObject), None, "x", [(2, IntObject)]])
    data = Codec().encode(value)
    back = Codec(TypeRegistry(_types(value), [wide])).decode(data)
    assert back.a == 5
    assert back["items"] == [1, None, "x", [2]]
    assert Codec().encode(back) == data


def test_names_that_are_no_identifiers() -> None:
    cls = make(
        "demo.Odd",
        **{
            "class": String,
            "in": IntObject,
            "a.b$c": IntObject,
            "Поле": String,
            "keys": IntObject,
            "__class__": IntObject,
            "schema": String,
        },
    )
    value = cls("c", 1, 2, "f", 3, 4, "s")
    assert value["class"] == "c"
    assert value["__class__"] == 4
    assert type(value) is cls
    codec, data = registered(Codec(), value)
    back = codec.decode(data)
    assert [back[name] for name in back] == ["c", 1, 2, "f", 3, 4, "s"]
    assert "in" in back
    assert "out" not in back
    assert getattr(back, "in") == 1
    assert back.schema == "s"
    back["in"] = 7
    assert codec.decode(codec.encode(back))["in"] == 7
    with pytest.raises(KeyError):
        back["out"] = 1
    assert repr(back).startswith("Odd('class'='c', 'in'=7, 'a.b$c'=2, Поле='f', keys=3")


def test_enums() -> None:
    codec, data = registered(Codec(), [Color.GREEN, None], Color)
    assert codec.decode(data) == [Color.GREEN, None]
    assert data[6:15].hex() == "1c98e3896a01000000"
    plain = Codec(TypeRegistry(codec.types.types.values()))
    value = plain.decode(data)[0]
    assert value == (type_id("demo.Color"), 1)
    assert isinstance(value, EnumValue)
    assert value.name == "GREEN"
    assert repr(value) == f"<enum {type_id('demo.Color')}, ordinal 1 GREEN>"
    assert plain.encode([value, None]) == data
    assert pickle.loads(pickle.dumps(value)).name == "GREEN"
    unknown = codec.decode(bytes.fromhex("1c98e3896a09000000"))
    assert unknown == (type_id("demo.Color"), 9)
    assert codec.hash_code(Color.GREEN) == codec.hash_code(value)

    class Undeclared(enum.Enum):
        A = 1

    with pytest.raises(EncodeError, match=r"value\[1\]: the enum .*Undeclared is not declared"):
        Codec().encode([1, Undeclared.A])


def test_enums_that_contradict_the_cluster() -> None:
    description = TypeDescription(
        type_id("demo.Color"), "demo.Color", is_enum=True, enum_constants=(("GREEN", 0),)
    )
    with pytest.raises(EncodeError, match="other ordinals"):
        Codec(TypeRegistry([description])).encode(Color.RED)


def test_types_that_contradict_the_cluster() -> None:
    known = TypeDescription(
        type_id("PersonKey"),
        "PersonKey",
        fields=(FieldDescription("personId", 4, field_id("personId")),),
    )
    with pytest.raises(EncodeError, match="type code 4, not 3"):
        Codec(TypeRegistry([known])).encode(PersonKey(1, 2))
    as_object = TypeDescription(
        type_id("PersonKey"),
        "personkey",
        affinity_key_field="personId",
        fields=(FieldDescription("personId", 103, field_id("personId")),),
    )
    out = Output()
    Codec(TypeRegistry([as_object])).write(out, PersonKey(1, 2))
    (new,) = out.new_types
    assert new.name == "personkey"
    assert new.affinity_key_field == "personId"
    assert [one.type_code for one in new.fields] == [103, 3]


def test_declarations_that_cannot_be() -> None:
    with pytest.raises(ParameterError, match="same id"):
        make("demo.X", name=String, NAME=String)
    with pytest.raises(ParameterError, match="Java's own"):
        make("com.example.Date", name=String)
    with pytest.raises(ParameterError, match="no affinity key field"):
        GenericObjectMeta("X", (), {}, type_name="X", schema={"a": String}, affinity_key_field="b")
    with pytest.raises(ParameterError, match="hint"):
        make("demo.X", name=int)
    with pytest.raises(ParameterError, match="no dataclass"):
        binary_type(int)
    with pytest.raises(ParameterError, match="slots"):

        @binary_type
        @dataclass(slots=True)
        class Slotted:
            a: int

    with pytest.raises(ParameterError, match="no enum"):
        binary_enum(int)
    with pytest.raises(ParameterError, match="ordinal"):
        binary_enum(Color, ordinals={"RED": 0, "GREEN": 0, "BLUE": 1})


def test_a_subclass_of_a_dataclass_needs_a_declaration() -> None:
    @dataclass
    class Employee(Person):
        boss: str = ""

    with pytest.raises(EncodeError, match="Employee is not declared"):
        Codec().encode(Employee(1))


def test_declared_classes_as_hints() -> None:
    codec = Codec()
    assert codec.encode(Color.RED, Color) == codec.encode(Color.RED)
    assert codec.encode((Address("a"), Address)) == codec.encode(Address("a"))
    with pytest.raises(EncodeError, match="is no Address"):
        codec.encode("a", Address)
    cls = make("demo.Holder", address=Address, color=Color)
    codec, data = registered(codec, cls(Address("a", 1), Color.RED), Address, Color, cls)
    assert codec.decode(data).address == Address("a", 1)
    with pytest.raises(EncodeError, match=r"value\.address: 'x' of type str is no Address"):
        codec.encode(cls("x", Color.RED))


def test_paths_to_what_cannot_be_written() -> None:
    person = Person(1, extra={"a": [1, 2, {"deep": (1, 2**70)}]})
    with pytest.raises(EncodeError) as caught:
        Codec().encode({"k": [person]})
    assert str(caught.value) == (
        "value['k'][0].extra['a'][2]['deep'][1]: 1180591620717411303424 does not fit the 64 bits "
        "of a Long"
    )
    with pytest.raises(EncodeError, match=r"value\.id: 2147483648 does not fit the 32 bits"):
        Codec().encode(Person(2**31))
    odd = make("demo.Odd", **{"a b": IntObject})
    with pytest.raises(EncodeError, match=r"value\['a b'\]: 'x' of type str is no IntObject"):
        Codec().encode(odd("x"))
    broken = PersonKey(1, 2)
    del broken.companyId
    with pytest.raises(EncodeError, match=r"value\.companyId: the object has no such attribute"):
        Codec().encode(broken)


def test_objects_as_elements_and_keys_of_maps() -> None:
    value = {PersonKey(1, 2): [Address("x")], "s": {Address("y", 2)}}
    codec, data = registered(Codec(), value, PersonKey, Address)
    assert codec.decode(data) == value


def test_cycles_need_the_option() -> None:
    node = make("demo.Node", next=None)
    one = node()
    one.next = one
    with pytest.raises(EncodeError, match=r"value\.next: this Made contains itself"):
        Codec().encode(one)
    out = Output()
    Codec(handles=True).write(out, one)
    codec = Codec(TypeRegistry(out.new_types, [node]))
    back = codec.decode(bytes(out))
    assert back.next is back
    # What came with handles goes back with handles, whatever the option says.
    assert codec.encode(back) == bytes(out)
    assert codec.encode([back, 1])[6:-9] == bytes(out)


def test_a_type_id_of_the_simple_name_mapper() -> None:
    data = Codec(name_mapper=NameMapper.SIMPLE).encode(Address("x", 1))
    assert int.from_bytes(data[4:8], "little", signed=True) == type_id("Address")
    assert Codec(name_mapper=NameMapper.SIMPLE).types.types == {}


def test_a_schema_that_contradicts_the_object() -> None:
    data = Codec().encode(PersonKey(1, 2))
    schema: int = PersonKey.schema_id
    types = [TypeDescription(type_id("PersonKey"), "PersonKey", schemas={schema: (1, 2, 3)})]
    with pytest.raises(DecodeError, match="2 fields, its schema 3"):
        Codec(TypeRegistry(types)).decode(data)


def test_hints_of_containers_in_fields() -> None:
    cls = make("demo.C", items=CollectionObject, pairs=MapObject, array=ObjectArrayObject)
    value = cls((2, [1]), (1, {"a": 1}), (3, [1, None]))
    codec, data = registered(Codec(), value, cls)
    back = codec.decode(data)
    assert (back["items"], back.pairs, back.array) == ([1], {"a": 1}, (1, None))
    assert back["items"].kind == 2
    assert back.pairs.kind == 1
    assert back.array.type_id == 3
    assert codec.encode(back) == data


def test_a_date_field() -> None:
    from datetime import UTC, datetime

    cls = make("demo.D", when=DateObject)
    value = cls(datetime(2020, 1, 2, 3, 4, 5, 6000, UTC))
    codec, data = registered(Codec(timezone=UTC), value)
    back = codec.decode(data)
    assert back == value
    assert codec.encode(back) == data


def test_generic_objects_without_fields() -> None:
    cls = make("demo.Empty")
    codec, data = registered(Codec(), cls(), cls)
    assert data.hex() == "670121008239a56a0100000018000000c59d1c8118000000"
    assert codec.decode(data) == cls()
    assert isinstance(Codec().decode(data), GenericObject)
