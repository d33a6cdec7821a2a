/** Upstreams that make names of their answer from the question: what clients see of the random case it was asked in. */
import { type Test, test } from "tap";
import { startResolver } from "../resolve/resolving.ts";
import { type DecodedRecord, decodeName } from "../wire/decoded.ts";
import { long, QNAME, query, type Record, reply, service, soa, TYPE, wire, word } from "../wire/message.ts";
import { startServer } from "./server.ts";

const CLIENT = "Www.Many-Letters.example";
/** Where `Many-Letters` begins in each message, behind the header and the first label. */
const ZONE = Buffer.of(0xc0, 16);

/** No label of it is in the case of `asked`, unless it has no letters. */
function inverted(asked: string): string {
	return asked.replace(/[a-z]/gi, (letter) =>
		letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
	);
}

function below(asked: string): string {
	return asked.slice(4);
}

function label(text: string, rest: Buffer): Buffer {
	return Buffer.concat([wire(text).subarray(0, -1), rest]);
}

interface Shape {
	readonly what: string;
	readonly type?: number;
	readonly answer?: (asked: string) => readonly Record[];
	readonly authority?: (asked: string) => readonly Record[];
	/** The names that a client sees, told how the upstream was asked. */
	readonly names: (asked: string) => readonly string[];
	readonly dnssecOk?: boolean;
}

const OWNERS: readonly (readonly [string, (asked: string) => Buffer, (asked: string) => string])[] = [
	["a pointer to the question", () => QNAME, () => CLIENT],
	["written out as it was asked", wire, () => "www.many-letters.example"],
	["a part of it, written out", (asked) => wire(below(asked)), () => "many-letters.example"],
	["a label and a pointer", (asked) => label(asked.slice(0, 3), ZONE), () => "www.Many-Letters.example"],
	["in the zone's own case", (asked) => wire(inverted(asked)), inverted],
	[
		"a part of it in the zone's own case",
		(asked) => wire(inverted(below(asked))),
		(asked) => inverted(below(asked)),
	],
	["the root", () => Buffer.of(0), () => ""],
];

function nameAt(bytes: Buffer, at: number): string {
	return decodeName(bytes, at)[0];
}

const cnameTo = (data: Buffer, name = QNAME): Record => ({ name, type: TYPE.CNAME, data });
const NUMBERS = Buffer.concat([1, 3600, 600, 86_400, 60].map(long));

const SHAPES: readonly Shape[] = [
	...OWNERS.map(([what, ownerOf, expected]) => ({
		what: `owner: ${what}`,
		authority: (asked: string) => [soa(60, 60, ownerOf(asked))],
		names: (asked: string) => [expected(asked), "ns.test", "mail.test"],
	})),
	{
		what: "the target of an alias below the question's zone, written out",
		type: TYPE.CNAME,
		answer: (asked) => [cnameTo(wire(`Other.${below(asked)}`))],
		names: () => [CLIENT, "Other.many-letters.example"],
	},
	{
		what: "the same as a pointer",
		type: TYPE.CNAME,
		answer: () => [cnameTo(label("Other", ZONE))],
		names: () => [CLIENT, "Other.Many-Letters.example"],
	},
	{
		what: "a target in the zone's own case",
		type: TYPE.CNAME,
		answer: (asked) => [cnameTo(wire(`Other.${inverted(below(asked))}`))],
		names: (asked) => [CLIENT, `Other.${inverted(below(asked))}`],
	},
	{
		what: "a chain, its owners pointing to targets in data",
		answer: (asked) => [
			cnameTo(wire(`a.${below(asked)}`)),
			// The target above: behind header, question, owner and the fixed part.
			{
				name: word(0xc000 | (12 + wire(asked).length + 4 + 12)),
				type: TYPE.A,
				data: Buffer.of(192, 0, 2, 1),
			},
		],
		names: () => [CLIENT, "a.many-letters.example", "a.many-letters.example"],
	},
	{
		what: "a chain out of order, which is written anew",
		answer: (asked) => [
			{ name: label("a", ZONE), type: TYPE.A, data: Buffer.of(192, 0, 2, 1) },
			cnameTo(label("a", ZONE)),
			{ name: wire(asked), type: TYPE.TXT, data: Buffer.of(1, 120) },
		],
		names: () => [CLIENT, "a.many-letters.example", "a.many-letters.example"],
	},
	{
		what: "both names of an SOA",
		authority: (asked) => [
			{
				name: ZONE,
				type: TYPE.SOA,
				ttl: 60,
				data: Buffer.concat([wire(`ns.${below(asked)}`), label("root", wire(asked)), NUMBERS]),
			},
		],
		names: () => ["Many-Letters.example", "ns.many-letters.example", "root.www.many-letters.example"],
	},
	{
		what: "behind a number: MX",
		type: TYPE.MX,
		answer: (asked) => [{ type: TYPE.MX, data: Buffer.concat([word(10), wire(`mail.${asked}`)]) }],
		names: () => [CLIENT, "mail.www.many-letters.example"],
	},
	{
		what: "the target of a service",
		type: TYPE.HTTPS,
		answer: (asked) => [service(1, `cdn.${asked}`)],
		names: () => [CLIENT, "cdn.www.many-letters.example"],
	},
	{
		what: "the same with DO: it may be signed as it stands",
		type: TYPE.HTTPS,
		answer: (asked) => [service(1, `cdn.${asked}`)],
		names: (asked) => [CLIENT, `cdn.${asked}`],
		dnssecOk: true,
	},
];

/** Where the names begin in the data of a record, of which there are so many. */
function namesIn({ type }: DecodedRecord): readonly [number, number] {
	if (type === TYPE.SOA) return [0, 2];
	if (type === TYPE.MX || type === TYPE.HTTPS) return [2, 1];
	return [0, type === TYPE.CNAME ? 1 : 0];
}

function allNames(bytes: Buffer, records: readonly DecodedRecord[]): readonly string[] {
	return records.flatMap((record) => {
		const [from, count] = namesIn(record);
		const names = [record.name];
		for (let i = 0, at = record.dataAt + from; i < count; i++) {
			names.push(nameAt(bytes, at));
			at = decodeName(bytes, at)[1];
		}
		return names;
	});
}

async function see(
	t: Test,
	{ what, type = TYPE.A, answer, authority, names, dnssecOk = false }: Shape,
): Promise<void> {
	let asked = "";
	const upstream = await startServer(t, (arrival) => {
		asked = nameAt(arrival.query, 12);
		return reply(arrival.query, { answer: answer?.(asked) ?? [], authority: authority?.(asked) ?? [] });
	});
	const resolver = await startResolver(t, { upstreams: [upstream.port] });
	for (const via of ["upstream", "cache"]) {
		const seen = await resolver.ask(query(CLIENT, { type, edns: { dnssecOk } }));
		if (seen === undefined) throw new Error(`${what}: no answer`);
		t.equal(seen.via, via);
		t.equal(seen.question, CLIENT);
		t.strictSame(allNames(seen.bytes, [...seen.answer, ...seen.authority]), names(asked), `${what}, ${via}`);
	}
}

test("our random case is not told to clients", async (t) => {
	for (const shape of SHAPES) await see(t, shape);
});
