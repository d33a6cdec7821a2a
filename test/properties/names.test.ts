/** RFC 1035, sections 2.3.4 and 4.1.4; RFC 4343: whatever the bytes, a name is read right or not at all. */
import fc from "fast-check";
import { test } from "tap";
import { checkName, DomainName, nameFromText, nameToText, readName, skipName } from "../../src/wire/name.ts";
import { anyBytes, embedded, labels, lowered, wire } from "./arbitraries.ts";

const name = new DomainName();

test("what was written is read, in lower case", (t) => {
	fc.assert(
		fc.property(labels, fc.integer({ min: 0, max: 255 }), (all, fill) => {
			const bytes = wire(all);
			const { memory, start } = embedded(bytes, fill);
			const end = start + bytes.length;
			const after = readName(memory, start, end, name, true, start);
			return (
				after === end &&
				name.length === bytes.length &&
				name.labels === all.length &&
				lowered(bytes).equals(Buffer.from(name.copy())) &&
				skipName(memory, start, end) === end &&
				checkName(memory, start, end, start) === end
			);
		}),
	);
	t.end();
});

test("cut off anywhere, it is no name", (t) => {
	fc.assert(
		fc.property(labels, fc.nat(), (all, cut) => {
			const bytes = wire(all);
			const end = cut % bytes.length;
			return readName(bytes, 0, end, name, true) < 0 && skipName(bytes, 0, end) < 0;
		}),
	);
	t.end();
});

test("as text and back again", (t) => {
	fc.assert(
		fc.property(labels, (all) => {
			const bytes = lowered(wire(all));
			const again = nameFromText(nameToText(bytes));
			return again !== undefined && Buffer.from(again).equals(bytes);
		}),
	);
	t.end();
});

test("compressed anywhere, it is the same name", (t) => {
	fc.assert(
		fc.property(labels, labels, fc.nat(), (target, own, nth) => {
			const base = wire(target);
			// A pointer to one of the target's labels, or to its root.
			const starts = [0];
			for (const one of target) starts.push((starts.at(-1) ?? 0) + 1 + one.length);
			const to = starts[nth % starts.length];
			const tail = target.slice(nth % starts.length);
			const whole = wire([...own, ...tail]);
			const message = Buffer.concat([
				base,
				wire(own).subarray(0, -1),
				Buffer.of(0xc0 | (to >>> 8), to & 0xff),
			]);
			const after = readName(message, base.length, message.length, name, true);
			if (whole.length > 255) return after < 0;
			return after === message.length && lowered(whole).equals(Buffer.from(name.copy()));
		}),
	);
	t.end();
});

test("any bytes: an end within them or none, the same whatever lies around, and all three readers agree", (t) => {
	fc.assert(
		fc.property(anyBytes, fc.nat(), (bytes, from) => {
			const at = bytes.length === 0 ? 0 : from % bytes.length;
			const results = [0, 0xc0, 0xff].map((fill) => {
				const { memory, start } = embedded(bytes, fill);
				const end = start + bytes.length;
				const after = readName(memory, start + at, end, name, true, start);
				const checked = checkName(memory, start + at, end, start);
				const skipped = skipName(memory, start + at, end);
				if (after !== checked) throw new Error(`read to ${after}, checked to ${checked}`);
				if (after >= 0 && (after !== skipped || after > end || after <= start + at))
					throw new Error(`read to ${after}, skipped to ${skipped} of ${end}`);
				return after < 0 ? "none" : `${after} ${Buffer.from(name.copy()).toString("hex")}`;
			});
			return results.every((result) => result === results[0]);
		}),
		{ numRuns: 1000 },
	);
	t.end();
});
