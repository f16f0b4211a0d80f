/* The codec's inner loops, compiled: an optional twin of Python functions in the folder above.

   A function here does, to the bit, what the Python function of the same name does, and takes its
   place where the module has been built (accelerated.py). What it has no code for, and whatever is
   wrong, it leaves to Python's readers and writers of single values. So every error is raised in
   one place, and nothing here has to say what is wrong with the bytes.

   message.c    a message while it is read, and the way back to Python's readers
   instants.c   dates and times
   values.c     single values
   objects.c    complex objects of one class, schema and shape
   rows.c       rows of values: pages, pairs, elements
   hashes.c     Java's hash codes
   writing.c    runs of values, objects of one class
   module.c     the module, and what of it is called from Python */

#ifndef GRIDGAIN_ACCELERATOR_H
#define GRIDGAIN_ACCELERATOR_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <assert.h>
#include <stdint.h>
#include <string.h>

/* --- the module's state ---------------------------------------------------------------------- */

/* Names of attributes and methods, made into strings once; module.c has their texts. */
enum name {
    NAME_CLAMP, NAME_CLOCK, NAME_CODEC, NAME_DEPTH, NAME_DICT, NAME_EMAX, NAME_EMIN, NAME_END,
    NAME_ENDED, NAME_FIRST_MIDNIGHT, NAME_FROMBYTES, NAME_INT, NAME_IS_SAFE, NAME_IS_STEADY,
    NAME_NEW, NAME_OBJECT_READERS, NAME_PREC, NAME_READERS, NAME_READ_DATE, NAME_READ_TIME,
    NAME_READ_TIMESTAMP, NAME_RETURNED, NAME_COUNT
};

/* Decimals with up to this many digits after the point are made in C. */
#define MOST_SCALE 32
/* How many types of arrays of numbers are read in C: of shorts, ints, longs, floats, doubles. */
#define ARRAYS 5

/* References and nothing else. They are set when the module is made, and never changed. */
typedef struct {
    PyObject *object_reader_type;
    PyObject *object_writer_type;
    PyObject *uuid_type;
    PyObject *unknown_safety;           /* uuid.SafeUUID.unknown */
    PyObject *decimal_of_int;           /* decimal.Decimal.from_float, which takes ints, too */
    PyObject *decimal_context;          /* decimal.getcontext */
    PyObject *powers[MOST_SCALE + 1];   /* Decimal("1E-n") */
    PyObject *array_type;               /* array.array */
    PyObject *array_codes[ARRAYS];      /* its codes of the items of such arrays */
    PyObject *nothing;                  /* () */
    PyObject *names[NAME_COUNT];
} ModuleState;

/* --- bytes ----------------------------------------------------------------------------------- */

/* The one-byte codes that name the type of each value, as in typecodes.py. */
enum code {
    CODE_BYTE = 1, CODE_SHORT = 2, CODE_INT = 3, CODE_LONG = 4, CODE_FLOAT = 5, CODE_DOUBLE = 6,
    CODE_CHAR = 7, CODE_BOOLEAN = 8, CODE_STRING = 9, CODE_UUID = 10, CODE_DATE = 11,
    CODE_BYTE_ARRAY = 12, CODE_SHORT_ARRAY = 13, CODE_WRAPPED = 27, CODE_DECIMAL = 30,
    CODE_TIMESTAMP = 33, CODE_TIME = 36, CODE_NULL = 101, CODE_OBJECT = 103, CODE_OPAQUE = 254,
};

/* Bits of a complex object's flags. */
enum flag {
    USER_TYPE = 0x01, HAS_SCHEMA = 0x02, OFFSET_ONE_BYTE = 0x08, COMPACT_FOOTER = 0x20,
};

/* The bytes of its header, where its fields begin. */
#define HEADER_SIZE 24

static inline uint16_t
load16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t
load32(const uint8_t *p)
{
    return load16(p) | (uint32_t)load16(p + 2) << 16;
}

static inline uint64_t
load64(const uint8_t *p)
{
    return load32(p) | (uint64_t)load32(p + 4) << 32;
}

/* Division that rounds down, as Python's does. */
static inline int64_t
floor_div(int64_t number, int64_t divisor)
{
    return number / divisor - (number % divisor < 0);
}

/* --- the message ----------------------------------------------------------------------------- */

typedef struct Instants Instants;

/* A message while it is read: a Reading (reading.py), with what has been asked of it so far. */
typedef struct {
    ModuleState *module;
    PyObject *reading;          /* borrowed, as data is */
    PyObject *data;
    const uint8_t *bytes;
    Py_ssize_t end;             /* where its values end */
    PyObject *readers;          /* Python's readers by type code; NULL until one is needed */
    PyObject *object_readers;   /* those of shapes, by flags, type id, schema id; NULL as above */
    PyObject *last;             /* the one that the last object was read by, or NULL */
    Py_ssize_t depth;           /* how many containers may be opened; -1 until it is needed */
    Instants *instants;         /* NULL until there is one */
    int exact_products;         /* of decimals (values.c); -1 until it is needed */
} Message;


/* More values in a row or an object than this are collected outside of the stack. */
#define FEW 32

/* Functions that give an int give -1 with an exception. Those that read a value at a position,
   which is that of its type code, give 1 and set the value and the position after it; or they give
   0, with nothing set, if it is not for them or not in order. */

/* message.c */
int message_init(Message *message, ModuleState *module, PyObject *reading, PyObject *data);
void message_clear(Message *message);
int64_t int_attribute(ModuleState *module, PyObject *owner, enum name name);
int call_reader(Message *message, Py_ssize_t pos, PyObject **value, Py_ssize_t *next);

/* instants.c */
int set_up_instants(void);
PyObject *read_instant(Message *message, enum name method, int64_t milliseconds, long nanoseconds);
PyObject *read_time(Message *message, int64_t milliseconds);
int read_sql_date(Message *message, int64_t milliseconds, PyObject **value);
void instants_free(Instants *instants);

/* values.c */
int is_plain(uint8_t code);
int read_plain(Message *message, Py_ssize_t pos, PyObject **value, Py_ssize_t *next);

/* objects.c */
extern PyType_Spec object_reader_spec;
int read_known(Message *message, Py_ssize_t pos, PyObject **value, Py_ssize_t *next);

/* hashes.c */
uint32_t fold_bytes(uint32_t hash, const uint8_t *p, Py_ssize_t size);

/* writing.c */
extern PyType_Spec object_writer_spec;

/* The functions of the module: each as the Python function of its name. */
PyObject *bytes_hash(PyObject *module, PyObject *args);
PyObject *make_reader(PyObject *module, PyObject *args);
PyObject *make_run(PyObject *module, PyObject *args);
PyObject *make_writer(PyObject *module, PyObject *args);
PyObject *plain_hash(PyObject *module, PyObject *value);
PyObject *rows_at(PyObject *module, PyObject *const *args, Py_ssize_t nargs);
PyObject *string_hash(PyObject *module, PyObject *text);

#endif
