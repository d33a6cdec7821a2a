/**
 * What an answer leads to: whatever services and addresses an upstream sends, the same is found wherever the answer lies in
 * memory, and just what another reading of it finds.
 */
import { toSettings } from "../../src/config/settings.ts";
import { REASON } from "../../src/resolve/answer.ts";
import { entryOf, isOfNetwork, Leads, reasonOf, rebinds } from "../../src/resolve/leads.ts";
import { Response, readResponse } from "../../src/wire/response.ts";
import { pick, type Random } from "../bench/domains.ts";
import { filled, indexOf, SEED } from "../blocklist/compiled.ts";
import { configOf } from "../supervisor/parts.ts";
import { decode } from "../wire/decoded.ts";
import { a, aaaa, cname, question, type Record, reply, service, TYPE } from "../wire/message.ts";
import { below, expect, mutated, randomBytes } from "./campaign.ts";
import { campaign } from "./led.ts";

const builder = filled([{ rules: ["||bad.test^"] }]);
const LISTED = [
	{ family: 4 as const, bytes: Uint8Array.of(192, 0, 2, 0), length: 24 },
	{ family: 6 as const, bytes: Uint8Array.of(32, 1, 13, 184, ...new Array(12).fill(0)), length: 32 },
];
for (const network of LISTED) builder.addNetwork({ network, action: "block" }, { list: 0, kind: "block" }, 1);
const index = indexOf(builder);
const { blocking } = toSettings(configOf({ blocking: { rebinding: { enabled: true } } }), 1);
const leads = new Leads();
leads.use(blocking);
leads.swap(index);

const V4 = [
	[192, 0, 2, 7],
	[198, 51, 100, 7],
	[10, 0, 0, 1],
	[0, 0, 0, 0],
];
const V6 = [
	[0x2001, 0xdb8, 1, 2, 3, 4, 5, 6],
	[0x2002, 0, 0, 0, 0, 0, 0, 1],
	[0, 0, 0, 0, 0, 0xffff, 0xc000, 0x207],
	[0x64, 0xff9b, 0, 0, 0, 0, 0x0a00, 1],
	[0xfe80, 0, 0, 0, 0, 0, 0, 1],
];
const NAMES = ["good.test", "bad.test", "www.bad.test", "", "xbad.test"];

function hints(random: Random): readonly (readonly [number, Buffer])[] {
	return Array.from({ length: below(4, random) }, () => {
		const key = pick([4, 6, 1, 5, 65_535], random);
		const value =
			key === 4
				? Buffer.concat(Array.from({ length: below(3, random) }, () => Buffer.from(pick(V4, random))))
				: key === 6
					? aaaa(pick(V6, random)).data
					: randomBytes(below(6, random), random);
		return [key, value] as const;
	});
}

function record(random: Random): Record {
	switch (below(5, random)) {
		case 0:
			return a(pick(V4, random).join("."));
		case 1:
			return aaaa(pick(V6, random));
		case 2:
			return cname(pick(NAMES, random));
		case 3: {
			const { data, ...rest } = service(below(3, random), pick(NAMES, random), hints(random));
			return { ...rest, data: random() < 0.3 ? mutated(data, [data], random) : data };
		}
		default:
			return {
				type: pick([TYPE.A, TYPE.AAAA, TYPE.HTTPS, TYPE.SVCB], random),
				data: randomBytes(below(40, random), random),
			};
	}
}

interface Reading {
	names: boolean;
	listed: boolean;
	inside: boolean;
	/** A target is compressed, which happens by chance alone: where it leads is left to the program. */
	compressed: boolean;
}

