"""Everything that the documentation shows is run.

A page is one script, and so is a module whose docstrings show something: the blocks are run in
order, in one namespace, in a process and a folder of their own. ``python -m tests.docs
docs/tutorial.md`` runs one page by hand.

``python``
    is run. What stands in a comment behind a ``print(...)`` is what it has to print, each time or
    all times together; ``...`` stands for anything. There is no ``await`` outside of functions.
``python title="test_orders.py"``
    is written to the folder, as any block with a title is. A later block has to run it, or to
    import it.
``pycon``
    is a session, with its outcomes, as doctest has them.
``console``
    Lines that begin with ``$`` are commands, what follows is what they print, if it is shown;
    ``...`` stands for anything. A command whose output is not shown has to succeed.
    ``gridgain node`` goes on until the page ends, and from the next block on the ports are its own.
    ``pip``, ``make`` and the like are not run, but what they name has to exist.
``toml``, ``json``
    has to be valid.
``text``, ``diff``, ``sql``, ``java``, ``xml``
    is left alone. There is no way to leave Python alone.

Ports 10800 to 10802 of 127.0.0.1 are those of three nodes in memory, new for each page. From a line
``<!-- nodes: tls -->`` on they are those of other nodes: ``tls``, ``mutual-tls``, ``users`` (user
and password are ignite), or several of these. Certificates are in the folder: ``ca.pem``,
``client.pem`` and ``client.key``. With ``<!-- nodes: ignite -->`` at its top a page asks for
Apache Ignite. What has to be there, but need not be seen, may stand in a block within an HTML
comment. A block may be a file of the repository: ``--8<-- "examples/quickstart.py"``.
"""
