/** Validation: data of its records taken apart, and damaged answers in a world of signed zones. What is vouched for is true. */
import { toSettings } from "../../src/config/settings.ts";
import { isWithin, labelCount, nameIn } from "../../src/dnssec/canonical-name.ts";
import { readNsec } from "../../src/dnssec/nsec.ts";
import { readNsec3 } from "../../src/dnssec/nsec3.ts";
import { PublicKey, readDelegationSigner } from "../../src/dnssec/public-key.ts";
import { canonicalData } from "../../src/dnssec/record-set.ts";
import { readSignature } from "../../src/dnssec/signature.ts";
import { hasType } from "../../src/dnssec/type-bitmap.ts";
import { Validator } from "../../src/dnssec/validator.ts";
import { Counters } from "../../src/observe/counters.ts";
import { Round } from "../../src/sockets/round.ts";
import { Inquiry } from "../../src/upstream/inquiry.ts";
import { followChain } from "../../src/wire/chain.ts";
import { FLAG, HEADER_BYTES } from "../../src/wire/codes.ts";
import { DomainName, nameFromText } from "../../src/wire/name.ts";
import { Response, readResponse } from "../../src/wire/response.ts";
import { trimResponse } from "../../src/wire/trim.ts";
import { pick, type Random } from "../bench/domains.ts";
import { worldBelow } from "../dnssec/world.ts";
import { T, Zone } from "../dnssec/zone.ts";
import { configOf } from "../supervisor/parts.ts";
import { decode } from "../wire/decoded.ts";
import { wire } from "../wire/message.ts";
import { below, corpus, expect, mutated, randomBytes, type Trial } from "./campaign.ts";
import { campaign } from "./led.ts";

const NOW = 1_700_000_000;
const fixed = { fixedAt: NOW };
const signed = new Zone("signed.example", fixed)
	.a("www.signed.example")
	.a("a.b.signed.example")
	.a("*.wild.signed.example")
	.add("mx.signed.example", T.MX, Buffer.concat([Buffer.of(0, 10), wire("www.signed.example")]))
	.add("to.signed.example", T.CNAME, wire("www.hashed.example"))
	.add("old.signed.example", T.DNAME, wire("hashed.example"));
const hashed = new Zone("hashed.example", { ...fixed, nsec3: { iterations: 1, salt: Buffer.of(1, 2) } })
	.a("www.hashed.example")
	.a("*.wild.hashed.example");
const open = new Zone("open.example", { ...fixed, nsec3: { optOut: true } }).a("www.open.example");
const plain = new Zone("plain.open.example", { isSigned: false }).a("www.plain.open.example");
open.delegate(plain);
const world = worldBelow(fixed, signed, hashed, open, plain);

const NAMES = [
	"www",
	"nowhere",
	"b",
	"a.b",
	"x.wild",
	"wild",
	"mx",
	"to",
	"old",
	"www.old",
	"plain",
	"www.plain",
];
const ZONES = ["signed.example", "hashed.example", "open.example", "example", ""];
const TYPES = [T.A, T.A, T.A, T.MX, T.DS, T.DNSKEY, T.SOA, T.CNAME];
const { dnssec } = toSettings(configOf({ dnssec: { validate: true, trustAnchors: [world.root.anchor] } }), 1);

interface Asked {
	readonly name: string;
	readonly type: number;
}

/** What upstreams say to a question; undefined: nothing that can be read. */
type Upstream = (asked: Asked, query: Buffer) => Buffer | undefined;

function askedIn(inquiry: Inquiry): Asked {
	const { question } = decode(Buffer.from(inquiry.packet.subarray(0, inquiry.packetLength)));
	return { name: (question ?? "").toLowerCase(), type: inquiry.type };
}

function validator(upstream: Upstream): Validator {
	const ask = (inquiry: Inquiry) =>
		queueMicrotask(() => {
			const query = Buffer.from(inquiry.packet.subarray(0, inquiry.packetLength));
			const bytes = upstream(askedIn(inquiry), query);
			const response = new Response();
			const isRead =
				bytes !== undefined &&
				readResponse(response, bytes, 0, bytes.length, inquiry.questionEnd, inquiry.type) &&
				(response.rcode === 0 || response.rcode === 3) &&
				followChain(response) === undefined;
			if (isRead) inquiry.waiting.answered(response);
			else inquiry.waiting.failed(22);
		});
	return new Validator({
		settings: dnssec,
		unasked: [],
		outward: { ask },
		upstreams: 1,
		failureMs: 0,
		counters: new Counters(Counters.create()),
		round: new Round(),
		report: (message) => expect(!message.includes("fault"), message),
		wallClock: () => NOW * 1000,
	});
}

