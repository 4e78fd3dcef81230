/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file python.h
 * Literal assignments of a Python file. Everything else in it is told of and left out; nothing is run.
 */
#ifndef ZYNC_CONVERT_PYTHON_H
#define ZYNC_CONVERT_PYTHON_H

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"

struct py_pos {
	unsigned line;
	unsigned column; /**< in characters, from 1 */
};

enum py_kind {
	PY_NONE = 0,
	PY_TRUE,
	PY_FALSE,
	PY_INT,
	PY_FLOAT,
	PY_STR,
	PY_LIST, /**< tuples and sets, too */
	PY_DICT,
	PY_ENV,	 /**< os.environ["X"], os.environ.get("X"), os.getenv("X") */
	PY_OTHER /**< no literal */
};

struct py_value {
	enum py_kind kind;
	struct py_pos pos;
	const char *
		text; /**< PY_STR: UTF-8 without NUL; PY_INT, PY_FLOAT: as Python's str() or nearly so; PY_ENV: the variable; PY_OTHER: why */
	const struct py_value *item; /**< PY_ENV: what counts when it is not set, NULL: none given */
	struct py_value **items;     /**< PY_LIST; PY_DICT: the values */
	struct py_value **keys;	     /**< PY_DICT */
	size_t len;
};

/** `name = value`. The last one of a name counts. */
struct py_assignment {
	const char *name;
	struct py_pos pos;
	const struct py_value *value;
};

/** What is left out of the file. */
struct py_note {
	struct py_pos pos;
	const char *text;
};

struct py_module {
	struct zync_vec assignments; /* struct py_assignment */
	struct zync_vec notes;	     /* struct py_note */
};

/** Read the file. INVALID with "NAME:LINE:COLUMN: …" for what is no Python or beyond the bounds. */
enum zync_status zync_convert_python(struct zync_arena *arena, const char *name, const char *text, size_t len, struct py_module *ret,
				     struct zync_err *err) ZYNC_MUST_CHECK;

#endif
