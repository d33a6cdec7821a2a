/** Control frames of Frame Streams, whole and in pieces, and what is none. */
import { test } from "tap";
import {
	CONTROL,
	type ControlFrame,
	ControlFrames,
	controlFrame,
} from "../../../src/scribe/dnstap/control-frame.ts";
import { ACCEPT, control, DNSTAP, FINISH, READY, STOP } from "./receiver.ts";

function read(...pieces: readonly Buffer[]): readonly ControlFrame[] | undefined {
	const frames = new ControlFrames();
	const taken: ControlFrame[] = [];
	for (const piece of pieces) if (!frames.push(piece, (frame) => taken.push(frame))) return undefined;
	return taken;
}

test("they are written as fstrm writes them", async (t) => {
	t.strictSame(controlFrame(CONTROL.ready, DNSTAP), READY);
	t.strictSame(controlFrame(CONTROL.stop), STOP);
	t.equal(controlFrame(CONTROL.stop).toString("hex"), "000000000000000400000003");
});

test("they are read, however the pieces fall", async (t) => {
	const both = Buffer.concat([ACCEPT, FINISH]);
	const wanted = [
		{ type: 1, contentTypes: [DNSTAP] },
		{ type: 5, contentTypes: [] },
	];
	t.strictSame(read(both), wanted);
	for (let cut = 0; cut <= both.length; cut++)
		t.strictSame(read(both.subarray(0, cut), both.subarray(cut)), wanted, `cut at ${cut}`);
	t.strictSame(read(...Array.from(both, (byte) => Buffer.of(byte))), wanted, "byte by byte");
	t.strictSame(read(control(1, "protobuf:other", DNSTAP)), [
		{ type: 1, contentTypes: ["protobuf:other", DNSTAP] },
	]);
});

test("fields of an unknown type are passed over", async (t) => {
	const frame = Buffer.from("0000000000000010000000010000000900000004deadbeef", "hex");
	t.strictSame(read(frame), [{ type: 1, contentTypes: [] }]);
});

test("what is no control frame ends the reading", async (t) => {
	const bad = {
		"a data frame": "0000000461626364",
		text: Buffer.from("HTTP/1.1 400 Bad Request\r\n").toString("hex"),
		"no room for a type": "0000000000000003000001",
		"longer than any": "00000000000002010000000100000000",
		"longest of all": "00000000ffffffff",
		"half a field": "00000000000000080000000100000001",
		"a field longer than its frame": "000000000000000c000000010000000100000001",
		"a field of four gigabytes": "000000000000000c0000000100000001ffffffff",
	};
	for (const [what, hex] of Object.entries(bad)) t.equal(read(Buffer.from(hex, "hex")), undefined, what);
});
