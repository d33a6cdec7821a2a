/** RFC 1035, section 4; RFC 6891, section 6: a query is read as it was written, and any bytes do no harm. */
import fc from "fast-check";
import { test } from "tap";
import { Answer } from "../../src/resolve/answer.ts";
import { Query } from "../../src/resolve/query.ts";
import { readQuery, SILENCE } from "../../src/wire/query.ts";
import { SENT } from "../../src/wire/query-options.ts";
import { anyBytes, embedded, labels, lowered, wire, word, words } from "./arbitraries.ts";

const NOWHERE = { keep: () => NOWHERE, open: () => new Answer(), commit: () => {}, clientPort: 0 };
const query = new Query(Buffer.alloc(0), NOWHERE);

/** Codes that no option has that means something here. */
const unknownOption = fc.record({
	code: fc.integer({ min: 20_000, max: 65_000 }),
	data: fc.uint8Array({ maxLength: 20 }),
});

const edns = fc.record({
	size: word,
	dnssecOk: fc.boolean(),
	options: fc.array(unknownOption, { maxLength: 4 }),
	nsid: fc.boolean(),
});

function opt({
	size,
	dnssecOk,
	options,
	nsid,
}: {
	size: number;
	dnssecOk: boolean;
	options: readonly { code: number; data: Uint8Array }[];
	nsid: boolean;
}): Buffer {
	const all = [...options, ...(nsid ? [{ code: 3, data: new Uint8Array(0) }] : [])];
	const data = Buffer.concat(all.flatMap((one) => [words(one.code, one.data.length), one.data]));
	return Buffer.concat([Buffer.of(0), words(41, size, 0, dnssecOk ? 0x8000 : 0, data.length), data]);
}

test("what was asked is what is read", (t) => {
	fc.assert(
		fc.property(
			labels,
			word,
			word,
			word,
			fc.integer({ min: 0, max: 0x07ff }),
			fc.option(edns),
			fc.integer({ min: 0, max: 255 }),
			(name, type, klass, id, flags, spoken, fill) => {
				const question = wire(name);
				const header = words(id, flags, 1, 0, 0, spoken === null ? 0 : 1);
				const additional = spoken === null ? Buffer.alloc(0) : opt(spoken);
				const packet = Buffer.concat([header, question, words(type, klass), additional]);
				const { memory, start } = embedded(packet, fill);
				if (readQuery(query, memory, start, start + packet.length) !== 0) return false;
				return (
					query.id === id &&
					query.type === type &&
					query.class === klass &&
					query.flags === flags &&
					query.questionEnd === start + 12 + question.length + 4 &&
					lowered(question).equals(Buffer.from(query.name.copy())) &&
					query.hasEdns === (spoken !== null) &&
					query.dnssecOk === (spoken?.dnssecOk ?? false) &&
					query.ednsSize === Math.max(512, spoken?.size ?? 0) &&
					((query.sent & SENT.NSID) !== 0) === (spoken?.nsid ?? false)
				);
			},
		),
		{ numRuns: 500 },
	);
	t.end();
});

test("cut off anywhere, it is answered with FORMERR or not at all", (t) => {
	fc.assert(
		fc.property(labels, word, edns, fc.nat(), (name, type, spoken, cut) => {
			const packet = Buffer.concat([words(1, 0x0100, 1, 0, 0, 1), wire(name), words(type, 1), opt(spoken)]);
			const end = cut % packet.length;
			return readQuery(query, packet, 0, end) === (end < 12 ? SILENCE : 1);
		}),
	);
	t.end();
});

test("any bytes: the same result whatever lies around them, and a question that lies within them", (t) => {
	fc.assert(
		fc.property(anyBytes, (bytes) => {
			const results = [0, 0xc0, 0xff].map((fill) => {
				const { memory, start } = embedded(bytes, fill);
				const fault = readQuery(query, memory, start, start + bytes.length);
				if (fault !== SILENCE && query.questionEnd > start + bytes.length) throw new Error("beyond the end");
				return `${fault} ${query.questionEnd} ${query.hasEdns} ${query.ednsSize} ${query.sent}`;
			});
			return results.every((result) => result === results[0]);
		}),
		{ numRuns: 1000 },
	);
	t.end();
});
