/* Rows of values: as rows_at of shapes.py. */

#include "module.h"

/* Say that the bytes end where a value should begin. */
static int
refuse_end(Message *message, Py_ssize_t pos)
{
    PyObject *at = PyLong_FromSsize_t(pos);
    if (at != NULL) {
        PyObject *result = PyObject_CallMethodOneArg(
            message->reading, message->module->names[NAME_ENDED], at);
        Py_DECREF(at);
        if (result != NULL) {
            Py_DECREF(result);
            PyErr_SetString(PyExc_SystemError, "ended() has to raise");
        }
    }
    return -1;
}

/* The value at a position, whatever it is. */
static int
read_value(Message *message, Py_ssize_t pos, PyObject **value, Py_ssize_t *next)
{
    if (pos >= message->end) {
        return refuse_end(message, pos);
    }
    int found = read_plain(message, pos, value, next);
    if (found == 0 && (message->bytes[pos] == CODE_WRAPPED || message->bytes[pos] == CODE_OBJECT)) {
        found = read_known(message, pos, value, next);
    }
    if (found == 0) {
        return call_reader(message, pos, value, next);
    }
    return found;
}

/* As rows_at of shapes.py. */
PyObject *
rows_at(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs != 6 || !PyUnicode_Check(args[5])) {
        PyErr_SetString(PyExc_TypeError, "rows_at takes a state, data, three ints and a form");
        return NULL;
    }
    Py_ssize_t pos = PyLong_AsSsize_t(args[2]);
    Py_ssize_t count = PyLong_AsSsize_t(args[3]);
    Py_ssize_t columns = PyLong_AsSsize_t(args[4]);
    if (PyErr_Occurred()) {
        return NULL;
    }
    int is_list = PyUnicode_CompareWithASCIIString(args[5], "list") == 0;
    int is_tuple = PyUnicode_CompareWithASCIIString(args[5], "tuple") == 0;
    if (pos < 0 || columns < 1 || !(is_list || is_tuple || columns == 1)) {
        PyErr_SetString(PyExc_ValueError, "no rows that could be read");
        return NULL;
    }

    PyObject *few[FEW];
    PyObject **values = few;
    Py_ssize_t filled = 0;
    PyObject *result = NULL;
    PyObject *rows = NULL;
    Message message;
    if (message_init(&message, PyModule_GetState(module), args[0], args[1]) < 0) {
        goto done;
    }
    rows = PyList_New(0);
    if (rows == NULL) {
        goto done;
    }
    if (columns > FEW) {
        /* A value takes a byte at least: no more of them can come than there are bytes left. */
        Py_ssize_t left = pos < message.end ? message.end - pos : 0;
        values = PyMem_New(PyObject *, columns < left ? columns : left + 1);
        if (values == NULL) {
            PyErr_NoMemory();
            goto done;
        }
    }
    for (Py_ssize_t n = 0; n < count; n++) {
        while (filled < columns) {
            if (read_value(&message, pos, &values[filled], &pos) < 0) {
                goto done;
            }
            filled++;
        }
        /* The row is made when its values are there: until then, other code can come to run. */
        PyObject *row;
        if (is_list || is_tuple) {
            row = is_list ? PyList_New(columns) : PyTuple_New(columns);
            if (row == NULL) {
                goto done;
            }
            for (Py_ssize_t column = 0; column < columns; column++) {
                if (is_list) {
                    PyList_SET_ITEM(row, column, values[column]);
                }
                else {
                    PyTuple_SET_ITEM(row, column, values[column]);
                }
            }
        }
        else {
            row = values[0];
        }
        filled = 0;
        int failed = PyList_Append(rows, row);
        Py_DECREF(row);
        if (failed) {
            goto done;
        }
    }
    result = Py_BuildValue("On", rows, pos);
done:
    while (filled > 0) {
        Py_DECREF(values[--filled]);
    }
    if (values != few) {
        PyMem_Free(values);
    }
    Py_XDECREF(rows);
    message_clear(&message);
    return result;
}
