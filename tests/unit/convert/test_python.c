/* SPDX-License-Identifier: Apache-2.0 */
/* Literals of Python: what Python 3 itself gives for them is the reference. */
#include "convert_test.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"

static const struct {
	const char *text, *want;
} cases[] = {
	{"", ""},
	{"\n\n # only a comment\n", ""},
	{"a = 1", "a=1"},
	{"a=\"x\"\r\nb='y'\r\n", "a=<x> b=<y>"},
	{"\xef\xbb\xbf"
	 "a = 'x'",
	 "a=<x>"},
	/* constants and numbers */
	{"a = None; b = True; c = False", "a=None b=True c=False"},
	{"a = -1; b = +2; c = 1_000; d = 0x1F; e = 0o17; f = 0b101; g = -0x10; h = 00", "a=-1 b=2 c=1000 d=31 e=15 f=5 g=-16 h=0"},
	{"a = 1.5; b = .5; c = 1e-5; d = -1_0.5E+3; e = 1.", "a=~1.5 b=~.5 c=~1e-5 d=~-10.5E+3 e=~1."},
	{"a = 3j; b = 0xZ; c = 1__0; d = 1e; e = 0xFFFFFFFFFFFFFFFFFF; f = 99999999999999999999",
	 "a=? b=? c=? d=? e=? f=99999999999999999999"},
	/* quotes */
	{"a = 'it\\'s'; b = \"say \\\"x\\\"\"; c = '\"'; d = \"'\"", "a=<it's> b=<say \"x\"> c=<\"> d=<'>"},
	{"a = '''one\n'two' ''three\n'''\nb = \"\"\"x\"\"\"", "a=<one\n'two' ''three\n> b=<x>"},
	{"a = ''; b = \"\"; c = ''''''; d = ''''a'''", "a=<> b=<> c=<> d=<'a>"},
	{"a = '''x\\'''' ; b = '''x''' ''", "a=<x'> b=<x>"},
	{"a = '''x\ry\r\nz'''", "a=<x\ny\nz>"},
	/* escapes */
	{"a = '\\\\ \\a\\b\\f\\n\\r\\t\\v'", "a=<\\ \a\b\f\n\r\t\v>"},
	{"a = '\\x41\\101\\7\\u00fc\\U0001F600\\377\\400'", "a=<AA\a\xc3\xbc\xf0\x9f\x98\x80\xc3\xbf\xc4\x80>"},
	{"a = '\\d \\. \\q'", "a=<\\d \\. \\q>"},
	{"a = 'one \\\ntwo'", "a=<one two>"},
	{"a = 'one \\\r\ntwo'", "a=<one two>"},
	{"a = r'\\d\\n\\''; b = R\"\\\"\"", "a=<\\d\\n\\'> b=<\\\">"},
	{"a = r'x\\\ny'", "a=<x\\\ny>"},
	{"a = u'\xc3\xbc'; b = b'x\\x41\\u0041'; c = rb'\\x'; d = Br'\\n'; e = bR''", "a=<\xc3\xbc> b=<xA\\u0041> c=<\\x> d=<\\n> e=<>"},
	{"a = f'x'; b = rf'{x}'; c = F\"\"\"a\nb\"\"\"; d = 'x' f'y' 'z'; e = t'x'", "a=?f b=?f c=?f d=?f e=?f"},
	/* concatenation */
	{"a = 'x' \"y\" r'\\z'", "a=<xy\\z>"},
	{"a = ('x'  # one\n     'y')\nb = 'x' \\\n    'y'", "a=<xy> b=<xy>"},
	/* lists, tuples, sets, dictionaries */
	{"a = []; b = (); c = {}; d = [1,]; e = (1,); f = (1); g = {1}; h = {1: 2,}", "a=[] b=[] c={} d=[1] e=[1] f=1 g=[1] h={1:2}"},
	{"a = 1, 2; b = 'x',\nc = ('x', ['y', {'z': (None, True)}])", "a=[1,2] b=[<x>] c=[<x>,[<y>,{<z>:[None,True]}]]"},
	{"a = [\n  'x', # one\n\n  'y'\n  ,\n]\nb = 1", "a=[<x>,<y>] b=1"},
	{"a = {'x': 'y', \"z\":\n{1: [2]}}", "a={<x>:<y>,<z>:{1:[2]}}"},
	{"a = ((('x')))", "a=<x>"},
	/* assignments */
	{"a: str = 'x'\nb: dict[str, list[int]] = {}\nc: int\nd : 'Optional[str]' = None", "a=<x> b={} d=None @3"},
	{"a = b = c = 'x'", "a=<x> b=<x> c=<x>"},
	{"a = b['k'] = 'x'; c = d.e = 1", "a=<x> c=1"},
	{"a = 1\na = 2", "a=1 a=2"},
	{"a = 1\na += 2\nb = ['x']\nb |= c\n", "a=1 a=?+ b=[<x>] b=?+"},
	{"\xc3\xa4\xc3\xb6 = 1", "\xc3\xa4\xc3\xb6=1"},
	{"a = 1;", "a=1"},
	{"a = 1;; b = 2 # x", "a=1 b=2"},
	/* the environment */
	{"a = os.environ['X']; b = os.environ.get(\"X\"); c = os.getenv('X_1'); d = environ['X']; e = getenv('X',)",
	 "a=$X b=$X c=$X_1 d=$X e=$X"},
	{"a = os.getenv('X', 'd'); b = os.environ.get('X', None); c = [os.environ['A'], 'b']", "a=$X<d> b=$XNone c=[$A,<b>]"},
	{"a = os.getenv('X') or 'd'; b = os.environ[X]; c = os.environ; d = os.environ['1']; e = os.getenv('X').lower()",
	 "a=? b=? c=? d=? e=?"},
	{"a = os.getenv('A B'); b = os.getenv(); c = os.getenv('X', f()); d = os.getenv('X', 1, 2); e = os . environ . get ( 'X' )",
	 "a=? b=? c=$X? d=? e=$X"},
	/* no literals */
	{"a = x; b = x.y; c = f(1, [2]); d = 'a' + 'b'; e = 'a' % 1; f = not True; g = -x; h = 1 if x else 2; i = lambda: 1",
	 "a=? b=? c=? d=? e=? f=? g=? h=? i=?"},
	{"a = [1, x]; b = {'k': x}; c = {x: 1}; d = (1, f(2)); e = [x for x in y]; f = {k: v for k, v in z.items()}; g = (x for x in y)",
	 "a=? b=? c=? d=? e=? f=? g=?"},
	{"a = [*b, 1]; c = {**d}; e = 'x'.lower(); f = [1][0]; g = ...; h = `1` if False else 1",
	 "! c.py:1:67: \"`\" has no meaning in Python here"},
	{"a = [*b, 1]; c = {**d}; e = 'x'.lower(); f = [1][0]; g = ...; h = 1 == 2; i = {1: 2}[1]; j = 5 // 2; k = @x",
	 "a=? c=? e=? f=? g=? h=? i=? j=? k=?"},
	{"a = f(x='y', z=[1])\nb = 1", "a=? b=1"},
	/* what is left out */
	{"import os\nfrom a import (b,\n  c)\na = 1", "a=1 @1 @2"},
	{"\"\"\"A\ndocstring\"\"\"\na = 1\n'x'\n", "a=1 @1 @4"},
	{"if x:\n    a = 1\n    b = 2\n\n    c = 3\nelse:\n\ta = 2\nd = 4", "d=4 @1 @2 @6 @7"},
	{"def f():\n    return {\n'x': 1}\na = 1\nclass C: pass\nwith x as y: z = 1", "a=1 @1 @2 @5 @6"},
	{"a.b = 1\na['x'] = 2\na, b = 1, 2\n(a) = 1\nprint('x')\ndel a\n*a, b = c\n-a\nx == 1\nx := 2\n@d\n1\n",
	 "@1 @2 @3 @4 @5 @6 @7 @8 @9 @10 @11 @12"},
	{"if a == 1: b = 'x'; c = 2\n", "c=2 @1"},
	{"for = 1\n", "@1"},
	{"a = 1\n  # comment\nb = 2\n   \n", "a=1 b=2"},
	/* errors */
	{"a = 'x\nb = 1", "! c.py:1:5: this text in quotes has no end in its line"},
	{"\n\xc3\xa4 = '''x\n", "! c.py:2:5: this text in quotes has no end"},
	{"a = '\\", "! c.py:1:5: this text in quotes has no end"},
	{"a = [1, 2\n", "! c.py:2:1: the file ends inside brackets"},
	{"a = [1 2]", "a=?"},
	{"a = [1)", "! c.py:1:7: expected \",\" or \"]\" here"},
	{"a = ]", "! c.py:1:5: \"]\" has no counterpart"},
	{"a = [,]", "! c.py:1:6: expected a value here"},
	{"a =", "! c.py:1:4: expected a value here"},
	{"a = {1: }", "! c.py:1:9: expected a value here"},
	{"a = {1: 2, 3}", "! c.py:1:5: some elements of these braces have a value and others none"},
	{"a = \\ 1", "! c.py:1:5: a backslash must be the last character of its line"},
	{"a = $x", "! c.py:1:5: \"$\" has no meaning in Python here"},
	{"a = '\\x4'", "! c.py:1:5: this text in quotes holds an escape with too few digits"},
	{"a = '\\u12'", "! c.py:1:5: this text in quotes holds an escape with too few digits"},
	{"a = '\\0'", "! c.py:1:5: this text in quotes holds a NUL character, which no setting can have"},
	{"a = '\\ud800'", "! c.py:1:5: this text in quotes holds an escape that stands for no character"},
	{"a = '\\U00110000'", "! c.py:1:5: this text in quotes holds an escape that stands for no character"},
	{"a = '\\N{BULLET}'", "! c.py:1:5: this text in quotes names a character by \\N{…}; write the character itself"},
	{"a = b'\\xff'", "! c.py:1:5: this text in quotes is of bytes and holds one beyond ASCII; write it as a text, without the b"},
	{"a = '\xff'", "! c.py: it is no text in UTF-8; convert it, or name another file"},
};

