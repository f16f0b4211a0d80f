/* Complex objects of one class, schema and shape: as ObjectReader of shapes_objects.py. */

#include "module.h"

/* Offsets have two bytes at the most. */
#define MOST_FIELDS 65536

typedef struct {
    PyObject_HEAD
    PyTypeObject *cls;
    PyObject *names;        /* of the fields, in the order of the schema: a tuple of str */
    Py_ssize_t count;
    uint8_t *codes;         /* the type code of each field */
    uint8_t *attributes;    /* whether each is set as an attribute, not in __dict__ */
    int32_t *ids;           /* the id of each */
    uint8_t head[8];        /* type code, version, flags and type id as the header has them */
    int32_t schema_id;
    int width;              /* of an offset in the footer, in bytes: 1 or 2 */
    int is_compact;         /* whether the footer has offsets alone */
} ObjectReader;

/* The object of a class whose fields have been read. */
static PyObject *
make_object(ObjectReader *self, ModuleState *module, PyObject **values)
{
    /* As object.__new__, whose checks make_reader() has had made. */
    PyObject *made = PyBaseObject_Type.tp_new(self->cls, module->nothing, NULL);
    if (made == NULL) {
        return NULL;
    }
    for (Py_ssize_t n = 0; n < self->count; n++) {
        PyObject *name = PyTuple_GET_ITEM(self->names, n);
        int failed;
        if (self->attributes[n]) {
            failed = PyObject_SetAttr(made, name, values[n]);
        }
        else {
            PyObject *dict = PyObject_GetAttr(made, module->names[NAME_DICT]);
            failed = dict == NULL || PyObject_SetItem(dict, name, values[n]) < 0;
            Py_XDECREF(dict);
        }
        if (failed) {
            Py_DECREF(made);
            return NULL;
        }
    }
    return made;
}

/* The object whose header, of which head and schema id have been compared, is at a position: 1;
   0 if it has another shape. What this checks, and when, is as in the generated Python: a field's
   reader may raise before the footer is found to be wrong. */
