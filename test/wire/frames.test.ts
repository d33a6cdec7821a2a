import { test } from "tap";
import { Frames, framed } from "../../src/wire/frames.ts";

const messages = ["", "a", "hello", "x".repeat(300), "y".repeat(65_535)].map((text) => Buffer.from(text));
const stream = Buffer.concat(messages.map((message) => framed(message, 0, message.length)));

function all(frames: Frames, pieces: readonly Buffer[]): Buffer[] {
	const out: Buffer[] = [];
	for (const piece of pieces) frames.push(piece, (bytes) => out.push(Buffer.from(bytes)) > 0);
	return out;
}

test("messages come whole, however the stream is cut", (t) => {
	for (const size of [1000, 7, 2, 65_536, stream.length]) {
		const frames = new Frames();
		const pieces = Array.from({ length: Math.ceil(stream.length / size) }, (_, i) =>
			stream.subarray(i * size, (i + 1) * size),
		);
		t.strictSame(all(frames, pieces), messages, `pieces of ${size} bytes`);
		t.notOk(frames.pending);
	}
	const start = stream.subarray(0, 20);
	const bytes = Array.from(start, (byte) => Buffer.of(byte));
	t.strictSame(all(new Frames(), bytes), messages.slice(0, 3), "byte by byte");
	t.end();
});

test("part of a message is kept, in memory of its own", (t) => {
	const frames = new Frames();
	const piece = Buffer.from([0, 3, 1]);
	frames.push(piece, () => t.fail("not whole yet"));
	t.ok(frames.pending > 0);
	piece.fill(0xff);
	t.strictSame(all(frames, [Buffer.of(2, 3)]), [Buffer.of(1, 2, 3)]);
	t.notOk(frames.pending);
	frames.push(Buffer.of(0), () => t.fail("half a length is no message"));
	t.ok(frames.pending > 0);
	t.end();
});

test("who says stop gets the rest later", (t) => {
	const frames = new Frames();
	const seen: string[] = [];
	const take = (bytes: Buffer) => {
		seen.push(bytes.toString());
		return false;
	};
	const three = Buffer.concat(
		["one", "two", "three"].map((text) => framed(Buffer.from(text), 0, text.length)),
	);
	frames.push(three, take);
	t.strictSame(seen, ["one"]);
	t.ok(frames.pending > 0);
	frames.push(Buffer.alloc(0), take);
	t.strictSame(seen, ["one", "two"]);
	frames.push(framed(Buffer.from("four"), 0, 4), () => seen.push("…") > 0);
	t.strictSame(seen, ["one", "two", "…", "…"]);
	t.end();
});

test("a frame is a copy of part of a buffer", (t) => {
	const bytes = Buffer.from("--message--");
	const frame = framed(bytes, 2, 9);
	bytes.fill(0);
	t.equal(frame.toString("latin1"), "\0\u0007message");
	t.end();
});

test("a message that announces itself as too long ends the reading, before it is here", (t) => {
	const frames = new Frames(4096);
	const whole = Buffer.alloc(2 + 4096);
	whole.writeUInt16BE(4096);
	let count = 0;
	const take = () => ++count > 0;
	t.equal(frames.push(whole, take), true);
	t.equal(frames.push(Buffer.concat([whole, Buffer.of(0x10)]), take), true);
	t.equal(count, 2);
	t.equal(frames.push(Buffer.of(0x01), take), false, "4097 bytes");
	t.equal(count, 2);
	t.end();
});
