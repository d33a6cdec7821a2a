/** Messages in a byte stream that is cut anywhere: all come out, whole, in order, at once. */
import { Frames, framed } from "../../src/wire/frames.ts";
import { below, expect, randomBytes } from "./campaign.ts";
import { campaign } from "./led.ts";

await campaign({
	segments: (random, note) => {
		const messages = Array.from({ length: below(12, random) }, () =>
			random() < 0.05 ? Buffer.alloc(below(65_536, random), 7) : randomBytes(below(40, random), random),
		);
		const rest = random() < 0.3 ? randomBytes(below(2, random), random) : Buffer.alloc(0);
		const stream = Buffer.concat([...messages.map((one) => framed(one, 0, one.length)), rest]);
		const pieces: Buffer[] = [];
		const longest = random() < 0.4 ? 3 : random() < 0.5 ? 50 : stream.length + 1;
		for (let at = 0; at < stream.length; ) {
			const to = Math.min(stream.length, at + below(longest + 1, random));
			pieces.push(stream.subarray(at, to));
			at = to;
		}
		note(() => `${stream.toString("hex")}\nin pieces of ${pieces.map((piece) => piece.length)}`);
		const stops = random() < 0.3;
		const frames = new Frames();
		const got: Buffer[] = [];
		let passed = 0;
		let stopped = false;
		for (const piece of pieces) {
			// A read buffer that is used again: whatever is kept has to be a copy.
			const borrowed = Buffer.from(piece);
			const take = (message: Buffer) => {
				got.push(Buffer.from(message));
				stopped = stops && random() < 0.3;
				return !stopped;
			};
			frames.push(borrowed, take);
			borrowed.fill(0xee);
			while (stopped) {
				stopped = false;
				frames.push(Buffer.alloc(0), take);
			}
			passed += piece.length;
			let whole = 0;
			let at = 0;
			while (whole < messages.length && at + 2 + messages[whole].length <= passed)
				at += 2 + messages[whole++].length;
			expect(got.length === whole, `${got.length} messages where ${whole} are complete`);
			expect(frames.pending > 0 === at < passed, "pending");
		}
		expect(
			got.every((message, i) => message.equals(messages[i])),
			"another message",
		);
		return stops ? "stopped and gone on" : "straight through";
	},
	"random bytes": (random, note) => {
		const stream = randomBytes(below(400, random), random);
		note(() => stream.toString("hex"));
		const once: string[] = [];
		const bytewise: string[] = [];
		new Frames().push(stream, (message) => once.push(message.toString("hex")) > 0);
		const frames = new Frames();
		for (const byte of stream)
			frames.push(Buffer.of(byte), (message) => bytewise.push(message.toString("hex")) > 0);
		expect(once.join() === bytewise.join(), "byte by byte other messages come out");
		return "alike";
	},
});