static int
read_fields(ObjectReader *self, Message *message, Py_ssize_t start, int64_t length,
            int64_t offset, PyObject **value, Py_ssize_t *footer_end)
{
    PyObject *few[FEW];
    PyObject **values = few;
    Py_ssize_t filled = 0;
    int result = 0;
    if (self->count > FEW) {
        values = PyMem_New(PyObject *, self->count);
        if (values == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    int entry_size = self->width + (self->is_compact ? 0 : 4);
    int64_t footer_size = entry_size * (int64_t)self->count;
    int64_t left = message->end - start;
    int in_place = HEADER_SIZE <= offset && offset <= left - footer_size
                   && offset + footer_size == length;
    const uint8_t *entry = in_place ? message->bytes + start + offset : NULL;
    Py_ssize_t pos = start + HEADER_SIZE;
    Py_ssize_t last = 0;
    for (; filled < self->count; filled++) {
        uint8_t code = self->codes[filled];
        if (pos >= message->end || message->bytes[pos] != code) {
            goto done;
        }
        last = pos - start;
        if (in_place) {
            if (!self->is_compact) {
                in_place = (int32_t)load32(entry) == self->ids[filled];
                entry += 4;
            }
            in_place = in_place && (self->width == 1 ? entry[0] : load16(entry)) == last;
            entry += self->width;
        }
        int found = read_plain(message, pos, &values[filled], &pos);
        if (found == 0) {
            if (is_plain(code)) {
                goto done;
            }
            found = call_reader(message, pos, &values[filled], &pos);
        }
        if (found < 0) {
            result = -1;
            goto done;
        }
    }
    /* Offsets with more bytes than they need go back as they came: that is not for here. */
    if (!in_place || pos - start != offset || (self->width == 2 && last < 256)) {
        goto done;
    }
    *value = make_object(self, message->module, values);
    *footer_end = pos + (Py_ssize_t)footer_size;
    result = *value == NULL ? -1 : 1;
done:
    while (filled > 0) {
        Py_DECREF(values[--filled]);
    }
    if (values != few) {
        PyMem_Free(values);
    }
    return result;
}

/* How many more containers may be opened; -1 with an exception. */
static Py_ssize_t
depth_of(Message *message)
{
    if (message->depth < 0) {
        message->depth = (Py_ssize_t)int_attribute(message->module, message->reading, NAME_DEPTH);
    }
    return message->depth;
}

/* The object, wrapped or not, at a position: 1; 0 if it has another shape than this reader's. */
static int
read_by(ObjectReader *self, Message *message, Py_ssize_t pos, PyObject **value, Py_ssize_t *next)
{
    int is_wrapped = message->bytes[pos] == CODE_WRAPPED;
    Py_ssize_t start = is_wrapped ? pos + 5 : pos;
    if (message->end - start < HEADER_SIZE) {
        return 0;
    }
    const uint8_t *header = message->bytes + start;
    if (memcmp(header, self->head, sizeof(self->head)) != 0
        || (int32_t)load32(header + 16) != self->schema_id)
    {
        return 0;
    }
    int32_t length = (int32_t)load32(header + 12);
    int32_t offset = (int32_t)load32(header + 20);
    Py_ssize_t depth = depth_of(message);
    if (depth < 0 && PyErr_Occurred()) {
        return -1;
    }
    if (is_wrapped) {
        if (depth < 2) {
            return 0;
        }
        Py_ssize_t end;
        int found = read_fields(self, message, start, length, offset, value, &end);
        if (found <= 0) {
            return found;
        }
        /* The wrapper ends with where in it the object begins. */
        if ((int32_t)load32(message->bytes + pos + 1) != length || message->end - end < 4
            || load32(message->bytes + end) != 0)
        {
            Py_CLEAR(*value);
            return 0;
        }
        *next = end + 4;
        return 1;
    }
    if (depth < 1 || length < HEADER_SIZE || length > message->end - start) {
        return 0;
    }
    return read_fields(self, message, start, length, offset, value, next);
}

/* The object, wrapped or not, at a position: 1; 0 if its shape is not known. */
int
read_known(Message *message, Py_ssize_t pos, PyObject **value, Py_ssize_t *next)
{
    ModuleState *module = message->module;
    if (message->last != NULL) {
        int found = read_by((ObjectReader *)message->last, message, pos, value, next);
        if (found != 0) {
            return found;
        }
    }
    Py_ssize_t start = message->bytes[pos] == CODE_WRAPPED ? pos + 5 : pos;
    if (message->end - start < HEADER_SIZE) {
        return 0;
    }
    if (message->object_readers == NULL) {
        PyObject *codec = PyObject_GetAttr(message->reading, module->names[NAME_CODEC]);
        if (codec == NULL) {
            return -1;
        }
        message->object_readers = PyObject_GetAttr(codec, module->names[NAME_OBJECT_READERS]);
        Py_DECREF(codec);
        if (message->object_readers == NULL) {
            return -1;
        }
    }
    const uint8_t *header = message->bytes + start;
    PyObject *key = Py_BuildValue("iii", load16(header + 2), (int32_t)load32(header + 4),
                                  (int32_t)load32(header + 16));
    if (key == NULL) {
        return -1;
    }
    PyObject *known = PyObject_GetItem(message->object_readers, key);
    Py_DECREF(key);
    if (known == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_KeyError)) {
            return -1;
        }
        PyErr_Clear();
        return 0;
    }
    int found = 0;
    for (Py_ssize_t n = 0; found == 0 && PyTuple_CheckExact(known) && n < PyTuple_GET_SIZE(known);
         n++)
    {
        PyObject *one = PyTuple_GET_ITEM(known, n);
        if (Py_IS_TYPE(one, (PyTypeObject *)module->object_reader_type)) {
            found = read_by((ObjectReader *)one, message, pos, value, next);
            if (found > 0) {
                Py_XSETREF(message->last, Py_NewRef(one));
            }
        }
    }
    Py_DECREF(known);
    return found;
}

PyDoc_STRVAR(bare_doc,
"bare($self, state, data, pos, length, offset, /)\n--\n\n"
"Read an object from the first byte after its header; None if it has another shape.");

static PyObject *
object_reader_bare(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs != 5) {
        PyErr_SetString(PyExc_TypeError, "bare takes a state, data and three ints");
        return NULL;
    }
    Py_ssize_t pos = PyLong_AsSsize_t(args[2]);
    int64_t length = PyLong_AsLongLong(args[3]);
    int64_t offset = PyLong_AsLongLong(args[4]);
    if (PyErr_Occurred()) {
        return NULL;
    }
    PyObject *value = NULL;
    Py_ssize_t next;
    Message message;
    int found = -1;
    if (message_init(&message, PyType_GetModuleState(Py_TYPE(self)), args[0], args[1]) == 0) {
        found = pos < HEADER_SIZE || pos > message.end ? 0
                : read_fields((ObjectReader *)self, &message, pos - HEADER_SIZE, length, offset,
                              &value, &next);
    }
    message_clear(&message);
    return found == 0 ? Py_NewRef(Py_None) : found < 0 ? NULL : value;
}

PyDoc_STRVAR(wrapped_doc,
"wrapped($self, state, data, pos, /)\n--\n\n"
"Read a wrapped object from the byte after the type code of the wrapper; None if it has another\n"
"shape.");

static PyObject *
object_reader_wrapped(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs != 3) {
        PyErr_SetString(PyExc_TypeError, "wrapped takes a state, data and an int");
        return NULL;
    }
    Py_ssize_t pos = PyLong_AsSsize_t(args[2]);
    if (pos == -1 && PyErr_Occurred()) {
        return NULL;
    }
    PyObject *value = NULL;
    Py_ssize_t next = 0;
    Message message;
    int found = -1;
    if (message_init(&message, PyType_GetModuleState(Py_TYPE(self)), args[0], args[1]) == 0) {
        found = pos < 1 || pos > message.end || message.bytes[pos - 1] != CODE_WRAPPED ? 0
                : read_by((ObjectReader *)self, &message, pos - 1, &value, &next);
    }
    message_clear(&message);
    return found == 0 ? Py_NewRef(Py_None) : found < 0 ? NULL : Py_BuildValue("Nn", value, next);
}

