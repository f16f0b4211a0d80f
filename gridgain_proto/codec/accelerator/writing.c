/* Writing: runs of keys and values or of elements, as runs.py; objects of one class, as
   make_writer of shapes_objects.py. */

#include "module.h"

#include <structmember.h>

/* --- bytes being written --------------------------------------------------------------------- */

/* An Output (writing.py), which is a bytearray. While it is written here it is longer than what is
   in it, so that it does not have to grow for each value. */
typedef struct {
    PyObject *array;
    Py_ssize_t size;    /* how much of it is written */
    Py_ssize_t room;    /* how long it is */
} Output;

static int
output_init(Output *out, PyObject *array)
{
    if (!PyByteArray_Check(array)) {
        PyErr_Format(PyExc_TypeError, "out must be a bytearray, not %s", Py_TYPE(array)->tp_name);
        return -1;
    }
    out->array = array;
    out->size = out->room = PyByteArray_GET_SIZE(array);
    return 0;
}

/* Cut it to what is written. */
static int
output_finish(Output *out)
{
    return PyByteArray_Resize(out->array, out->size);
}

/* Where a number of bytes can be written; they count as written once the size is moved. */
static uint8_t *
output_reserve(Output *out, Py_ssize_t count)
{
    if (PyByteArray_GET_SIZE(out->array) != out->room) {
        PyErr_SetString(PyExc_BufferError, "the output was changed while a value was written");
        out->size = out->room = PyByteArray_GET_SIZE(out->array);
        return NULL;
    }
    if (count > out->room - out->size) {
        if (count > PY_SSIZE_T_MAX / 2 - out->size) {
            PyErr_NoMemory();
            return NULL;
        }
        Py_ssize_t room = (out->size + count) / 2 * 3 + 64;
        if (PyByteArray_Resize(out->array, room) < 0) {
            return NULL;
        }
        out->room = room;
    }
    return (uint8_t *)PyByteArray_AS_STRING(out->array) + out->size;
}

static inline void
store32(uint8_t *p, uint32_t number)
{
    for (int n = 0; n < 4; n++) {
        p[n] = (uint8_t)(number >> 8 * n);
    }
}

static inline void
store64(uint8_t *p, uint64_t number)
{
    for (int n = 0; n < 8; n++) {
        p[n] = (uint8_t)(number >> 8 * n);
    }
}

/* --- plain values ---------------------------------------------------------------------------- */

/* These functions give 1 if the value is written, 0 with nothing written if it is not of the type
   or does not fit, and -1 with an exception. */

/* An integer of a type of so many bytes. */
static int
write_int(Output *out, enum code code, int bytes, PyObject *value)
{
    if (!PyLong_CheckExact(value)) {
        return 0;
    }
    int overflow;
    int64_t number = PyLong_AsLongLongAndOverflow(value, &overflow);
    int64_t most = (int64_t)(~UINT64_C(0) >> (65 - 8 * bytes));
    if (overflow || number > most || number < -most - 1) {
        return 0;
    }
    uint8_t *p = output_reserve(out, 1 + 8);
    if (p == NULL) {
        return -1;
    }
    p[0] = (uint8_t)code;
    store64(p + 1, (uint64_t)number);
    out->size += 1 + bytes;
    return 1;
}

static int
write_double(Output *out, PyObject *value)
{
    if (!PyFloat_CheckExact(value)) {
        return 0;
    }
    double number = PyFloat_AS_DOUBLE(value);
    if (number != number) {
        return 0;  /* every NaN goes out as Java's: Python's writer sees to that */
    }
    uint8_t *p = output_reserve(out, 1 + 8);
    if (p == NULL || PyFloat_Pack8(number, (char *)p + 1, 1) < 0) {
        return -1;
    }
    p[0] = CODE_DOUBLE;
    out->size += 1 + 8;
    return 1;
}

static int
write_bool(Output *out, PyObject *value)
{
    if (!PyBool_Check(value)) {
        return 0;
    }
    uint8_t *p = output_reserve(out, 2);
    if (p == NULL) {
        return -1;
    }
    p[0] = CODE_BOOLEAN;
    p[1] = value == Py_True;
    out->size += 2;
    return 1;
}

