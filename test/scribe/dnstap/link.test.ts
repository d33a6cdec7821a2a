/** The way to a receiver: the handshake, receivers that behave badly, and frames that find no room. */
import { type Test, test } from "tap";
import type { DnstapAddress } from "../../../src/config/address.ts";
import { Link, type Pace } from "../../../src/scribe/dnstap/link.ts";
import { Watchers } from "../../scenario/watchers.ts";
import {
	ACCEPT,
	type Behaviour,
	control,
	FINISH,
	PROPER,
	READY,
	Receiver,
	START,
	STOP,
	socketPath,
} from "./receiver.ts";

const PATIENT: Pace = {
	acceptMs: 60_000,
	writeMs: 60_000,
	finishMs: 60_000,
	firstPauseMs: 5,
	longestPauseMs: 20,
	steadyMs: 60_000,
};

class Diary {
	readonly said: string[] = [];
	readonly dropped = { slow: 0, disconnected: 0 };
	heldFrames = 0;
	sentFrames = 0;
	isUp = false;
	readonly #watchers = new Watchers();
	readonly link: Link;

	constructor(t: Test, to: DnstapAddress, pace: Partial<Pace> = {}, bufferBytes = 1 << 20) {
		this.link = new Link(
			to,
			bufferBytes,
			{
				held: (change) => {
					this.heldFrames += change;
				},
				sent: (frames) => {
					this.sentFrames += frames;
					this.#watchers.wake();
				},
				dropped: (reason, frames) => {
					this.dropped[reason] += frames;
					this.#watchers.wake();
				},
				up: (isUp) => {
					this.isUp = isUp;
					this.#watchers.wake();
				},
				say: (level, message, { why }) => {
					this.said.push(`${level} ${why ?? message}`);
					this.#watchers.wake();
				},
			},
			{ ...PATIENT, ...pace },
		);
		t.teardown(() => {
			this.link.abandon();
		});
	}

	async until(holds: () => boolean, what: string): Promise<void> {
		const deadline = AbortSignal.timeout(20_000);
		while (!holds()) {
			if (deadline.aborted) throw new Error(`waited in vain: ${what}; said: ${this.said.join("; ")}`);
			await this.#watchers.next(deadline);
		}
	}

	send(...texts: readonly string[]): void {
		for (const text of texts) {
			const bytes = Buffer.from(`<${text}>`);
			this.link.push(bytes, 1, bytes.length - 1);
		}
		this.link.flush();
	}
}

function texts(frames: readonly Buffer[]): string[] {
	return frames.map(String);
}

test("over a unix socket and over TCP, from READY to FINISH", async (t) => {
	for (const at of [{ path: socketPath(t) }, { host: "127.0.0.1", port: 0 }, { host: "::1", port: 0 }]) {
		const receiver = await Receiver.listen(t, PROPER, at);
		const diary = new Diary(t, "path" in at ? at : { host: at.host, port: receiver.port });
		diary.send("one", "two");
		t.strictSame(texts(await receiver.has(2)), ["one", "two"]);
		diary.send("three");
		t.strictSame(texts(await receiver.has(3)), ["one", "two", "three"]);
		t.equal(diary.isUp, true);
		diary.send("last");
		await diary.link.close();
		t.strictSame(texts(receiver.frames), ["one", "two", "three", "last"], "what waits goes out first");
		t.strictSame(
			receiver.controls,
			[READY, START, STOP].map((frame) => frame.toString("hex")),
		);
		t.equal(diary.sentFrames, 4);
		t.equal(diary.heldFrames, 0);
		t.strictSame(diary.dropped, { slow: 0, disconnected: 0 });
		t.strictSame(diary.said, ["info the receiver of dnstap is connected"]);
		t.equal(receiver.connections, 1);
	}
});

test("a receiver that is not there yet: one line, and what waited is sent when it comes", async (t) => {
	const path = socketPath(t);
	const diary = new Diary(t, { path });
	diary.send("early");
	await diary.until(() => diary.said.length === 1, "a line");
	t.match(diary.said[0], /^warn connect ENOENT /);
	const receiver = await Receiver.listen(t, PROPER, { path });
	t.strictSame(texts(await receiver.has(1)), ["early"]);
	t.equal(diary.said.length, 2);
	t.equal(diary.said[1], "info the receiver of dnstap is connected");
});

test("a receiver that is killed and started again", async (t) => {
	const path = socketPath(t);
	const first = await Receiver.listen(t, PROPER, { path });
	const diary = new Diary(t, { path });
	diary.send("before");
	await first.has(1);
	await first.stop();
	await diary.until(() => !diary.isUp, "down");
	diary.send("between");
	const second = await Receiver.listen(t, PROPER, { path });
	t.strictSame(texts(await second.has(1)), ["between"]);
	await diary.link.close();
	t.match(diary.said, [
		"info the receiver of dnstap is connected",
		/^warn the receiver closed the connection|^warn .*(EPIPE|ECONNRESET)/,
		/^(warn connect|info the receiver)/,
	]);
	t.equal(diary.said.at(-1), "info the receiver of dnstap is connected");
});

