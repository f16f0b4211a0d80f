/* Java's hash codes: as hashing.py. */

#include "module.h"

/* A Java int as Python's. */
static PyObject *
signed_int(uint32_t hash)
{
    return PyLong_FromLong((int32_t)hash);
}

/* Fold bytes, which Java takes as signed, into a hash. Four at a time: each multiplication has to
   wait for the one before it. */
uint32_t
fold_bytes(uint32_t hash, const uint8_t *p, Py_ssize_t size)
{
    for (; size >= 4; size -= 4, p += 4) {
        hash = hash * (31u * 31 * 31 * 31) + (uint32_t)(int8_t)p[0] * (31u * 31 * 31)
               + (uint32_t)(int8_t)p[1] * (31u * 31) + (uint32_t)(int8_t)p[2] * 31u
               + (uint32_t)(int8_t)p[3];
    }
    for (; size > 0; size--, p++) {
        hash = hash * 31u + (uint32_t)(int8_t)p[0];
    }
    return hash;
}

/* The hash of text: over its UTF-16 code units. */
static uint32_t
fold_text(PyObject *text)
{
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t size = PyUnicode_GET_LENGTH(text);
    uint32_t hash = 0;
    for (Py_ssize_t n = 0; n < size; n++) {
        uint32_t one = PyUnicode_READ(kind, data, n);
        if (one > 0xFFFF) {
            hash = hash * 31u + (0xD800 + ((one - 0x10000) >> 10));
            one = 0xDC00 + (one & 0x3FF);
        }
        hash = hash * 31u + one;
    }
    return hash;
}

PyObject *
bytes_hash(PyObject *Py_UNUSED(module), PyObject *args)
{
    Py_buffer data;
    PyObject *start = NULL;
    if (!PyArg_ParseTuple(args, "y*|O!:bytes_hash", &data, &PyLong_Type, &start)) {
        return NULL;
    }
    uint32_t hash = start == NULL ? 1 : (uint32_t)PyLong_AsUnsignedLongLongMask(start);
    hash = fold_bytes(hash, data.buf, data.len);
    PyBuffer_Release(&data);
    return signed_int(hash);
}

PyObject *
string_hash(PyObject *Py_UNUSED(module), PyObject *text)
{
    if (!PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError, "text must be str, not %s", Py_TYPE(text)->tp_name);
        return NULL;
    }
    if (PyUnicode_READY(text) < 0) {
        return NULL;
    }
    return signed_int(fold_text(text));
}

PyObject *
plain_hash(PyObject *Py_UNUSED(module), PyObject *value)
{
    if (PyLong_CheckExact(value)) {
        int overflow;
        uint64_t number = (uint64_t)PyLong_AsLongLongAndOverflow(value, &overflow);
        if (!overflow) {
            return signed_int((uint32_t)(number ^ number >> 32));
        }
    }
    else if (PyUnicode_CheckExact(value) && PyUnicode_IS_ASCII(value)) {
        return signed_int(fold_text(value));
    }
    Py_RETURN_NONE;
}