static int
object_reader_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((ObjectReader *)self)->cls);
    Py_VISIT(((ObjectReader *)self)->names);
    return 0;
}

static int
object_reader_clear(PyObject *self)
{
    Py_CLEAR(((ObjectReader *)self)->cls);
    Py_CLEAR(((ObjectReader *)self)->names);
    return 0;
}

static void
object_reader_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    object_reader_clear(self);
    PyMem_Free(((ObjectReader *)self)->codes);
    PyMem_Free(((ObjectReader *)self)->attributes);
    PyMem_Free(((ObjectReader *)self)->ids);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMethodDef object_reader_methods[] = {
    {"bare", (PyCFunction)(void (*)(void))object_reader_bare, METH_FASTCALL, bare_doc},
    {"wrapped", (PyCFunction)(void (*)(void))object_reader_wrapped, METH_FASTCALL, wrapped_doc},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot object_reader_slots[] = {
    {Py_tp_doc, "Reads objects of one class, schema and shape."},
    {Py_tp_methods, object_reader_methods},
    {Py_tp_traverse, object_reader_traverse},
    {Py_tp_clear, object_reader_clear},
    {Py_tp_dealloc, object_reader_dealloc},
    {0, NULL},
};

PyType_Spec object_reader_spec = {
    .name = "gridgain_proto.codec._accelerator.ObjectReader",
    .basicsize = sizeof(ObjectReader),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE
             | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = object_reader_slots,
};

/* As make_reader of shapes_objects.py. */
PyObject *
make_reader(PyObject *module, PyObject *args)
{
    ModuleState *state = PyModule_GetState(module);
    PyObject *clock, *names, *attributes, *ids, *codes;
    PyTypeObject *cls;
    int flags, type_id, schema_id;
    if (!PyArg_ParseTuple(args, "OO!O!O!O!O!(iii):make_reader", &clock, &PyType_Type, &cls,
                          &PyTuple_Type, &names, &PyTuple_Type, &attributes, &PyTuple_Type, &ids,
                          &PyTuple_Type, &codes, &flags, &type_id, &schema_id))
    {
        return NULL;
    }
    Py_ssize_t count = PyTuple_GET_SIZE(names);
    if (count != PyTuple_GET_SIZE(attributes) || count != PyTuple_GET_SIZE(ids)
        || count != PyTuple_GET_SIZE(codes) || count < 1 || count > MOST_FIELDS)
    {
        PyErr_SetString(PyExc_ValueError, "the fields are not told alike");
        return NULL;
    }
    /* Whether object.__new__ may make objects of the class, is asked once. */
    PyObject *tried = PyObject_CallMethodOneArg((PyObject *)&PyBaseObject_Type,
                                                state->names[NAME_NEW], (PyObject *)cls);
    if (tried == NULL) {
        return NULL;
    }
    Py_DECREF(tried);
    ObjectReader *self = PyObject_GC_New(ObjectReader,
                                         (PyTypeObject *)state->object_reader_type);
    if (self == NULL) {
        return NULL;
    }
    self->cls = (PyTypeObject *)Py_NewRef(cls);
    self->names = Py_NewRef(names);
    self->count = count;
    self->codes = PyMem_New(uint8_t, count);
    self->attributes = PyMem_New(uint8_t, count);
    self->ids = PyMem_New(int32_t, count);
    PyObject_GC_Track(self);
    if (self->codes == NULL || self->attributes == NULL || self->ids == NULL) {
        PyErr_NoMemory();
        goto error;
    }
    for (Py_ssize_t n = 0; n < count; n++) {
        long code = PyLong_AsLong(PyTuple_GET_ITEM(codes, n));
        long id = PyLong_AsLong(PyTuple_GET_ITEM(ids, n));
        int is_attribute = PyObject_IsTrue(PyTuple_GET_ITEM(attributes, n));
        if (PyErr_Occurred()) {
            goto error;
        }
        self->codes[n] = (uint8_t)code;
        self->ids[n] = (int32_t)id;
        self->attributes[n] = (uint8_t)is_attribute;
    }
    const uint8_t head[8] = {
        CODE_OBJECT, 1, flags & 0xFF, flags >> 8 & 0xFF,
        type_id & 0xFF, type_id >> 8 & 0xFF, type_id >> 16 & 0xFF, type_id >> 24 & 0xFF,
    };
    memcpy(self->head, head, sizeof(head));
    self->schema_id = schema_id;
    self->width = flags & OFFSET_ONE_BYTE ? 1 : 2;
    self->is_compact = (flags & COMPACT_FOOTER) != 0;
    return (PyObject *)self;
error:
    Py_DECREF(self);
    return NULL;
}