static int
write_text(Output *out, PyObject *value)
{
    if (!PyUnicode_CheckExact(value)) {
        return 0;
    }
    PyObject *encoded = NULL;
    const char *text;
    Py_ssize_t size;
    if (PyUnicode_IS_COMPACT_ASCII(value)) {
        text = PyUnicode_DATA(value);
        size = PyUnicode_GET_LENGTH(value);
    }
    else {
        /* Not PyUnicode_AsUTF8AndSize: it would keep the bytes as long as the string. */
        encoded = PyUnicode_AsUTF8String(value);
        if (encoded == NULL) {
            if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
                return -1;
            }
            PyErr_Clear();
            return 0;
        }
        text = PyBytes_AS_STRING(encoded);
        size = PyBytes_GET_SIZE(encoded);
    }
    int result = 0;
    if (size <= INT32_MAX) {
        uint8_t *p = output_reserve(out, 1 + 4 + size);
        result = p == NULL ? -1 : 1;
        if (p != NULL) {
            p[0] = CODE_STRING;
            store32(p + 1, (uint32_t)size);
            memcpy(p + 1 + 4, text, (size_t)size);
            out->size += 1 + 4 + size;
        }
    }
    Py_XDECREF(encoded);
    return result;
}

static int
write_null(Output *out, PyObject *value)
{
    if (value != Py_None) {
        return 0;
    }
    uint8_t *p = output_reserve(out, 1);
    if (p == NULL) {
        return -1;
    }
    p[0] = CODE_NULL;
    out->size += 1;
    return 1;
}

/* A value by its Python type. */
static int
write_plain(Output *out, PyObject *value)
{
    PyTypeObject *type = Py_TYPE(value);
    return type == &PyLong_Type ? write_int(out, CODE_LONG, 8, value)
           : type == &PyUnicode_Type ? write_text(out, value)
           : type == &PyFloat_Type ? write_double(out, value)
           : type == &PyBool_Type ? write_bool(out, value)
           : write_null(out, value);
}

/* --- complex objects ------------------------------------------------------------------------- */

/* An offset of one byte can be no larger, and the fields begin behind the header: no more fields
   than this can have one. */
#define MOST_OFFSET 255
#define MOST_FIELDS (MOST_OFFSET - HEADER_SIZE + 1)

/* Writes objects of one class: callable, as what make_writer of shapes_objects.py gives. */
typedef struct {
    PyObject_HEAD
    vectorcallfunc call;
    PyObject *names;            /* of the fields, and of what an object keeps: a tuple of str */
    Py_ssize_t count;           /* of the fields */
    uint8_t codes[MOST_FIELDS];
    int32_t ids[MOST_FIELDS];
    int32_t type_id;
    int32_t schema_id;
    int is_compact;             /* whether the footer has offsets alone */
} ObjectWriter;

static int
write_field(Output *out, uint8_t code, PyObject *value)
{
    switch (code) {
    case CODE_BYTE:
        return write_int(out, CODE_BYTE, 1, value);
    case CODE_SHORT:
        return write_int(out, CODE_SHORT, 2, value);
    case CODE_INT:
        return write_int(out, CODE_INT, 4, value);
    case CODE_LONG:
        return write_int(out, CODE_LONG, 8, value);
    case CODE_DOUBLE:
        return write_double(out, value);
    case CODE_BOOLEAN:
        return write_bool(out, value);
    default:  /* make_writer() takes no other but text */
        return value == Py_None ? write_null(out, value) : write_text(out, value);
    }
}

