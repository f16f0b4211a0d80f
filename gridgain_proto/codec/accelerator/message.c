/* A message while it is read, and the way back to Python's readers. */

#include "module.h"

int
message_init(Message *message, ModuleState *module, PyObject *reading, PyObject *data)
{
    memset(message, 0, sizeof(*message));
    message->module = module;
    message->reading = reading;
    message->data = data;
    message->depth = -1;
    message->exact_products = -1;
    if (!PyBytes_Check(data)) {
        PyErr_Format(PyExc_TypeError, "data must be bytes, not %s", Py_TYPE(data)->tp_name);
        return -1;
    }
    message->bytes = (const uint8_t *)PyBytes_AS_STRING(data);
    int64_t end = int_attribute(module, reading, NAME_END);
    if (end == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (end < 0 || end > PyBytes_GET_SIZE(data)) {
        PyErr_SetString(PyExc_ValueError, "the message ends outside of its bytes");
        return -1;
    }
    message->end = (Py_ssize_t)end;
    return 0;
}

void
message_clear(Message *message)
{
    Py_CLEAR(message->readers);
    Py_CLEAR(message->object_readers);
    Py_CLEAR(message->last);
    instants_free(message->instants);
    message->instants = NULL;
}

/* An attribute that is an int; -1 with an exception if it is none. */
int64_t
int_attribute(ModuleState *module, PyObject *owner, enum name name)
{
    PyObject *found = PyObject_GetAttr(owner, module->names[name]);
    if (found == NULL) {
        return -1;
    }
    int64_t result = PyLong_AsLongLong(found);
    Py_DECREF(found);
    return result;
}

/* Read the value at a position, whatever it is, by Python's reader of its type code. */
int
call_reader(Message *message, Py_ssize_t pos, PyObject **value, Py_ssize_t *next)
{
    ModuleState *module = message->module;
    if (message->readers == NULL) {
        message->readers = PyObject_GetAttr(message->reading, module->names[NAME_READERS]);
        if (message->readers == NULL) {
            return -1;
        }
    }
    /* The table is made at import and never changed. */
    if (!PyList_CheckExact(message->readers) || PyList_GET_SIZE(message->readers) != 256) {
        PyErr_SetString(PyExc_TypeError, "readers must be a list of 256");
        return -1;
    }
    PyObject *at = PyLong_FromSsize_t(pos + 1);
    if (at == NULL) {
        return -1;
    }
    PyObject *arguments[] = {message->reading, message->data, at};
    PyObject *reader = PyList_GET_ITEM(message->readers, message->bytes[pos]);
    PyObject *result = PyObject_Vectorcall(reader, arguments, 3, NULL);
    Py_DECREF(at);
    message->exact_products = -1;  /* code of the user's may have set another decimal context */
    if (result == NULL) {
        return -1;
    }
    Py_ssize_t after = -1;
    if (PyTuple_CheckExact(result) && PyTuple_GET_SIZE(result) == 2) {
        after = PyLong_AsSsize_t(PyTuple_GET_ITEM(result, 1));
    }
    if (after <= pos) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_TypeError, "a reader must give a value and where it ends");
        }
        Py_DECREF(result);
        return -1;
    }
    *value = Py_NewRef(PyTuple_GET_ITEM(result, 0));
    *next = after;
    Py_DECREF(result);
    return 1;
}