function truth(_: Asked, query: Buffer): Buffer | undefined {
	return world.answer({ query, transport: "tcp" });
}

/** Its question stays, so that it answers it. */
function damaged(bytes: Buffer, end: number, random: Random): Buffer {
	const others = [pick(ANSWERS, random)];
	const tail = mutated(bytes.subarray(end), others, random);
	const out = Buffer.concat([bytes.subarray(0, end), tail]);
	if (random() < 0.3) out.writeUInt16BE(below(9, random), pick([6, 8], random));
	if (random() < 0.1) out[3] = (out[3] & 0xf0) | pick([0, 3], random);
	return out;
}

/** Lower case, for names in data may have any. */
function plainText(bytes: Buffer): string {
	return bytes.toString("latin1").toLowerCase();
}

/** What goes out with AD has to be what the zones say. */
function judge(asked: Asked, response: Response): string {
	const { message, start, authorityEnd } = response;
	expect(trimResponse(response, true), "vouched for, and yet cannot be passed on");
	const isAuthentic = (response.flags & FLAG.AD) !== 0;
	expect(authorityEnd <= message.length && start === 0, "lies elsewhere");
	const bytes = Buffer.from(response.message.subarray(0, response.authorityEnd));
	bytes.writeUInt16BE(response.answers, 6);
	bytes.writeUInt16BE(response.authorities, 8);
	bytes.writeUInt16BE(0, 10);
	const found = decode(bytes);
	if (!isAuthentic) {
		expect(asked.name.endsWith("open.example"), "insecure where everything is signed");
		return `insecure ${response.rcode}`;
	}
	for (const { name, type, data, ttl, dataAt } of found.answer) {
		if (type === T.RRSIG) continue;
		const real = world.resolve({ name: name.toLowerCase(), type }).answer;
		const whole = canonicalData(bytes, 0, type, dataAt, dataAt + data.length);
		const isReal = real.some(
			(one) => one.type === type && plainText(one.data) === plainText(Buffer.from(whole ?? [])),
		);
		expect(isReal, `${name} ${type} ${data.toString("hex")} is nowhere`);
		// With its highest bit set the cache takes it for 0 (RFC 2181, section 8).
		expect(ttl <= 300 || ttl >= 2 ** 31, `a TTL of ${ttl}`);
	}
	const real = world.resolve(asked);
	expect(response.rcode === real.rcode, `rcode ${response.rcode}, in truth ${real.rcode}`);
	const hasType = (all: readonly { readonly type: number }[]) => all.some(({ type }) => type === asked.type);
	expect(hasType(found.answer) === hasType(real.answer), "denies what there is");
	return `secure ${response.rcode}`;
}

function ask(from: Validator, asked: Asked): Promise<string> {
	return new Promise((resolve, reject) => {
		const inquiry = new Inquiry({
			answered: (response) => {
				try {
					resolve(judge(asked, response));
				} catch (error) {
					reject(error);
				}
			},
			failed: (ede) => resolve(`refused ${ede}`),
		});
		const name = new DomainName();
		name.assign(nameFromText(asked.name) ?? Buffer.of(0));
		inquiry.aim(name, asked.type, true, false);
		from.ask(inquiry);
	});
}

function someQuestion(random: Random): Asked {
	const zone = pick(ZONES, random);
	const name = random() < 0.2 ? zone : `${pick(NAMES, random)}${zone === "" ? "" : `.${zone}`}`;
	return { name, type: pick(TYPES, random) };
}

function queryFor({ name, type }: Asked): Buffer {
	const inquiry = new Inquiry({ answered: () => {}, failed: () => {} });
	const own = new DomainName();
	own.assign(nameFromText(name) ?? Buffer.of(0));
	inquiry.aim(own, type, true, true);
	return Buffer.from(inquiry.packet.subarray(0, inquiry.packetLength));
}