/* Write an object that has nothing unusual. */
static int
write_object(ObjectWriter *self, Output *out, PyObject *value)
{
    Py_ssize_t start = out->size;
    uint8_t offsets[MOST_FIELDS];
    int written = 0;
    uint8_t *p = output_reserve(out, HEADER_SIZE);
    if (p == NULL) {
        return -1;
    }
    out->size += HEADER_SIZE;
    for (Py_ssize_t n = 0; n <= self->count; n++) {
        PyObject *item = PyObject_GetAttr(value, PyTuple_GET_ITEM(self->names, n));
        if (item == NULL) {
            if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
                written = -1;
            }
            else {
                PyErr_Clear();
                written = 0;
            }
            goto undo;
        }
        if (n == self->count) {
            written = item == Py_None;  /* what it keeps: nothing */
        }
        else if (out->size - start > MOST_OFFSET) {
            written = 0;
        }
        else {
            offsets[n] = (uint8_t)(out->size - start);
            written = write_field(out, self->codes[n], item);
        }
        Py_DECREF(item);
        if (written <= 0) {
            goto undo;
        }
    }
    Py_ssize_t footer_size = self->count * (self->is_compact ? 1 : 5);
    Py_ssize_t end = out->size - start;
    if (end > INT32_MAX - footer_size) {
        written = 0;
        goto undo;
    }
    p = output_reserve(out, footer_size);
    if (p == NULL) {
        written = -1;
        goto undo;
    }
    for (Py_ssize_t n = 0; n < self->count; n++) {
        if (!self->is_compact) {
            store32(p, (uint32_t)self->ids[n]);
            p += 4;
        }
        *p++ = offsets[n];
    }
    out->size += footer_size;
    uint8_t *header = (uint8_t *)PyByteArray_AS_STRING(out->array) + start;
    header[0] = CODE_OBJECT;
    header[1] = 1;
    header[2] = USER_TYPE | HAS_SCHEMA | OFFSET_ONE_BYTE | (self->is_compact ? COMPACT_FOOTER : 0);
    header[3] = 0;
    store32(header + 4, (uint32_t)self->type_id);
    store32(header + 8, fold_bytes(1, header + HEADER_SIZE, end - HEADER_SIZE));
    store32(header + 12, (uint32_t)(end + footer_size));
    store32(header + 16, (uint32_t)self->schema_id);
    store32(header + 20, (uint32_t)end);
    return 1;
undo:
    if (out->size > start) {
        out->size = start;
    }
    return written;
}

static PyObject *
object_writer_call(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *keywords)
{
    if (PyVectorcall_NARGS(nargsf) != 2 || keywords != NULL) {
        PyErr_SetString(PyExc_TypeError, "a writer takes an output and a value");
        return NULL;
    }
    Output out;
    if (output_init(&out, args[0]) < 0) {
        return NULL;
    }
    int written = write_object((ObjectWriter *)self, &out, args[1]);
    if (output_finish(&out) < 0 || written < 0) {
        return NULL;
    }
    return PyBool_FromLong(written);
}

static void
object_writer_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_CLEAR(((ObjectWriter *)self)->names);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMemberDef object_writer_members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(ObjectWriter, call), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot object_writer_slots[] = {
    {Py_tp_doc, "Writes objects of one class."},
    {Py_tp_call, PyVectorcall_Call},
    {Py_tp_members, object_writer_members},
    {Py_tp_dealloc, object_writer_dealloc},
    {0, NULL},
};

PyType_Spec object_writer_spec = {
    .name = "gridgain_proto.codec._accelerator.ObjectWriter",
    .basicsize = sizeof(ObjectWriter),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_IMMUTABLETYPE
             | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = object_writer_slots,
};

