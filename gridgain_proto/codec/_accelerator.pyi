"""The compiled twin of the functions that are decorated as `accelerated`."""

from .hashing import bytes_hash as bytes_hash
from .hashing import plain_hash as plain_hash
from .hashing import string_hash as string_hash
from .runs import make_run as make_run
from .shapes import rows_at as rows_at
from .shapes_objects import make_reader as make_reader
from .shapes_objects import make_writer as make_writer