test("receivers that do not keep to the protocol are left, with the reason", async (t) => {
	const cases: readonly (readonly [string, Behaviour, RegExp])[] = [
		[
			"another content type",
			{ accept: control(1, "text:x", "protobuf:y") },
			/takes no protobuf:dnstap.Dnstap, but text:x, protobuf:y/,
		],
		["START in place of ACCEPT", { accept: START }, /control frame of type 2 where none such may come/],
		["FINISH in place of ACCEPT", { accept: FINISH }, /control frame of type 5/],
		["ACCEPT twice", { accept: Buffer.concat([ACCEPT, ACCEPT]) }, /control frame of type 1/],
		[
			"another content type, and then the right one",
			{ accept: Buffer.concat([control(1, "x"), ACCEPT]) },
			/but x$/,
		],
		["another protocol", { greeting: Buffer.from("220 mail.example ESMTP\r\n") }, /speaks no Frame Streams/],
		[
			"a data frame",
			{ accept: Buffer.concat([ACCEPT, Buffer.from("00000004616263640000", "hex")]) },
			/speaks no Frame Streams/,
		],
		[
			"a control frame without an end",
			{ accept: Buffer.from("00000000ffffffff", "hex") },
			/speaks no Frame Streams/,
		],
	];
	for (const [what, behaviour, why] of cases) {
		const path = socketPath(t);
		const receiver = await Receiver.listen(t, behaviour, { path });
		const diary = new Diary(t, { path });
		await diary.until(() => diary.said.some((line) => why.test(line)), what);
		await receiver.until(() => receiver.connections >= 3, "it is tried again");
		receiver.behaviour = PROPER;
		diary.send(what);
		await receiver.has(1);
		t.ok(texts(receiver.frames).includes(what), `${what}: mended, it is used again`);
		await diary.link.close();
	}
});

test("a receiver that is reached and says nothing, or not in time", async (t) => {
	const path = socketPath(t);
	const receiver = await Receiver.listen(t, {}, { path });
	const diary = new Diary(t, { path }, { acceptMs: 20 });
	await diary.until(() => diary.said.length > 0, "a line");
	t.strictSame(diary.said, ["warn the receiver did not answer in time"]);
	await receiver.until(() => receiver.connections >= 4, "it is tried again");
	t.equal(diary.said.length, 1, "one line, however often it is tried");
	t.equal(diary.isUp, false);
});

test("ACCEPT that names no content type takes any", async (t) => {
	const path = socketPath(t);
	const receiver = await Receiver.listen(t, { accept: control(1), finish: FINISH }, { path });
	const diary = new Diary(t, { path });
	diary.send("x");
	await receiver.has(1);
	await diary.link.close();
});

test("a receiver that reads no more: bounded memory, every frame counted", async (t) => {
	const path = socketPath(t);
	const receiver = await Receiver.listen(t, { ...PROPER, isDeaf: true }, { path });
	const diary = new Diary(t, { path }, {}, 512 * 1024);
	await diary.until(() => diary.isUp, "up");
	const frame = "f".repeat(10_000);
	let pushed = 0;
	while (diary.dropped.slow < 100) {
		diary.send(frame);
		pushed++;
		// Whatever the socket still takes has to be given the time for it.
		await new Promise((resolve) => setImmediate(resolve));
	}
	t.equal(diary.dropped.disconnected, 0);
	for (const socket of receiver.sockets) socket.resume();
	const kept = pushed - diary.dropped.slow;
	await receiver.has(kept);
	await diary.until(() => diary.sentFrames === kept, "all counted");
	t.equal(receiver.frames.length, kept, "what was not dropped arrives");
	t.equal(diary.said.length, 1, "a slow receiver is no change of the connection");
});

test("a receiver that takes nothing for long counts as gone", async (t) => {
	const path = socketPath(t);
	await Receiver.listen(t, { ...PROPER, isDeaf: true }, { path });
	const diary = new Diary(t, { path }, { writeMs: 20 });
	await diary.until(() => diary.isUp, "up");
	const frame = "f".repeat(60_000);
	while (!diary.said.some((line) => /takes nothing any more/.test(line))) {
		diary.send(frame);
		await new Promise((resolve) => setTimeout(resolve, 1));
	}
	t.ok(diary.dropped.disconnected > 0, "what was under way is lost, and counted");
});

test("without a receiver the backlog is full at some time", async (t) => {
	const diary = new Diary(t, { path: socketPath(t) }, {}, 256 * 1024);
	const frame = "f".repeat(1000);
	for (let i = 0; i < 1000; i++) diary.send(frame);
	// Two blocks of 128 KiB, of frames of 1004 bytes.
	t.strictSame(diary.dropped, { slow: 0, disconnected: 1000 - 2 * Math.floor((128 * 1024) / 1004) });
	await diary.link.close();
	t.equal(diary.dropped.disconnected, 1000, "what is never sent is counted as well");
	t.equal(diary.heldFrames, 0);
});

test("a receiver that closes in the middle: no frame twice, none unaccounted for", async (t) => {
	const path = socketPath(t);
	const receiver = await Receiver.listen(t, { ...PROPER, closesAfter: 3 }, { path });
	const diary = new Diary(t, { path });
	const numbers = Array.from({ length: 200 }, (_, i) => `frame ${i}`);
	for (const text of numbers) {
		diary.send(text);
		await new Promise((resolve) => setImmediate(resolve));
	}
	await diary.until(() => diary.sentFrames + diary.dropped.disconnected === 200, "all accounted for");
	const arrived = texts(receiver.frames);
	t.equal(new Set(arrived).size, arrived.length, "none twice");
	t.ok(receiver.connections > 1);
});

test("a receiver that never confirms the end does not hold up ours", async (t) => {
	const path = socketPath(t);
	await Receiver.listen(t, { accept: ACCEPT }, { path });
	const diary = new Diary(t, { path }, { finishMs: 20 });
	await diary.until(() => diary.isUp, "up");
	await diary.link.close();
	t.pass("closed");
});
