/* Dates and times: as Clock of times.py. */

#include "module.h"

#include <datetime.h>

/* A wall clock is slow to ask. But no zone of the time zone database changes its offset twice
   within 95 hours. So if a span of 2 ** 18 seconds, 73 hours, begins and ends with one offset and
   one fold, they hold all through it. What is learned lives as long as a message is being read,
   so that a process that changes its own zone need not tell anyone. */
#define SPAN_SECONDS (INT64_C(1) << 18)
#define SPANS 128
#define DAY_SECONDS 86400
#define EPOCH_ORDINAL 719162  /* days from 0001-01-01 to 1970-01-01 */
/* More milliseconds than there are from 1970 to either end of the calendar. */
#define MOST_MILLISECONDS (INT64_C(1) << 49)

enum { UNSEEN, SEEN, STEADY, CHANGING };

typedef struct {
    int64_t number;   /* seconds since 1970 by SPAN_SECONDS */
    int64_t offset;   /* what a wall clock shows beyond UTC, in seconds */
    int fold;
    int known;
} Span;

struct Instants {
    PyObject *clock;      /* the Clock, times.py */
    PyObject *returned;   /* the zone of the values handed back, or None */
    int64_t midnight;     /* the instant that times of day are counted from, in milliseconds */
    int is_steady;        /* whether its zones are of the kind that the comment above is about */
    Span spans[SPANS];
};

/* Fetch datetime's functions: one pointer for this file, the same for all interpreters. */
int
set_up_instants(void)
{
    PyDateTime_IMPORT;
    return PyDateTimeAPI == NULL ? -1 : 0;
}

void
instants_free(Instants *instants)
{
    if (instants != NULL) {
        Py_XDECREF(instants->clock);
        Py_XDECREF(instants->returned);
        PyMem_Free(instants);
    }
}

