/* The module, and what of it is called from Python. */

#include "module.h"

#include <stdlib.h>

static PyMethodDef methods[] = {
    {"bytes_hash", bytes_hash, METH_VARARGS,
     "bytes_hash($module, data, start=1, /)\n--\n\nAs hashing.bytes_hash."},
    {"make_reader", make_reader, METH_VARARGS,
     "make_reader($module, clock, cls, names, are_attributes, field_ids, codes, key, /)\n--\n\n"
     "As shapes_objects.make_reader."},
    {"make_run", make_run, METH_VARARGS,
     "make_run($module, types, writers, /)\n--\n\nAs runs.make_run."},
    {"make_writer", make_writer, METH_VARARGS,
     "make_writer($module, names, codes, field_ids, type_id, schema_id, compact_footer, /)\n--\n\n"
     "As shapes_objects.make_writer."},
    {"plain_hash", plain_hash, METH_O,
     "plain_hash($module, value, /)\n--\n\nAs hashing.plain_hash."},
    {"rows_at", (PyCFunction)(void (*)(void))rows_at, METH_FASTCALL,
     "rows_at($module, state, data, pos, count, columns, form, /)\n--\n\nAs shapes.rows_at."},
    {"string_hash", string_hash, METH_O,
     "string_hash($module, text, /)\n--\n\nAs hashing.string_hash."},
    {NULL, NULL, 0, NULL},
};

static const char *const name_texts[NAME_COUNT] = {
    [NAME_CLAMP] = "clamp", [NAME_CLOCK] = "clock", [NAME_CODEC] = "codec", [NAME_DEPTH] = "depth",
    [NAME_DICT] = "__dict__", [NAME_EMAX] = "Emax", [NAME_EMIN] = "Emin", [NAME_END] = "end",
    [NAME_ENDED] = "ended", [NAME_FIRST_MIDNIGHT] = "first_midnight",
    [NAME_FROMBYTES] = "frombytes", [NAME_INT] = "int", [NAME_IS_SAFE] = "is_safe",
    [NAME_IS_STEADY] = "is_steady", [NAME_NEW] = "__new__",
    [NAME_OBJECT_READERS] = "object_readers", [NAME_PREC] = "prec", [NAME_READERS] = "readers",
    [NAME_READ_DATE] = "read_date", [NAME_READ_TIME] = "read_time",
    [NAME_READ_TIMESTAMP] = "read_timestamp", [NAME_RETURNED] = "returned",
};

/* An attribute of a module that is imported for it. */
static PyObject *
import_from(const char *module_name, const char *name)
{
    PyObject *module = PyImport_ImportModule(module_name);
    if (module == NULL) {
        return NULL;
    }
    PyObject *found = PyObject_GetAttrString(module, name);
    Py_DECREF(module);
    return found;
}

static int
set_up_decimals(ModuleState *state)
{
    PyObject *decimal = import_from("decimal", "Decimal");
    if (decimal == NULL) {
        return -1;
    }
    for (int n = 0; n <= MOST_SCALE; n++) {
        char text[8];
        PyOS_snprintf(text, sizeof(text), "1E-%d", n);
        state->powers[n] = PyObject_CallFunction(decimal, "s", text);
        if (state->powers[n] == NULL) {
            Py_DECREF(decimal);
            return -1;
        }
    }
    state->decimal_of_int = PyObject_GetAttrString(decimal, "from_float");
    state->decimal_context = import_from("decimal", "getcontext");
    Py_DECREF(decimal);
    return state->decimal_of_int == NULL || state->decimal_context == NULL ? -1 : 0;
}

static int
set_up_uuids(ModuleState *state)
{
    PyObject *safety = import_from("uuid", "SafeUUID");
    if (safety == NULL) {
        return -1;
    }
    state->unknown_safety = PyObject_GetAttrString(safety, "unknown");
    Py_DECREF(safety);
    state->uuid_type = import_from("uuid", "UUID");
    if (state->unknown_safety == NULL || state->uuid_type == NULL) {
        return -1;
    }
    if (!PyType_Check(state->uuid_type)) {
        PyErr_SetString(PyExc_TypeError, "uuid.UUID is no type");
        return -1;
    }
    return 0;
}

static int
set_up_arrays(ModuleState *state)
{
    static const char letters[ARRAYS] = "hiqfd";
    state->array_type = import_from("array", "array");
    for (int n = 0; state->array_type != NULL && n < ARRAYS; n++) {
        state->array_codes[n] = PyUnicode_FromStringAndSize(&letters[n], 1);
        if (state->array_codes[n] == NULL) {
            return -1;
        }
    }
    return state->array_type == NULL ? -1 : 0;
}

static int
exec_module(PyObject *module)
{
    const char *pure = getenv("GRIDGAIN_PURE_PYTHON");
    if (pure != NULL && pure[0] != '\0' && strcmp(pure, "0") != 0) {
        PyErr_SetString(PyExc_ImportError, "switched off by GRIDGAIN_PURE_PYTHON");
        return -1;
    }
    ModuleState *state = PyModule_GetState(module);
    for (int n = 0; n < NAME_COUNT; n++) {
        state->names[n] = PyUnicode_InternFromString(name_texts[n]);
        if (state->names[n] == NULL) {
            return -1;
        }
    }
    state->nothing = PyTuple_New(0);
    if (state->nothing == NULL || set_up_instants() < 0 || set_up_decimals(state) < 0
        || set_up_uuids(state) < 0 || set_up_arrays(state) < 0)
    {
        return -1;
    }
    state->object_reader_type = PyType_FromModuleAndSpec(module, &object_reader_spec, NULL);
    state->object_writer_type = PyType_FromModuleAndSpec(module, &object_writer_spec, NULL);
    return state->object_reader_type == NULL || state->object_writer_type == NULL ? -1 : 0;
}

/* The state is an array of references. */
static_assert(sizeof(ModuleState) % sizeof(PyObject *) == 0, "references and nothing else");

static int
traverse_module(PyObject *module, visitproc visit, void *arg)
{
    PyObject **references = PyModule_GetState(module);
    for (size_t n = 0; n < sizeof(ModuleState) / sizeof(PyObject *); n++) {
        Py_VISIT(references[n]);
    }
    return 0;
}

static int
clear_module(PyObject *module)
{
    PyObject **references = PyModule_GetState(module);
    for (size_t n = 0; n < sizeof(ModuleState) / sizeof(PyObject *); n++) {
        Py_CLEAR(references[n]);
    }
    return 0;
}

static void
free_module(void *module)
{
    clear_module(module);
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, exec_module},
#if PY_VERSION_HEX >= 0x030D0000
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "gridgain_proto.codec._accelerator",
    .m_doc = "The codec's inner loops, compiled.",
    .m_size = sizeof(ModuleState),
    .m_methods = methods,
    .m_slots = slots,
    .m_traverse = traverse_module,
    .m_clear = clear_module,
    .m_free = free_module,
};

PyMODINIT_FUNC
PyInit__accelerator(void)
{
    return PyModuleDef_Init(&definition);
}
