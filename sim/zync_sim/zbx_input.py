# SPDX-License-Identifier: Apache-2.0
"""Checks of API input with the words of the real server: `Invalid parameter "/2/groups": cannot be empty.`"""
import re

PARAM, APP, REQUEST, METHOD, PARSE, INTERNAL = -32602, -32500, -32600, -32601, -32700, -32603
MESSAGES = {PARAM: "Invalid params.", APP: "Application error.", REQUEST: "Invalid request.",
            METHOD: "Method not found.", PARSE: "Parse error", INTERNAL: "Internal error."}
NO_OBJECT = "No permissions to referred object or it does not exist!"
NO_PERM = "object does not exist, or you have no permissions to it"


class ApiError(Exception):
    """An error answer of the JSON-RPC API."""

    def __init__(self, code, data, message=None):
        super().__init__(data)
        self.code = code
        self.data = data
        self.message = message or MESSAGES[code]

    def as_dict(self):
        return {"code": self.code, "message": self.message, "data": self.data}


def bad(path, text, code=PARAM):
    return ApiError(code, 'Invalid parameter "%s": %s.' % (path, text))


def is_id(v):
    return (isinstance(v, int) and not isinstance(v, bool) and v >= 0) or \
        (isinstance(v, str) and re.fullmatch(r"[0-9]{1,20}", v) is not None)


def check_id(v, path):
    if isinstance(v, str) and re.fullmatch(r"[0-9]{20,}", v) or is_id(v) and int(v) >= 2 ** 63:
        raise bad(path, "a number is too large")
    if not is_id(v):
        raise bad(path, "a number is expected")
    return int(v)


def is_int(v):
    return (isinstance(v, int) and not isinstance(v, bool) and abs(v) < 2 ** 31) or \
        (isinstance(v, str) and re.fullmatch(r"-?[0-9]{1,10}", v) is not None)


def check_int(v, path, allowed=None, text=None):
    if not is_int(v):
        raise bad(path, "an integer is expected")
    v = int(v)
    if allowed is not None and v not in allowed:
        raise bad(path, "value must be one of " + (text or ", ".join(map(str, allowed))))
    return v


def check_str(v, path, length=None, not_empty=False):
    if not isinstance(v, str):
        raise bad(path, "a character string is expected")
    if not_empty and v == "":
        raise bad(path, "cannot be empty")
    if length is not None and len(v) > length:
        raise bad(path, "value is too long")
    return v


def as_rows(v):
    """The objects of a write call, at least one; an empty list is an object without members."""
    rows = as_list(v, "/", not_empty=True)
    for n, r in enumerate(rows, 1):
        if not isinstance(r, dict) and r != []:
            raise bad("/%d" % n, "an array is expected")
    return [r or {} for r in rows]


def need(row, n, *names):
    for name in names:
        if name not in row:
            raise bad("/%d" % n, 'the parameter "%s" is missing' % name)


def as_list(v, path, not_empty=False):
    """A list of objects; a lone object counts as a list of one."""
    if isinstance(v, dict):
        v = [v] if v else []
    if not isinstance(v, list):
        raise bad(path, "an array is expected")
    if not_empty and not v:
        raise bad(path, "cannot be empty")
    return v


def check_objects(v, path, fields, uniq=None, not_empty=False, uniq_key=None):
    """`fields`: name -> (check, required). Returns copies with only checked values."""
    out = []
    for n, obj in enumerate(as_list(v, path, not_empty), 1):
        p = "%s/%d" % (path, n)
        if not isinstance(obj, dict):
            raise bad(p, "an array is expected")
        for name in obj:
            if name not in fields:
                raise bad(p, 'unexpected parameter "%s"' % name)
        row = {}
        for name, (check, required) in fields.items():
            if name in obj:
                row[name] = check(obj[name], p + "/" + name)
            elif required:
                raise bad(p, 'the parameter "%s" is missing' % name)
        out.append(row)
    if uniq:
        seen = set()
        for n, row in enumerate(out, 1):
            if not all(u in row for u in uniq):
                continue
            raw = tuple(row[u] for u in uniq)
            key = uniq_key(row) if uniq_key else raw
            if key in seen:
                raise bad("%s/%d" % (path, n), "value (%s)=(%s) already exists" % (
                    ", ".join(uniq), ", ".join(map(str, raw))))
            seen.add(key)
    return out