static Instants *
instants_of(Message *message)
{
    ModuleState *module = message->module;
    if (message->instants != NULL) {
        return message->instants;
    }
    Instants *instants = PyMem_Calloc(1, sizeof(Instants));
    if (instants == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    PyObject *steady = NULL;
    PyObject *codec = PyObject_GetAttr(message->reading, module->names[NAME_CODEC]);
    if (codec == NULL) {
        goto error;
    }
    instants->clock = PyObject_GetAttr(codec, module->names[NAME_CLOCK]);
    Py_DECREF(codec);
    if (instants->clock == NULL) {
        goto error;
    }
    instants->returned = PyObject_GetAttr(instants->clock, module->names[NAME_RETURNED]);
    if (instants->returned == NULL) {
        goto error;
    }
    instants->midnight = int_attribute(module, instants->clock, NAME_FIRST_MIDNIGHT);
    if (instants->midnight == -1 && PyErr_Occurred()) {
        goto error;
    }
    steady = PyObject_GetAttr(instants->clock, module->names[NAME_IS_STEADY]);
    if (steady == NULL) {
        goto error;
    }
    instants->is_steady = PyObject_IsTrue(steady);
    Py_DECREF(steady);
    if (instants->is_steady < 0) {
        goto error;
    }
    message->instants = instants;
    return instants;
error:
    instants_free(instants);
    return NULL;
}

/* What a method of the Clock gives for milliseconds, and nanoseconds unless they are negative. */
static PyObject *
ask_clock(Message *message, enum name method, int64_t milliseconds, long nanoseconds)
{
    PyObject *result = NULL;
    PyObject *arguments[3] = {message->instants->clock, PyLong_FromLongLong(milliseconds), NULL};
    if (arguments[1] == NULL) {
        return NULL;
    }
    size_t count = 2;
    if (nanoseconds >= 0) {
        arguments[2] = PyLong_FromLong(nanoseconds);
        if (arguments[2] == NULL) {
            goto done;
        }
        count = 3;
    }
    result = PyObject_VectorcallMethod(message->module->names[method], arguments, count, NULL);
    message->exact_products = -1;  /* as in call_reader() */
done:
    Py_DECREF(arguments[1]);
    Py_XDECREF(arguments[2]);
    return result;
}

static const int16_t days_before_month[2][13] = {
    {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365},
    {0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366},
};

static int
is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from 0001-01-01 to a day of the calendar. */
static int64_t
days_to(int year, int month, int day)
{
    int64_t past = year - 1;
    return past * 365 + past / 4 - past / 100 + past / 400
           + days_before_month[is_leap(year)][month - 1] + day - 1;
}

/* The day of the calendar that is so many days from 0001-01-01. */
static void
split_days(int64_t days, int *year, int *month, int *day)
{
    *year = (int)((days + 2) * 400 / 146097) + 1;  /* this year, or the next one */
    if (days_to(*year, 1, 1) > days) {
        --*year;
    }
    int rest = (int)(days - days_to(*year, 1, 1));
    const int16_t *before = days_before_month[is_leap(*year)];
    *month = rest / 31 + 1;  /* this month, or the one before it */
    if (rest >= before[*month]) {
        ++*month;
    }
    *day = rest - before[*month - 1] + 1;
}

/* The ``datetime`` of what a wall clock shows, in seconds from 1970-01-01 00:00. */
static PyObject *
datetime_of(int64_t wall, int microsecond, int fold, PyObject *zone)
{
    int64_t days = floor_div(wall, DAY_SECONDS);
    int second = (int)(wall - days * DAY_SECONDS);
    int year, month, day;
    split_days(days + EPOCH_ORDINAL, &year, &month, &day);
    return PyDateTimeAPI->DateTime_FromDateAndTimeAndFold(
        year, month, day, second / 3600, second / 60 % 60, second % 60, microsecond,
        zone, fold, PyDateTimeAPI->DateTimeType);
}

/* What the wall clock shows at an instant: 1, or 0 if it is nothing in whole seconds. */
static int
wall_at(Message *message, int64_t seconds, int64_t *wall, int *fold)
{
    PyObject *made = ask_clock(message, NAME_READ_TIMESTAMP, seconds * 1000, 0);
    if (made == NULL) {
        return -1;
    }
    int result = 0;
    if (PyDateTime_CheckExact(made) && PyDateTime_DATE_GET_MICROSECOND(made) == 0) {
        int64_t days = days_to(PyDateTime_GET_YEAR(made), PyDateTime_GET_MONTH(made),
                               PyDateTime_GET_DAY(made)) - EPOCH_ORDINAL;
        *wall = days * DAY_SECONDS + PyDateTime_DATE_GET_HOUR(made) * 3600
                + PyDateTime_DATE_GET_MINUTE(made) * 60 + PyDateTime_DATE_GET_SECOND(made);
        *fold = PyDateTime_DATE_GET_FOLD(made);
        result = 1;
    }
    Py_DECREF(made);
    return result;
}

static int
learn_span(Message *message, Span *span)
{
    int64_t first = span->number * SPAN_SECONDS;
    int64_t last = first + SPAN_SECONDS - 1;
    int64_t wall_first, wall_last;
    int fold_first, fold_last;
    int found = wall_at(message, first, &wall_first, &fold_first);
    if (found > 0) {
        found = wall_at(message, last, &wall_last, &fold_last);
    }
    if (found < 0) {
        return -1;
    }
    span->known = CHANGING;
    if (found && wall_first - first == wall_last - last && fold_first == fold_last) {
        span->known = STEADY;
        span->offset = wall_first - first;
        span->fold = fold_first;
    }
    return 0;
}

/* The span that an instant is in: 1 if its offset and fold are known. */
static int
find_span(Message *message, int64_t seconds, Span **found)
{
    int64_t number = floor_div(seconds, SPAN_SECONDS);
    Span *span = &message->instants->spans[(uint64_t)number % SPANS];
    if (span->known == UNSEEN || span->number != number) {
        span->number = number;
        span->known = SEEN;  /* learning costs as much as two values: not for a single one */
    }
    else if (span->known == SEEN && learn_span(message, span) < 0) {
        return -1;
    }
    *found = span;
    return span->known == STEADY;
}

/* The ``datetime`` of an instant. Nanoseconds are those within the millisecond; -1 for a type that
   has none. */
PyObject *
read_instant(Message *message, enum name method, int64_t milliseconds, long nanoseconds)
{
    Instants *instants = instants_of(message);
    if (instants == NULL) {
        return NULL;
    }
    long below = nanoseconds < 0 ? 0 : nanoseconds;
    if (instants->is_steady && below % 1000 == 0
        && -MOST_MILLISECONDS < milliseconds && milliseconds < MOST_MILLISECONDS)
    {
        int64_t seconds = floor_div(milliseconds, 1000);
        Span *span;
        int is_known = find_span(message, seconds, &span);
        if (is_known < 0) {
            return NULL;
        }
        if (is_known) {
            int microsecond = (int)(milliseconds - seconds * 1000) * 1000 + (int)below / 1000;
            return datetime_of(seconds + span->offset, microsecond, span->fold,
                               instants->returned);
        }
    }
    return ask_clock(message, method, milliseconds, nanoseconds);
}

/* The ``date`` of a java.sql.Date: 1; 0 unless it is the midnight that a day begins with. */
int
read_sql_date(Message *message, int64_t milliseconds, PyObject **value)
{
    Instants *instants = instants_of(message);
    if (instants == NULL) {
        return -1;
    }
    /* What is learned of instants is about the zone of the values handed back, if there is one;
       SQL's days are those of the other zone. */
    if (!instants->is_steady || instants->returned != Py_None || milliseconds % 1000 != 0
        || milliseconds <= -MOST_MILLISECONDS || MOST_MILLISECONDS <= milliseconds)
    {
        return 0;
    }
    Span *span;
    int64_t seconds = milliseconds / 1000;
    int is_known = find_span(message, seconds, &span);
    if (is_known <= 0) {
        return is_known;
    }
    int64_t wall = seconds + span->offset;
    if (wall % DAY_SECONDS != 0 || span->fold) {
        return 0;
    }
    int year, month, day;
    split_days(floor_div(wall, DAY_SECONDS) + EPOCH_ORDINAL, &year, &month, &day);
    *value = PyDateTimeAPI->Date_FromDate(year, month, day, PyDateTimeAPI->DateType);
    return *value == NULL ? -1 : 1;
}

/* The ``time`` of a java.sql.Time. */
PyObject *
read_time(Message *message, int64_t milliseconds)
{
    Instants *instants = instants_of(message);
    if (instants == NULL) {
        return NULL;
    }
    if (-MOST_MILLISECONDS < milliseconds && milliseconds < MOST_MILLISECONDS) {
        int64_t wall = milliseconds - instants->midnight;
        if (0 <= wall && wall < INT64_C(1000) * DAY_SECONDS) {
            int second = (int)(wall / 1000);
            return PyDateTimeAPI->Time_FromTime(
                second / 3600, second / 60 % 60, second % 60, (int)(wall % 1000) * 1000,
                Py_None, PyDateTimeAPI->TimeType);
        }
    }
    return ask_clock(message, NAME_READ_TIME, milliseconds, -1);
}
