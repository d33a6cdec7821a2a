import fc from "fast-check";
import { test } from "tap";
import { LineCutter, LONGEST_LINE } from "../../src/feeds/lines.ts";

function cut(chunks: readonly (string | Buffer)[]): string[] {
	const lines: string[] = [];
	const cutter = new LineCutter((line, long) => lines.push(long ? `long ${line.length}` : line));
	for (const chunk of chunks) cutter.push(Buffer.from(chunk));
	cutter.end();
	return lines;
}

test("lines end with LF, CRLF or CR", async (t) => {
	t.strictSame(cut(["a\nb\r\nc\rd"]), ["a", "b", "c", "d"]);
	t.strictSame(cut(["a\n\n\r\n\r\rb\n"]), ["a", "", "", "", "", "b"]);
	t.strictSame(cut([""]), []);
	t.strictSame(cut(["a\r"]), ["a"]);
});

test("a line ending cut in two by a chunk is still one", async (t) => {
	t.strictSame(cut(["a\r", "\nb"]), ["a", "b"]);
	t.strictSame(cut(["a\r", "b"]), ["a", "b"]);
});

test("a byte order mark goes, at the beginning only", async (t) => {
	t.strictSame(cut(["\ufeffa\n\ufeffb"]), ["a", "\ufeffb"]);
});

test("broken UTF-8 and NUL bytes do no harm", async (t) => {
	t.strictSame(cut([Buffer.from([0x61, 0xff, 0x0a, 0x00, 0x0a, 0x62])]), ["a\ufffd", "\0", "b"]);
});

test("a long line is told once and not kept", async (t) => {
	const longest = "x".repeat(LONGEST_LINE);
	t.strictSame(cut([`${longest}\na`]), [longest, "a"]);
	t.strictSame(cut([`${longest}y\na`]), [`long ${LONGEST_LINE}`, "a"]);
	t.strictSame(cut([`${"ü".repeat(LONGEST_LINE / 2)}ü\na`]), [`long ${LONGEST_LINE / 2 + 1}`, "a"]);
	const endless = Array.from({ length: 50 }, () => longest);
	t.strictSame(cut([...endless, "tail\nb"]), [`long ${LONGEST_LINE}`, "b"]);
	t.strictSame(cut([...endless, "tail\r", "\nb"]), [`long ${LONGEST_LINE}`, "b"]);
	t.strictSame(cut([...endless, "tail\r", "b"]), [`long ${LONGEST_LINE}`, "b"]);
	t.strictSame(cut(endless), [`long ${LONGEST_LINE}`]);
});

test("however a text is cut into chunks, its lines are the same", async (t) => {
	const piece = fc.stringMatching(/^[aü\r\n]{0,8}$/);
	fc.assert(
		fc.property(fc.array(piece), (pieces) => {
			const expected = pieces.join("").split(/\r\n|\r|\n/);
			if (expected.at(-1) === "") expected.pop();
			t.strictSame(cut(pieces), expected);
		}),
		{ numRuns: 300 },
	);
});