PyObject *
make_writer(PyObject *module, PyObject *args)
{
    ModuleState *state = PyModule_GetState(module);
    PyObject *names, *codes, *ids;
    int type_id, schema_id, is_compact;
    if (!PyArg_ParseTuple(args, "O!O!O!iip:make_writer", &PyTuple_Type, &names, &PyTuple_Type,
                          &codes, &PyTuple_Type, &ids, &type_id, &schema_id, &is_compact))
    {
        return NULL;
    }
    Py_ssize_t count = PyTuple_GET_SIZE(codes);
    if (count != PyTuple_GET_SIZE(ids) || count != PyTuple_GET_SIZE(names) - 1) {
        PyErr_SetString(PyExc_ValueError, "the fields are not told alike");
        return NULL;
    }
    if (count > MOST_FIELDS) {
        Py_RETURN_NONE;
    }
    ObjectWriter *self = PyObject_New(ObjectWriter, (PyTypeObject *)state->object_writer_type);
    if (self == NULL) {
        return NULL;
    }
    self->call = object_writer_call;
    self->names = Py_NewRef(names);
    self->count = count;
    self->type_id = type_id;
    self->schema_id = schema_id;
    self->is_compact = is_compact;
    for (Py_ssize_t n = 0; n < count; n++) {
        self->codes[n] = (uint8_t)PyLong_AsLong(PyTuple_GET_ITEM(codes, n));
        self->ids[n] = (int32_t)PyLong_AsLong(PyTuple_GET_ITEM(ids, n));
    }
    if (PyErr_Occurred()) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

/* --- runs ------------------------------------------------------------------------------------ */

/* A value that is plain, or of the type that the writer, if there is one, is for. */
static int
write_one(Output *out, PyObject *value, PyObject *type, PyObject *writer)
{
    if (writer != Py_None && (PyObject *)Py_TYPE(value) == type) {
        return write_object((ObjectWriter *)writer, out, value);
    }
    return write_plain(out, value);
}

/* One element, or one key and value. */
static int
write_item(Output *out, PyObject *item, PyObject *types, PyObject *writers)
{
    Py_ssize_t width = PyTuple_GET_SIZE(types);
    Py_ssize_t start = out->size;
    if (width == 1) {
        return write_one(out, item, PyTuple_GET_ITEM(types, 0), PyTuple_GET_ITEM(writers, 0));
    }
    int written = PyTuple_CheckExact(item) && PyTuple_GET_SIZE(item) == width;
    for (Py_ssize_t n = 0; n < width && written > 0; n++) {
        written = write_one(out, PyTuple_GET_ITEM(item, n), PyTuple_GET_ITEM(types, n),
                            PyTuple_GET_ITEM(writers, n));
    }
    if (written == 0) {
        out->size = start;
    }
    return written;
}

/* What make_run() gives, bound to its types and writers. */
static PyObject *
write_run(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs != 2 || !PyIter_Check(args[1])) {
        PyErr_SetString(PyExc_TypeError, "a run takes an output and an iterator");
        return NULL;
    }
    Output out;
    if (output_init(&out, args[0]) < 0) {
        return NULL;
    }
    PyObject *item;
    PyObject *other = NULL;
    int written = 1;
    while (written > 0 && (item = PyIter_Next(args[1])) != NULL) {
        written = write_item(&out, item, PyTuple_GET_ITEM(self, 0), PyTuple_GET_ITEM(self, 1));
        if (written == 0) {
            other = PyTuple_Pack(1, item);
        }
        Py_DECREF(item);
    }
    if (output_finish(&out) < 0 || PyErr_Occurred()) {
        Py_XDECREF(other);
        return NULL;
    }
    return other != NULL ? other : Py_NewRef(Py_None);
}

static PyMethodDef write_run_method = {
    "write_run", (PyCFunction)(void (*)(void))write_run, METH_FASTCALL,
    "write_run($self, out, items, /)\n--\n\n"
    "Write what an iterator gives; give the first item that is not of the run, in a tuple.",
};

PyObject *
make_run(PyObject *module, PyObject *args)
{
    ModuleState *state = PyModule_GetState(module);
    PyObject *types, *writers;
    if (!PyArg_ParseTuple(args, "O!O!:make_run", &PyTuple_Type, &types, &PyTuple_Type, &writers)) {
        return NULL;
    }
    if (PyTuple_GET_SIZE(types) < 1 || PyTuple_GET_SIZE(types) != PyTuple_GET_SIZE(writers)) {
        PyErr_SetString(PyExc_ValueError, "a run has as many writers as types");
        return NULL;
    }
    for (Py_ssize_t n = 0; n < PyTuple_GET_SIZE(writers); n++) {
        PyObject *writer = PyTuple_GET_ITEM(writers, n);
        if (writer != Py_None && !Py_IS_TYPE(writer, (PyTypeObject *)state->object_writer_type)) {
            PyErr_SetString(PyExc_TypeError, "a writer must be None or made by make_writer");
            return NULL;
        }
    }
    return PyCFunction_New(&write_run_method, args);
}