/** What the records say, by another reading: names, listed addresses and private ones. */
function reading(message: Buffer): Reading {
	const found: Reading = { names: false, listed: false, inside: false, compressed: false };
	const name = (at: number) => {
		const labels: string[] = [];
		for (; message[at] !== 0; at += message[at] + 1)
			labels.push(message.toString("latin1", at + 1, at + 1 + message[at]).toLowerCase());
		if (labels.at(-2) === "bad" && labels.at(-1) === "test") found.names = true;
	};
	const v4 = (b: Buffer) => {
		if (b[0] === 192 && b[1] === 0 && b[2] === 2) found.listed = true;
		if (b[0] === 10 || b[0] === 0 || b[0] === 127 || (b[0] === 192 && b[1] === 168)) found.inside = true;
		if ((b[0] === 169 && b[1] === 254) || (b[0] === 172 && b[1] >> 4 === 1)) found.inside = true;
		if (b[0] === 100 && b[1] >> 6 === 1) found.inside = true;
	};
	const v6 = (b: Buffer) => {
		const hex = b.toString("hex");
		if (hex.startsWith("20010db8")) found.listed = true;
		if (/^(f[cd]|fe[89ab]|0{32}$|0{31}1$)/.test(hex)) found.inside = true;
		if (hex.startsWith(`${"0".repeat(20)}ffff`) || hex.startsWith(`0064ff9b${"0".repeat(16)}`))
			v4(b.subarray(12));
	};
	for (const { type, data, dataAt } of decode(message).answer) {
		if (type === TYPE.A && data.length === 4) v4(data);
		if (type === TYPE.AAAA && data.length === 16) v6(data);
		if (type === TYPE.CNAME || type === TYPE.DNAME) name(dataAt);
		if ((type === TYPE.HTTPS || type === TYPE.SVCB) && data.length > 2) readService(data, dataAt);
	}
	return found;

	function readService(data: Buffer, dataAt: number): void {
		let at = 2;
		while (at < data.length && data[at] !== 0) {
			if (data[at] >= 64) {
				found.compressed = true;
				return;
			}
			at += data[at] + 1;
		}
		if (at >= data.length) return;
		name(dataAt + 2);
		if (data.readUInt16BE(0) === 0) return;
		for (at++; at + 4 <= data.length; ) {
			const key = data.readUInt16BE(at);
			const end = at + 4 + data.readUInt16BE(at + 2);
			const value = data.subarray(at + 4, end);
			const size = key === 4 ? 4 : 16;
			if (key === 4 || key === 6)
				for (let i = 0; i + size <= value.length; i += size)
					(key === 4 ? v4 : v6)(value.subarray(i, i + size));
			at = end;
		}
	}
}

function find(message: Buffer, start: number, fill: number, type: number): number {
	const memory = Buffer.alloc(start + message.length + 40, fill);
	memory.set(message, start);
	const response = new Response();
	const questionEnd = start + question("www.shop.example", type).length + 12;
	if (!readResponse(response, memory, start, start + message.length, questionEnd, type)) return -1;
	return (response.leads & leads.watched) === 0 ? 0 : leads.find(response, SEED);
}

await campaign({
	leads: (random, note) => {
		const type = pick([TYPE.A, TYPE.AAAA, TYPE.HTTPS, TYPE.SVCB, TYPE.ANY], random);
		const answer = Array.from({ length: 1 + below(5, random) }, () => record(random));
		const asked = Buffer.concat([Buffer.alloc(12), question("www.shop.example", type)]);
		const message = reply(asked, { answer });
		note(() => message.toString("hex"));
		const here = find(message, 0, 0, type);
		for (const [start, fill] of [
			[7, 0xff],
			[300, 0xc0],
			[1, 0x0a],
		])
			expect(find(message, start, fill, type) === here, `depends on what is around it (${fill})`);
		if (here < 0) return "malformed";
		const { names, listed, inside, compressed } = reading(message);
		if (compressed) return "with a pointer";
		expect(rebinds(here) === inside, `rebinding ${rebinds(here)}, but ${inside}`);
		expect((entryOf(here) !== 0) === (names || listed), `entry ${entryOf(here)}, but ${names}, ${listed}`);
		if (entryOf(here) === 0) return inside ? "private" : "nothing";
		expect(isOfNetwork(here) !== names, "names come first");
		expect(reasonOf(here) !== REASON.name && reasonOf(here) !== REASON.rebinding, "another reason");
		return names ? "a name" : "an address";
	},
});
