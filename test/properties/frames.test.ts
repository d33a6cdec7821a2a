/** RFC 7766, section 8: messages in a stream come out whole and in order, however it was cut. */
import fc from "fast-check";
import { test } from "tap";
import { Frames, framed } from "../../src/wire/frames.ts";

test("any messages, cut anywhere", (t) => {
	fc.assert(
		fc.property(
			fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }),
			fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
			(messages, sizes) => {
				const stream = Buffer.concat(messages.map((message) => framed(message, 0, message.length)));
				const frames = new Frames();
				const got: Buffer[] = [];
				for (let at = 0, turn = 0; at < stream.length; turn++) {
					const to = at + sizes[turn % sizes.length];
					frames.push(Buffer.from(stream.subarray(at, to)), (message) => got.push(Buffer.from(message)) > 0);
					at = to;
				}
				return (
					frames.pending === 0 &&
					got.length === messages.length &&
					got.every((one, i) => one.equals(messages[i]))
				);
			},
		),
	);
	t.end();
});
