"""SQL: tables, indexes, parameters, pages, changes, errors.

Usage: python examples/sql.py [host:port]
"""

import os
import sys

from gridgain_proto.exceptions import SQLError
from gridgain_sync import Client

default = os.environ.get("GRIDGAIN_ADDRESSES", "127.0.0.1:10800").split(",")[0]
node = sys.argv[1] if len(sys.argv) > 1 else default

with Client(timeout=30).connect(node) as client:
    client.sql("DROP TABLE IF EXISTS example_city")
    client.sql("CREATE TABLE example_city (id INT PRIMARY KEY, name VARCHAR, people INT)")
    client.sql("CREATE INDEX example_by_people ON example_city (people DESC)")
    for row in [(1, "Berlin", 3_755_251), (2, "Paris", 2_102_650), (3, "Rome", 2_748_109)]:
        client.sql("INSERT INTO example_city VALUES (?, ?, ?)", query_args=row)

    cities = client.sql("SELECT name, people FROM example_city ORDER BY people DESC", page_size=2)
    print("columns:", *cities.column_names)
    for name, people in cities:
        print(name, people)

    changed = client.sql("UPDATE example_city SET people = people + 1 WHERE people < 3000000")
    print("updated:", changed.update_count)
    print(
        "deleted:", client.sql("DELETE FROM example_city WHERE id = ?", query_args=[2]).update_count
    )
    try:
        client.sql("SELECT nothing FROM nowhere")
    except SQLError as exc:
        print("error:", exc.sqlstate)
    client.sql("DROP TABLE example_city")
