"""SQL on the node: answers as of real servers, and refusals of what is not known to be right.

What is expected here was seen on Apache Ignite 2.17 unless a comment says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from gridgain_proto.codec import Timestamp, binary_type
from gridgain_proto.datatypes import (
    ByteObject,
    CharObject,
    FloatObject,
    IntObject,
    ShortObject,
)
from gridgain_proto.datatypes.cache_config import QueryEntity, QueryField, QueryIndex
from gridgain_proto.datatypes.prop_codes import PROP_NAME, PROP_QUERY_ENTITIES, PROP_SQL_SCHEMA
from gridgain_proto.exceptions import SQLError
from gridgain_proto.features import Product
from gridgain_proto.operations.layout import CacheHeader
from gridgain_proto.operations.query import QUERY_SQL_FIELDS, SqlOptions

from .memory import MemoryClient, Peer, one_node

TABLE = (
    "CREATE TABLE T (ID INT PRIMARY KEY, A TINYINT, B BIGINT, N VARCHAR, D DECIMAL(10,2), F DOUBLE)"
)


class Sql:
    """A client for statements."""

    def __init__(self, **config: Any) -> None:
        self.cluster = one_node(**config)
        self.client = MemoryClient(self.cluster)

    def rows(self, statement: str, *args: Any, **options: Any) -> list[list[Any]]:
        """The rows of a query."""
        return list(self.client.sql(statement, query_args=args, **options))

    def row(self, statement: str, *args: Any) -> list[Any]:
        """The only row of a query."""
        (row,) = self.rows(statement, *args)
        return row

    def run(self, statement: str, *args: Any) -> int:
        """How many rows a change has changed."""
        count: int = self.row(statement, *args)[0]
        return count

    def state(self, statement: str, *args: Any) -> str | None:
        """The SQLSTATE of what a statement fails with."""
        with pytest.raises(SQLError) as caught:
            self.rows(statement, *args)
        return caught.value.sqlstate


@pytest.fixture
def sql() -> Sql:
    """A node with the table T and four rows."""
    made = Sql()
    made.run(TABLE)
    for number in range(1, 5):
        made.run(
            "INSERT INTO T VALUES (?,?,?,?,?,?)",
            number,
            number,
            number * 10,
            f"n{number}",
            None,
            number / 2,
        )
    made.run("UPDATE T SET D=1.5 WHERE ID=1")
    return made


# -- expressions ---------------------------------------------------------------------------------

EXPRESSIONS: list[tuple[str, Any]] = [
    ("ID+1", 2),
    ("ID + A", 2),
    ("-ID", -1),
    ("ID/2", 0),
    ("-7/2", -3),
    ("-7%3", -1),
    ("F/2", 0.25),
    ("D*2", Decimal("3.0")),
    ("D+ID", Decimal("2.5")),
    ("D/3", Decimal("0.5")),
    ("1.0/3", Decimal("0.33333333333333333333333333")),
    ("10/4.0", Decimal("2.5")),
    ("1e3", Decimal("1E+3")),
    ("5000000000", 5000000000),
    ("ID || 'x'", "1x"),
    ("'a' || NULL", None),
    ("CONCAT(N, ID, NULL)", "n11"),
    ("UPPER(N)", "N1"),
    ("LENGTH('😀')", 2),
    ("SUBSTRING('hello',2,3)", "ell"),
    ("TRIM('  a ')", "a"),
    ("REPLACE('aba','a','x')", "xbx"),
    ("COALESCE(D,0)", Decimal("1.5")),
    ("NULLIF(ID,1)", None),
    ("ABS(-2.5)", Decimal("2.5")),
    ("CASE WHEN ID=1 THEN 'a' ELSE 'b' END", "a"),
    ("CASE ID WHEN 2 THEN 'a' END", None),
    ("CAST(2.5 AS INT)", 3),
    ("CAST(-2.5 AS INT)", -3),
    ("CAST('12' AS INT)", 12),
    ("CAST(1.239 AS DECIMAL(10,2))", Decimal("1.24")),
    ("CAST('abc' AS VARCHAR(2))", "ab"),
    ("1=1", True),
    ("N LIKE 'n%'", True),
    ("N LIKE 'N%'", False),
    ("N LIKE '_1'", True),
    ("'a%' LIKE 'a\\%'", True),
    ("'ab' LIKE 'a!b' ESCAPE '!'", None),
    ("ID IS NULL", False),
    ("NOT TRUE", False),
    ("ID IN (3, 1)", True),
    ("ID NOT IN (3, 1)", False),
    ("ID IN (3, NULL)", None),
    ("ID BETWEEN 0 AND 1", True),
    ("D = 1.50", True),
    ("ID = '1'", True),
    ("NULL = NULL", None),
    ("TIME '01:02:03'", time(1, 2, 3)),
    ("EXISTS(SELECT 1 FROM T WHERE ID = 9)", False),
    ("(SELECT MAX(ID) FROM T)", 4),
]


@pytest.mark.parametrize(
    ("text", "wanted"), [one for one in EXPRESSIONS if "ESCAPE" not in one[0]], ids=str
)
def test_expressions(sql: Sql, text: str, wanted: Any) -> None:
    found = sql.row(f"SELECT {text} FROM T WHERE ID=1")[0]
    assert (found, type(found)) == (wanted, type(wanted))
    if isinstance(wanted, Decimal):
        assert str(found) == str(wanted)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("ID/0", "50000"),
        ("A*A*A*A*A*A*A*A*A", "50000"),
        ("CAST('x' AS INT)", "50000"),
        ("N = 1", "50000"),
        ("NO_COLUMN", "42000"),
        ("NO_FUNCTION(1)", "0A000"),
        ("CURRENT_TIMESTAMP()", "0A000"),
        ("ROUND(1.5)", "0A000"),
        ("F || 'x'", "0A000"),
        ("CAST(F AS VARCHAR) ||", "42000"),
        ("COUNT(COUNT(*))", "42000"),
        ("N + 1", "0A000"),
    ],
)
def test_expressions_that_fail(sql: Sql, text: str, state: str) -> None:
    assert sql.state(f"SELECT {text} FROM T WHERE ID=4") == state


def test_aggregates(sql: Sql) -> None:
    assert sql.row("SELECT COUNT(*), COUNT(D), COUNT(DISTINCT N), MIN(N), MAX(ID) FROM T") == [
        4,
        1,
        4,
        "n1",
        4,
    ]
    found = sql.row("SELECT AVG(ID), AVG(F), SUM(A), SUM(B), SUM(D), SUM(F) FROM T")
    assert found == [2, 1.25, 10, Decimal(100), Decimal("1.50"), 5.0]
    assert str(found[4]) == "1.50"
    assert sql.row("SELECT SUM(ID), MAX(N) FROM T WHERE ID > 9") == [None, None]
    assert sql.rows("SELECT A > 2, COUNT(*) FROM T GROUP BY A > 2 ORDER BY 1") == [
        [False, 2],
        [True, 2],
    ]
    assert sql.rows("SELECT N FROM T GROUP BY ID ORDER BY ID") == [["n1"], ["n2"], ["n3"], ["n4"]]
    assert sql.state("SELECT N, COUNT(*) FROM T GROUP BY A") == "42000"
    assert sql.state("SELECT N, COUNT(*) FROM T") == "42000"
    assert sql.rows("SELECT A FROM T GROUP BY A HAVING COUNT(*) > 1") == []


def test_joins_subqueries_unions(sql: Sql) -> None:
    assert sql.rows(
        "SELECT T.ID, X.N AS FOO FROM T JOIN T X ON X.ID = T.ID + 1 WHERE T.ID < ? ORDER BY 1", 3
    ) == [[1, "n2"], [2, "n3"]]
    assert sql.rows("SELECT T.ID, X.ID FROM T LEFT JOIN T X ON X.ID = T.ID * 2 ORDER BY T.ID") == [
        [1, 2],
        [2, 4],
        [3, None],
        [4, None],
    ]
    assert sql.row("SELECT COUNT(*) FROM T, T X") == [16]
    assert sql.rows("SELECT ID FROM T UNION SELECT 9 ORDER BY 1 DESC LIMIT 2") == [[9], [4]]
    assert sql.row("SELECT MAX(C) FROM (SELECT ID + 1 AS C FROM T) Z") == [5]
    assert sql.rows("SELECT ID FROM T WHERE ID IN (SELECT ID - 1 FROM T) ORDER BY ID") == [
        [1],
        [2],
        [3],
    ]
    assert sql.rows("SELECT ID FROM T WHERE EXISTS (SELECT 1 FROM T X WHERE X.ID = T.ID + 3)") == [
        [1]
    ]
    assert sql.state("SELECT ID FROM T, T X") == "42000"
    assert sql.state("SELECT * FROM T RIGHT JOIN T X ON 1=1") == "0A000"


def test_parameters_count_as_they_stand(sql: Sql) -> None:
    assert sql.rows(
        "SELECT ? AS P, T.ID FROM T JOIN T X ON X.ID = ? WHERE T.ID = ?", "first", 2, 3
    ) == [["first", 3]]
    assert sql.state("SELECT ID FROM T WHERE ID = ? AND N = ?", 1) == "50000"
    assert sql.row("SELECT 1", "too many") == [1]
    assert sql.row("SELECT CAST(? AS VARCHAR)", None) == [None]


def test_parameters_may_have_numbers(sql: Sql) -> None:
    assert sql.row("SELECT ID, ?2, ?1 FROM T WHERE ID = ?1", 1, "two") == [1, "two", 1]
    assert sql.state("SELECT ?0", 1) == "42000"
    assert sql.state("SELECT ?99999", 1) is not None


def test_ranges_of_numbers(sql: Sql) -> None:
    assert sql.rows("SELECT X FROM SYSTEM_RANGE(2, 4)") == [[2], [3], [4]]
    assert sql.rows("SELECT X FROM SYSTEM_RANGE(2, 1)") == []
    assert sql.row("SELECT SUM(R.X) FROM SYSTEM_RANGE(1, ?) R", 1000) == [Decimal(500500)]


def test_a_statement_that_takes_too_long_is_given_up(sql: Sql) -> None:
    endless = "SELECT COUNT(*) FROM SYSTEM_RANGE(1,10000) A, SYSTEM_RANGE(1,10000) B"
    assert sql.state(endless) == "50000"
    assert sql.row("SELECT COUNT(*) FROM T") == [4]


def test_floats_of_both_widths() -> None:
    sql = Sql()
    sql.run("CREATE TABLE R (ID INT PRIMARY KEY, R REAL, D DOUBLE, N DECIMAL)")
    sql.run("INSERT INTO R VALUES (1, ?, ?, 0.1)", (0.1, FloatObject), 0.1)
    assert sql.row("SELECT R = D, R = 0.1, R = N, D = N FROM R") == [False, True, True, True]
    assert sql.row("SELECT R + D, R + N, D + N, R * 2 FROM R") == [
        0.20000000149011612,
        0.20000000298023224,
        0.2,
        0.20000000298023224,
    ]


def test_order_and_pages(sql: Sql) -> None:
    statement = "SELECT ID FROM T ORDER BY D NULLS LAST, ID DESC"
    assert sql.rows(statement, page_size=1) == [[1], [4], [3], [2]]
    assert sql.rows("SELECT ID FROM T ORDER BY ID LIMIT ? OFFSET ?", 2, 1) == [[2], [3]]
    assert sql.state("SELECT DISTINCT A FROM T ORDER BY ID") == "42000"
    # H2 has nulls first, by default.
    assert sql.rows("SELECT D FROM T ORDER BY D LIMIT 1") == [[None]]


def test_decimals_are_compared_as_numbers() -> None:
    sql = Sql()
    sql.run("CREATE TABLE M (ID INT PRIMARY KEY, D DECIMAL)")
    texts = ["10", "9", "1.0", "1.00", "-2", "1E+3"]
    for number, text in enumerate(texts):
        sql.run("INSERT INTO M VALUES (?, ?)", number, Decimal(text))
    assert [str(row[0]) for row in sql.rows("SELECT D FROM M ORDER BY D, ID")] == [
        "-2",
        "1.0",
        "1.00",
        "9",
        "10",
        "1E+3",
    ]
    assert sql.row("SELECT COUNT(DISTINCT D), COUNT(*) FROM M") == [5, 6]
    assert sql.row("SELECT COUNT(*) FROM M WHERE D > 9.5") == [2]


def test_texts_sort_by_utf_16_as_in_java() -> None:
    sql = Sql()
    sql.run("CREATE TABLE S (ID INT PRIMARY KEY, V VARCHAR)")
    for number, text in enumerate(["\ufffd", "😀", "z", "Z", "a\0b", "a"]):
        sql.run("INSERT INTO S VALUES (?, ?)", number, text)
    assert [row[0] for row in sql.rows("SELECT V FROM S ORDER BY V")] == [
        "Z",
        "a",
        "a\0b",
        "z",
        "😀",
        "\ufffd",
    ]


# -- changes -------------------------------------------------------------------------------------


def test_changes(sql: Sql) -> None:
    assert sql.run("INSERT INTO T (ID, N) VALUES (7, 'x'), (8, 'y')") == 2
    assert sql.run("UPDATE T SET N = N || '!', B = ID WHERE ID > 6") == 2
    assert sql.rows("SELECT ID, N, B FROM T WHERE ID > 6 ORDER BY ID") == [
        [7, "x!", 7],
        [8, "y!", 8],
    ]
    assert sql.run("MERGE INTO T (ID, N) VALUES (7, 'z')") == 1
    assert sql.run("INSERT INTO T (ID, N) SELECT ID + 100, N FROM T WHERE ID > 6") == 2
    assert sql.run("DELETE FROM T WHERE ID > 6") == 4
    assert sql.run("DELETE FROM T WHERE ID = -1") == 0


def test_changes_that_fail(sql: Sql) -> None:
    assert sql.state("INSERT INTO T (ID, N) VALUES (1, 'twice')") == "23000"
    assert sql.state("INSERT INTO T (ID, N) VALUES (7, 'new'), (1, 'twice')") == "50000"
    assert sql.row("SELECT COUNT(*) FROM T WHERE ID = 7") == [1]
    assert sql.state("INSERT INTO T (ID, A) VALUES (8, 300)") == "0700B"
    assert sql.state("INSERT INTO T (ID, A) VALUES (8, 'x')") == "0700B"
    assert sql.state("INSERT INTO T (ID, D) VALUES (8, 1.234)") == "23000"
    assert sql.state("INSERT INTO T (ID, D) VALUES (8, 12345678901)") is not None
    assert sql.state("INSERT INTO T (N) VALUES ('no key')") == "22004"
    assert sql.state("INSERT INTO T (ID) VALUES (1, 2)") == "42000"
    assert sql.state("UPDATE T SET ID = ID + 100") == "42000"
    assert sql.state("INSERT INTO NO_TABLE VALUES (1)") == "42000"


def test_a_delete_by_a_key_of_another_width_deletes_nothing(sql: Sql) -> None:
    """A server looks the key up as it came; an UPDATE compares. The client works around it."""
    peer = Peer(sql.cluster)

    def changed(statement: str, arg: Any) -> int:
        options = SqlOptions(statement, args=[arg])
        count: int = peer.ask(QUERY_SQL_FIELDS, CacheHeader(0), options).page.rows[0][0]
        return count

    assert changed("UPDATE T SET N = 'u' WHERE ID = ?", 1) == 1
    assert changed("DELETE FROM T WHERE ID = ?", 1) == 0
    assert changed("DELETE FROM T WHERE ID = ?", (1, IntObject)) == 1
    assert changed("DELETE FROM T WHERE ID < ?", 3) == 1
    assert sql.run("DELETE FROM T WHERE ID = 3") == 1


def test_constraints_and_defaults() -> None:
    sql = Sql()
    sql.run("CREATE TABLE C (ID INT PRIMARY KEY, N VARCHAR(3) NOT NULL, V INT DEFAULT 5, W INT)")
    sql.run("INSERT INTO C (ID, N) VALUES (1, 'abc')")
    assert sql.row("SELECT * FROM C") == [1, "abc", 5, None]
    assert sql.state("INSERT INTO C (ID) VALUES (2)") == "22004"
    assert sql.state("INSERT INTO C (ID, N) VALUES (2, NULL)") == "22004"
    assert sql.state("INSERT INTO C (ID, N) VALUES (2, 'abcd')") == "23000"
    sql.run("INSERT INTO C (ID, N, V) VALUES (2, 'x', DEFAULT), (3, 'y', -1)")
    assert sql.rows("SELECT V FROM C ORDER BY ID") == [[5], [5], [-1]]


# -- tables --------------------------------------------------------------------------------------


def test_tables_and_indexes(sql: Sql) -> None:
    assert sql.state(TABLE) == "42000"
    assert sql.run(TABLE.replace("TABLE", "TABLE IF NOT EXISTS")) == 0
    sql.run("CREATE INDEX I ON T (N DESC, ID)")
    assert sql.state("CREATE INDEX I ON T (N)") == "42000"
    sql.run("CREATE INDEX IF NOT EXISTS I ON T (N)")
    assert sql.row("SELECT ID FROM T WHERE N = 'n2'") == [2]
    sql.run("ALTER TABLE T ADD COLUMN Z INT")
    assert sql.row("SELECT * FROM T WHERE ID = 2")[-1] is None
    sql.run("UPDATE T SET Z = ID")
    assert sql.row("SELECT Z FROM T WHERE N = 'n3'") == [3]
    assert sql.state("ALTER TABLE T DROP COLUMN N") == "42000"
    sql.run("DROP INDEX I")
    sql.run("ALTER TABLE T DROP COLUMN N")
    assert sql.state("SELECT N FROM T") == "42000"
    sql.run("DROP TABLE T")
    assert sql.state("DROP TABLE T") == "42000"
    assert sql.run("DROP TABLE IF EXISTS T") == 0
    assert sql.client.get_cache_names() == []


@pytest.mark.parametrize(
    ("statement", "state"),
    [
        ("CREATE TABLE X (ID INT, V INT)", "42000"),
        ("CREATE TABLE X (ID INT PRIMARY KEY)", "0A000"),
        ("CREATE TABLE X (ID INT PRIMARY KEY, V JSON)", "42000"),
        ("CREATE VIEW X AS SELECT 1", "0A000"),
        ("EXPLAIN SELECT 1", "0A000"),
        ("BEGIN", "0A000"),
        ("SELEC 1", "42000"),
        ("SELECT 1; SELECT 2", "0A000"),
        ("SELECT * FROM NO_TABLE", "42000"),
        ("   ", None),
    ],
)
def test_statements_that_are_refused(sql: Sql, statement: str, state: str | None) -> None:
    if state is not None:
        assert sql.state(statement) == state


def test_statement_types(sql: Sql) -> None:
    with pytest.raises(SQLError):
        sql.rows("DELETE FROM T WHERE ID = 9", statement_type=1)
    with pytest.raises(SQLError):
        sql.rows("SELECT 1", statement_type=2)


def test_rows_are_entries() -> None:
    """What SQL writes a cache can read, and the other way."""
    sql = Sql()
    sql.run(
        "CREATE TABLE P (ID BIGINT PRIMARY KEY, NAME VARCHAR, AGE INT) "
        'WITH "cache_name=people,value_type=Person"'
    )
    sql.run("INSERT INTO P (ID, NAME) VALUES (1, 'Ann')")
    cache = sql.client.get_cache("people")
    found: Any = cache.get(1)
    assert found.NAME == "Ann"
    assert not hasattr(found, "AGE") or found.AGE is None
    ((key, value),) = cache.scan()
    assert (key, value.NAME) == (1, "Ann")
    assert sql.row("SELECT _KEY, _VAL FROM P")[0] == 1
    cache.remove_key(1)
    assert sql.row("SELECT COUNT(*) FROM P") == [0]
    sql.run("INSERT INTO P (ID, NAME) VALUES (1, 'Ann')")
    cache.clear()
    assert sql.rows("SELECT * FROM P") == []


@binary_type(type_name="test.City")
@dataclass
class City:
    """A value of a table."""

    name: str
    people: int


def test_query_entities() -> None:
    sql = Sql()
    entity = QueryEntity(
        key_type_name="java.lang.Long",
        value_type_name="test.City",
        query_fields=[
            QueryField("name", "java.lang.String"),
            QueryField("people", "java.lang.Long"),
        ],
        query_indexes=[QueryIndex([{"name": "people", "is_descending": True}])],
    )
    cache = sql.client.create_cache(
        {PROP_NAME: "cities", PROP_QUERY_ENTITIES: [entity], PROP_SQL_SCHEMA: "PUBLIC"}
    )
    cache.put_all({1: City("Bern", 133_000), 2: City("Basel", 177_000), 3: "no city"})
    assert sql.rows("SELECT NAME FROM CITY WHERE PEOPLE > 150000") == [["Basel"]]
    assert sql.row("SELECT COUNT(*) FROM CITY") == [2]
    sql.run("INSERT INTO CITY (_KEY, NAME, PEOPLE) VALUES (4, 'Chur', 38000)")
    assert sql.row("SELECT NAME, _KEY FROM CITY WHERE _KEY = 4") == ["Chur", 4]
    found: Any = cache.get(4)
    assert found.name == "Chur"


@binary_type(type_name="test.House")
@dataclass
class House:
    """A value with an object in it."""

    city: City


def test_nested_fields_can_be_read() -> None:
    sql = Sql()
    entity = QueryEntity(
        key_type_name="java.lang.Long",
        value_type_name="test.House",
        query_fields=[
            QueryField("city.name", "java.lang.String"),
            QueryField("city.people", "java.lang.Long"),
        ],
    )
    cache = sql.client.create_cache(
        {PROP_NAME: "houses", PROP_QUERY_ENTITIES: [entity], PROP_SQL_SCHEMA: "PUBLIC"}
    )
    cache.put(1, House(City("Bern", 133_000)))
    assert sql.row("SELECT NAME, PEOPLE FROM HOUSE") == ["Bern", 133_000]
    assert sql.state("UPDATE HOUSE SET NAME = 'x'") == "0A000"


def test_a_table_of_simple_values() -> None:
    sql = Sql()
    entity = QueryEntity(
        key_type_name="java.lang.Long",
        value_type_name="java.lang.String",
        table_name="words",
        key_field_name="k",
        value_field_name="v",
        query_fields=[QueryField("k", "java.lang.Long"), QueryField("v", "java.lang.String")],
    )
    cache = sql.client.create_cache({PROP_NAME: "words", PROP_QUERY_ENTITIES: [entity]})
    cache.put(1, "one")
    rows = sql.rows("SELECT * FROM WORDS", schema="words")
    assert rows == [[1, "one"]]
    assert list(sql.client.sql("INSERT INTO WORDS VALUES (2, 'two')", cache="words")) == [[1]]
    assert cache.get(2) == "two"
    with pytest.raises(SQLError):
        sql.rows("SELECT * FROM WORDS", schema="nowhere")


# -- types ---------------------------------------------------------------------------------------

TYPES: list[tuple[str, Any, Any]] = [
    ("BOOLEAN", True, True),
    ("TINYINT", (5, ByteObject), 5),
    ("SMALLINT", (-300, ShortObject), -300),
    ("INT", (70_000, IntObject), 70_000),
    ("BIGINT", -(2**63), -(2**63)),
    ("REAL", (0.5, FloatObject), 0.5),
    ("DOUBLE", 1e300, 1e300),
    ("DECIMAL", Decimal("123456789012345678901234567890.120"), None),
    ("VARCHAR", "text 😀 \0", None),
    ("CHAR(3)", ("x", CharObject), "x"),
    ("UUID", UUID("00112233-4455-6677-8899-aabbccddeeff"), None),
    ("DATE", date(2020, 2, 29), None),
    ("TIME", time(13, 14, 15, 123000), None),
    ("TIMESTAMP", Timestamp.of(datetime(2020, 1, 2, 3, 4, 5, 123456), 789), None),
    ("BINARY", b"\x00\xff", None),
]


@pytest.mark.parametrize("product", [Product.GRIDGAIN, Product.IGNITE], ids=str)
@pytest.mark.parametrize(("name", "given", "wanted"), TYPES, ids=lambda one: str(one)[:20])
def test_types_come_back(product: Product, name: str, given: Any, wanted: Any) -> None:
    sql = Sql(product=product)
    sql.run(f"CREATE TABLE X (ID INT PRIMARY KEY, V {name})")
    sql.run("INSERT INTO X VALUES (1, ?)", given)
    found = sql.row("SELECT V FROM X WHERE V = ?", given)[0]
    wanted = given if wanted is None else wanted
    if isinstance(found, datetime) and not isinstance(wanted, datetime):
        found = found.date()  # GridGain's dates come as moments
    assert found == wanted
    if isinstance(wanted, Decimal):
        assert str(found) == str(wanted)
    if isinstance(wanted, Timestamp):
        assert found.nanosecond == wanted.nanosecond


@pytest.mark.parametrize(("name", "given", "wanted"), TYPES, ids=lambda one: str(one)[:20])
def test_types_as_keys(name: str, given: Any, wanted: Any) -> None:
    sql = Sql()
    sql.run(f"CREATE TABLE X (K {name} PRIMARY KEY, V INT)")
    sql.run("INSERT INTO X VALUES (?, 1)", given)
    assert sql.state("INSERT INTO X VALUES (?, 2)", given) == "23000"
    assert sql.row("SELECT V FROM X WHERE K = ?", given) == [1]
    assert sql.run("UPDATE X SET V = 3 WHERE K = ?", given) == 1


def test_a_zone_for_dates_and_times() -> None:
    for zone in (None, UTC):
        sql = Sql(timezone=zone)
        sql.run("CREATE TABLE X (ID INT PRIMARY KEY, V TIMESTAMP)")
        sql.run("INSERT INTO X VALUES (1, TIMESTAMP '2020-06-01 12:00:00')")
        moment = sql.row("SELECT V FROM X")[0]
        local = datetime(2020, 6, 1, 12) if zone is None else datetime(2020, 6, 1, 12, tzinfo=UTC)
        assert moment.timestamp() == local.timestamp()


def test_nan_is_refused() -> None:
    sql = Sql()
    sql.run("CREATE TABLE X (ID INT PRIMARY KEY, V DOUBLE)")
    assert sql.state("INSERT INTO X VALUES (1, ?)", float("nan")) == "0A000"


def test_keys_of_several_columns() -> None:
    sql = Sql()
    sql.run(
        "CREATE TABLE X (A INT, B VARCHAR, V INT, PRIMARY KEY (A, B)) "
        'WITH "key_type=XKey,affinity_key=A"'
    )
    sql.run("INSERT INTO X VALUES (1, 'a', 10), (1, 'b', 20)")
    assert sql.state("INSERT INTO X VALUES (1, 'a', 30)") == "23000"
    assert sql.row("SELECT V FROM X WHERE A = 1 AND B = 'b'") == [20]
    assert sql.run("DELETE FROM X WHERE A = 1") == 2