static void test_cases(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		const char *got = bench_python(b, cases[i].text, strlen(cases[i].text));

		if (strcmp(got, cases[i].want) != 0)
			fail_msg("case %zu:\n%s\ngot  %s\nwant %s", i, cases[i].text, got, cases[i].want);
	}
}

static void test_nul(void **state)
{
	struct bench *b = *state;

	assert_string_equal(bench_python(b, "a = 1\0", 6), "! c.py: it is no text in UTF-8; convert it, or name another file");
}

/* @p begin, then @p piece @p count times, then @p end. */
static const char *repeated(struct bench *b, const char *begin, const char *piece, size_t count, const char *end)
{
	struct zync_buf out;
	const char *text;

	zync_buf_init(&out, (size_t)16 * 1024 * 1024);
	zync_buf_adds(&out, begin);
	for (size_t i = 0; i < count; i++)
		zync_buf_adds(&out, piece);
	zync_buf_adds(&out, end);
	text = zync_arena_strndup(b->arena, out.data, out.len);
	assert_non_null(text);
	zync_buf_done(&out);
	return bench_python(b, text, strlen(text));
}

static void test_bounds(void **state)
{
	struct bench *b = *state;

	bench_has(repeated(b, "a = ", "[", ZYNC_LIMIT_CONVERT_DEPTH, ""), "the file ends inside brackets");
	bench_has(repeated(b, "a = ", "[", ZYNC_LIMIT_CONVERT_DEPTH + 1, ""), "nested more than 32 deep");
	bench_has(repeated(b, "a = ", "(", 500000, ""), "nested more than 32 deep");
	bench_has(repeated(b, "a = f", "(", 500000, ""), "the file ends inside brackets"); /* passed over without recursion */
	bench_has(repeated(b, "a = ", "-", 500000, "1"), "a=?");
	bench_has(repeated(b, "a = ", "b = ", 20000, "1"), "more than 20000 values");
	bench_has(repeated(b, "a = [", "1,", 19990, "]"), "a=[1,1,");
	bench_has(repeated(b, "a = [", "1,", 20001, "]"), "c.py:1:40004: more than 20000 values are not read");
	bench_has(repeated(b, "", "a = 1\n", 20000, ""), "more than 20000 values are not read");
	bench_has(repeated(b, "", "print()\n", 20001, ""), "more than 20000 values and statements are not read");
	bench_has(repeated(b, "# ", "x", ZYNC_LIMIT_CONVERT_BYTES, ""), "a configuration of more than 1048576 is not read");
	bench_has(repeated(b, "a = '", "x", ZYNC_LIMIT_CONVERT_BYTES - 100, "'"), "a=<xxx");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_setup_teardown(test_cases, bench_setup, bench_teardown),
	cmocka_unit_test_setup_teardown(test_nul, bench_setup, bench_teardown),
	cmocka_unit_test_setup_teardown(test_bounds, bench_setup, bench_teardown),
};
const struct test_group group_python = {tests, ZYNC_ARRAY_LEN(tests)};