/** True answers to mix damaged ones with. */
const ANSWERS = ZONES.flatMap((zone) =>
	NAMES.flatMap((name) => truth({ name, type: T.A }, queryFor({ name: `${name}.${zone}`, type: T.A })) ?? []),
);

/** What validation takes for granted of data that it has read. */
function takeApart(data: Buffer, random: Random): string {
	const before = data.toString("hex");
	const owner = nameFromText(
		pick(["example", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example", "*.example", "."], random),
	);
	if (owner === undefined) return "no owner";
	const told: string[] = [];
	const signature = readSignature(data);
	if (signature !== undefined) {
		expect(labelCount(signature.signer) <= 127 && isWithin(signature.signer, signature.signer), "no name");
		expect(signature.head.length + signature.bytes.length === data.length, "another length");
		told.push("RRSIG");
	}
	const nsec = readNsec(owner, data);
	if (nsec !== undefined) {
		for (let type = 0; type < 65_536; type += 97) hasType(nsec.bitmap, type);
		told.push("NSEC");
	}
	const nsec3 = readNsec3(owner, data);
	if (nsec3 !== undefined) {
		expect(nsec3.next.length === data[5 + data[4]], "a hash that is cut off");
		expect(nsec3.salt.length === data[4], "a salt that is cut off");
		told.push("NSEC3");
	}
	if (readDelegationSigner(data) !== undefined) told.push("DS");
	if (data.length > 4) {
		const key = new PublicKey(Buffer.from(data));
		expect(key.tag >= 0 && key.tag <= 65_535, "a tag that is none");
		if (key.object !== undefined) told.push("DNSKEY");
	}
	const type = pick([2, 5, 6, 12, 15, 17, 26, 33, 35, 39, 1, 16, 65_280], random);
	const whole = canonicalData(data, 0, type, HEADER_BYTES, data.length);
	if (data.length >= HEADER_BYTES && whole !== undefined) told.push("canonical");
	const name = nameIn(data, 0, data.length);
	expect(name === undefined || name.length <= 255, "too long a name");
	expect(data.toString("hex") === before, "changed what it read");
	return told.join(" ") || "nothing";
}

const honest = validator(truth);

const trials: Readonly<Record<string, Trial>> = {
	data: (random, note) => {
		const answer = pick(ANSWERS, random);
		const records = decode(answer);
		const all = [...records.answer, ...records.authority].map(({ data }) => data);
		const original = all.length === 0 ? randomBytes(40, random) : pick(all, random);
		const data = random() < 0.1 ? randomBytes(below(80, random), random) : mutated(original, all, random);
		note(() => data.toString("hex"));
		return takeApart(Buffer.from(data), random);
	},
	/** The chain is true, the answer may not be. */
	answer: async (random, note) => {
		const asked = someQuestion(random);
		let sent = "";
		const one = validator((own, query) => {
			const bytes = truth(own, query);
			if (bytes === undefined || own.name !== asked.name || own.type !== asked.type || sent !== "")
				return bytes;
			const out = damaged(bytes, query.length - 11, random);
			sent = out.toString("hex");
			return out;
		});
		note(() => `${JSON.stringify(asked)} ${sent}`);
		return await ask(one, asked);
	},
	/** Nothing is sure to be true. */
	chain: async (random, note) => {
		const asked = someQuestion(random);
		const sent: string[] = [];
		const one = validator((own, query) => {
			const bytes = truth(own, query);
			if (bytes === undefined || random() < 0.6) return bytes;
			const out = damaged(bytes, query.length - 11, random);
			sent.push(out.toString("hex"));
			return out;
		});
		note(() => `${JSON.stringify(asked)} ${sent.join(" ")}`);
		return await ask(one, asked);
	},
	untouched: async (random, note) => {
		const asked = someQuestion(random);
		note(() => JSON.stringify(asked));
		const told = await ask(honest, asked);
		expect(!told.startsWith("refused"), `${told}, and all was true`);
		return told;
	},
	foreign: (random, note) => {
		const data = mutated(pick(corpus("responses"), random), corpus("responses"), random);
		note(() => data.toString("hex"));
		return takeApart(Buffer.from(data), random);
	},
};

await campaign(trials);