_MACRO = re.compile(r"\{\$[A-Z0-9_.]+(?::(?:regex:)?(?:\"(?:[^\"\\]|\\.)*\"|[^\"}][^}]*|))?\}")
_MACRO_START = re.compile(r"\{\$[A-Z0-9_.]*")


def check_macro(v, path):
    check_str(v, path, 255, not_empty=True)
    if _MACRO.fullmatch(v):
        return v
    m = _MACRO_START.match(v)
    near = v[m.end():] if m and m.end() < len(v) else v
    raise bad(path, 'incorrect syntax near "%s"' % near)


def macro_identity(macro):
    """{$A:x} and {$A:"x"} are the same macro."""
    name, sep, context = macro[:-1].partition(":")
    context = context.strip()
    if len(context) >= 2 and context[0] == context[-1] == '"':
        context = context[1:-1].replace('\\"', '"')
    return name + sep + context


def check_vault(v, path):
    check_str(v, path)
    if not re.fullmatch(r"[^:]+/[^:]+:[^:]+", v):
        raise bad(path, 'incorrect syntax near "%s"' % v)
    return v


class TooLong(ApiError):
    """What the database layer refuses. 6.0.14 and 7.0.22 call it an application error, 7.0.9 an internal one."""


class CrashedServer(Exception):
    """The real server dies with HTTP 500 and an empty body on this input (PHP fatal error)."""


def php_error(version, text):
    """A value of a type that the server's code does not expect: 6.0 dies of it, newer ones answer with PHP's words."""
    return CrashedServer() if version < (6, 4) else ApiError(INTERNAL, text)


def is_array(v):
    return isinstance(v, (list, dict))


def php_str(v):
    """A value as PHP puts it into a text."""
    return "Array" if is_array(v) else "" if v is None or v is False else "1" if v is True else str(v)


def db_int(version, field, v):
    """What the database layer checks on a column of whole numbers."""
    if isinstance(v, bool):
        return int(v)
    if not is_int(v):
        code = INTERNAL if (7, 0, 0) <= version <= (7, 0, 9) else APP
        raise ApiError(code, 'Incorrect value "%s" for int field "%s".' % (php_str(v), field))
    return int(v)


def db_text(version, field, v):
    """A text column: numbers become text, arrays are what the code trips over."""
    if is_array(v):
        raise php_error(version, "mb_strlen(): Argument #1 ($string) must be of type string, array given")
    return php_str(v)


def sql_failed(version, statement):
    """A statement that the database refuses; the code differs as that of TooLong does."""
    code = INTERNAL if (7, 0, 0) <= version <= (7, 0, 9) else APP
    return ApiError(code, 'SQL statement execution has failed "%s"' % statement)


def too_long(field, value, limit):
    return TooLong(APP, 'Value "%s" is too long for field "%s" - %d characters. Allowed length is %d characters.' % (
        value, field, len(value), limit))


def db_lengths(values, limits):
    """What the database layer checks on a row; `values` maps field to text."""
    for field, limit in limits.items():
        v = values.get(field)
        if limit and isinstance(v, str) and len(v) > limit:
            raise too_long(field, v, limit)


_HOSTNAME = re.compile(r"[0-9a-zA-Z_.\-]([0-9a-zA-Z_. \-]*[0-9a-zA-Z_.\-])?")


def host_name_ok(v):
    return isinstance(v, str) and _HOSTNAME.fullmatch(v) is not None
