/* Single values: as the readers of reading.py. */

#include "module.h"

/* For each type that is read here: one more than the bytes that follow the code in any case. */
static const uint8_t plain_sizes[256] = {
    [CODE_BYTE] = 1 + 1, [CODE_SHORT] = 1 + 2, [CODE_INT] = 1 + 4, [CODE_LONG] = 1 + 8,
    [CODE_FLOAT] = 1 + 4, [CODE_DOUBLE] = 1 + 8, [CODE_CHAR] = 1 + 2, [CODE_BOOLEAN] = 1 + 1,
    [CODE_STRING] = 1 + 4, [CODE_UUID] = 1 + 16, [CODE_DATE] = 1 + 8, [CODE_BYTE_ARRAY] = 1 + 4,
    [CODE_DECIMAL] = 1 + 8, [CODE_TIMESTAMP] = 1 + 12, [CODE_TIME] = 1 + 8, [CODE_NULL] = 1 + 0,
};

/* Whether the thread's decimal context leaves a product of up to 19 digits, with up to MOST_SCALE
   of them after the point, as it is. */
static int
products_are_exact(Message *message)
{
    ModuleState *module = message->module;
    static const enum name names[] = {NAME_PREC, NAME_EMIN, NAME_EMAX, NAME_CLAMP};
    int64_t found[4];
    if (message->exact_products >= 0) {
        return message->exact_products;
    }
    PyObject *context = PyObject_CallNoArgs(module->decimal_context);
    if (context == NULL) {
        return -1;
    }
    for (int n = 0; n < 4; n++) {
        found[n] = int_attribute(module, context, names[n]);
        if (found[n] == -1 && PyErr_Occurred()) {
            Py_DECREF(context);
            return -1;
        }
    }
    Py_DECREF(context);
    message->exact_products = found[0] >= 19 && found[1] <= -MOST_SCALE && found[2] >= 19
                              && found[3] == 0;
    return message->exact_products;
}

/* A decimal of up to eight bytes of sign and magnitude, most significant first: 1; 0 if Python has
   to make it. The product with a power of ten is the cheapest exact way: it parses nothing. */
static int
read_decimal(Message *message, int32_t scale, const uint8_t *digits, Py_ssize_t size,
             PyObject **value)
{
    ModuleState *module = message->module;
    if (size > 8 || scale < 0 || scale > MOST_SCALE) {
        return 0;
    }
    int exact = products_are_exact(message);
    if (exact <= 0) {
        return exact;
    }
    int64_t unscaled = digits[0] & 0x7F;
    for (Py_ssize_t n = 1; n < size; n++) {
        unscaled = unscaled << 8 | digits[n];
    }
    PyObject *number = PyLong_FromLongLong(digits[0] & 0x80 ? -unscaled : unscaled);
    if (number == NULL) {
        return -1;
    }
    PyObject *whole = PyObject_CallOneArg(module->decimal_of_int, number);
    Py_DECREF(number);
    if (whole == NULL) {
        return -1;
    }
    if (scale == 0) {
        *value = whole;
        return 1;
    }
    *value = PyNumber_Multiply(whole, module->powers[scale]);
    Py_DECREF(whole);
    return *value == NULL ? -1 : 1;
}

/* A UUID of its halves. Its own constructor takes many times as long, and its __setattr__ refuses:
   the slots are filled as the constructor does it. */
static PyObject *
read_uuid(ModuleState *module, const uint8_t *p)
{
    char digits[33];
    PyOS_snprintf(digits, sizeof(digits), "%016llx%016llx", (unsigned long long)load64(p),
                  (unsigned long long)load64(p + 8));
    PyObject *number = PyLong_FromString(digits, NULL, 16);
    if (number == NULL) {
        return NULL;
    }
    PyTypeObject *type = (PyTypeObject *)module->uuid_type;
    PyObject *made = type->tp_new(type, module->nothing, NULL);
    if (made != NULL
        && (PyObject_GenericSetAttr(made, module->names[NAME_INT], number) < 0
            || PyObject_GenericSetAttr(made, module->names[NAME_IS_SAFE],
                                       module->unknown_safety) < 0))
    {
        Py_CLEAR(made);
    }
    Py_DECREF(number);
    return made;
}

/* An array of numbers, copied once: no number is made of an item. */
static int
read_array(Message *message, Py_ssize_t pos, PyObject **value, Py_ssize_t *next)
{
    static const uint8_t sizes[ARRAYS] = {2, 4, 8, 4, 8};
    ModuleState *module = message->module;
    int n = message->bytes[pos] - CODE_SHORT_ARRAY;
    Py_ssize_t start = pos + 1 + 4;
    if (PY_BIG_ENDIAN || n < 0 || n >= ARRAYS || start > message->end) {
        return 0;
    }
    int32_t count = (int32_t)load32(message->bytes + pos + 1);
    if (count < 0 || count > (message->end - start) / sizes[n]) {
        return 0;
    }
    Py_ssize_t size = (Py_ssize_t)count * sizes[n];
    PyObject *view = PyMemoryView_FromMemory((char *)message->bytes + start, size, PyBUF_READ);
    if (view == NULL) {
        return -1;
    }
    PyObject *made = PyObject_CallOneArg(module->array_type, module->array_codes[n]);
    if (made != NULL) {
        PyObject *done = PyObject_CallMethodOneArg(made, module->names[NAME_FROMBYTES], view);
        if (done == NULL) {
            Py_CLEAR(made);
        }
        Py_XDECREF(done);
    }
    Py_DECREF(view);
    if (made == NULL) {
        return -1;
    }
    *value = made;
    *next = start + size;
    return 1;
}

/* A java.sql.Date, if that is what opaque bytes are: their length, a type of Java's, a checksum of
   it and the milliseconds. */
static int
read_opaque(Message *message, Py_ssize_t pos, PyObject **value, Py_ssize_t *next)
{
    static const uint8_t start[] = {15, 0, 0, 0, 0x66, 0x3a, 0xde, 0xd5, 0x40, 0x97, 0x66};
    const uint8_t *p = message->bytes + pos + 1;
    Py_ssize_t size = sizeof(start) + 8;
    if (message->end - pos - 1 < size || memcmp(p, start, sizeof(start)) != 0) {
        return 0;
    }
    int found = read_sql_date(message, (int64_t)load64(p + sizeof(start)), value);
    if (found > 0) {
        *next = pos + 1 + size;
    }
    return found;
}

/* Whether values of a type are read here, arrays and dates of SQL aside. */
int
is_plain(uint8_t code)
{
    return plain_sizes[code] != 0;
}

/* The value at a position before the end. */
int
read_plain(Message *message, Py_ssize_t pos, PyObject **value, Py_ssize_t *next)
{
    uint8_t code = message->bytes[pos];
    const uint8_t *p = message->bytes + pos + 1;
    Py_ssize_t left = message->end - pos - 1;
    Py_ssize_t size = plain_sizes[code] - 1;
    if (size < 0) {
        return code == CODE_OPAQUE ? read_opaque(message, pos, value, next)
                              : read_array(message, pos, value, next);
    }
    if (size > left) {
        return 0;
    }
    PyObject *made;
    switch (code) {
    case CODE_BYTE:
        made = PyLong_FromLong((int8_t)p[0]);
        break;
    case CODE_SHORT:
        made = PyLong_FromLong((int16_t)load16(p));
        break;
    case CODE_INT:
        made = PyLong_FromLong((int32_t)load32(p));
        break;
    case CODE_LONG:
        made = PyLong_FromLongLong((int64_t)load64(p));
        break;
    case CODE_FLOAT: {
        double number = PyFloat_Unpack4((const char *)p, 1);
        if (number == -1.0 && PyErr_Occurred()) {
            return -1;
        }
        made = PyFloat_FromDouble(number);
        break;
    }
    case CODE_DOUBLE: {
        double number = PyFloat_Unpack8((const char *)p, 1);
        if (number == -1.0 && PyErr_Occurred()) {
            return -1;
        }
        made = PyFloat_FromDouble(number);
        break;
    }
    case CODE_CHAR:
        made = PyUnicode_FromOrdinal(load16(p));
        break;
    case CODE_BOOLEAN:
        made = PyBool_FromLong(p[0] == 1);  /* as Java: 2 is false */
        break;
    case CODE_STRING: {
        uint32_t length = load32(p);
        if (length > (size_t)(left - size)) {
            return 0;
        }
        made = PyUnicode_DecodeUTF8((const char *)p + size, (Py_ssize_t)length, NULL);
        if (made == NULL && PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
            PyErr_Clear();
            return 0;
        }
        size += length;
        break;
    }
    case CODE_UUID:
        made = read_uuid(message->module, p);
        break;
    case CODE_DATE:
        made = read_instant(message, NAME_READ_DATE, (int64_t)load64(p), -1);
        break;
    case CODE_BYTE_ARRAY: {
        uint32_t length = load32(p);
        if (length > (size_t)(left - size)) {
            return 0;
        }
        made = PyBytes_FromStringAndSize((const char *)p + size, (Py_ssize_t)length);
        size += length;
        break;
    }
    case CODE_DECIMAL: {
        uint32_t length = load32(p + 4);
        if (length == 0 || length > (size_t)(left - size)) {
            return 0;
        }
        int found = read_decimal(message, (int32_t)load32(p), p + size, length, &made);
        if (found == 0) {
            return call_reader(message, pos, value, next);
        }
        if (found < 0) {
            return -1;
        }
        size += length;
        break;
    }
    case CODE_TIMESTAMP: {
        uint32_t nanoseconds = load32(p + 8);
        if (nanoseconds > 999999) {
            return 0;
        }
        made = read_instant(message, NAME_READ_TIMESTAMP, (int64_t)load64(p), (long)nanoseconds);
        break;
    }
    case CODE_TIME:
        made = read_time(message, (int64_t)load64(p));
        break;
    default:  /* the table has one more */
        made = Py_NewRef(Py_None);
        break;
    }
    if (made == NULL) {
        return -1;
    }
    *value = made;
    *next = pos + 1 + size;
    return 1;
}
