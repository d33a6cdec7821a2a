/** Questions as clients, monkeys and attackers ask them, the same ones for the same seed. */
import { pick, type Random, seededRandom } from "../bench/domains.ts";
import { CUT, ODDITIES } from "./oddities.ts";
import { option, optRecord, wireName, words } from "./packet-parts.ts";
import { NAMES, ODD_NAMES } from "./zone.ts";

export interface Question {
	readonly number: number;
	/** For people. */
	readonly text: string;
	readonly packet: Buffer;
	readonly overTcp: boolean;
	/** What is unusual about it; empty for an ordinary one. */
	readonly oddity: string;
	readonly type: number;
	readonly name: string;
	readonly flags: number;
	/** Undefined without EDNS. */
	readonly ednsSize: number | undefined;
	readonly dnssecOk: boolean;
	/** Option codes. */
	readonly options: readonly number[];
}

/** Types that are asked for, by number. */
const TYPES: readonly (readonly [string, number])[] = [
	["A", 1],
	["A", 1],
	["A", 1],
	["AAAA", 28],
	["AAAA", 28],
	["NS", 2],
	["CNAME", 5],
	["SOA", 6],
	["PTR", 12],
	["HINFO", 13],
	["MX", 15],
	["TXT", 16],
	["LOC", 29],
	["SRV", 33],
	["NAPTR", 35],
	["DNAME", 39],
	["DS", 43],
	["SSHFP", 44],
	["RRSIG", 46],
	["NSEC", 47],
	["DNSKEY", 48],
	["TLSA", 52],
	["SVCB", 64],
	["HTTPS", 65],
	["CAA", 257],
	["TYPE65280", 65_280],
	["TYPE65534", 65_534],
	["ANY", 255],
];

const FLAG = { AA: 0x0400, TC: 0x0200, RD: 0x0100, RA: 0x0080, Z: 0x0040, AD: 0x0020, CD: 0x0010 } as const;
const OPTION = {
	NSID: 3,
	SUBNET: 8,
	EXPIRE: 9,
	COOKIE: 10,
	KEEPALIVE: 11,
	PADDING: 12,
	UNKNOWN: 65_001,
} as const;

/** A packet under construction. */
export interface Draft {
	labels: readonly string[];
	type: number;
	typeText: string;
	class: number;
	flags: number;
	questions: number;
	/** Records of the additional section, each whole. */
	additional: Buffer[];
	answers: Buffer[];
	/** Bytes behind the message, or `CUT`. */
	tail: Buffer;
	oddity: string;
	ednsSize: number | undefined;
	dnssecOk: boolean;
	options: number[];
}

function shuffledCase(label: string, random: Random): string {
	return Array.from(label, (letter) => (random() < 0.5 ? letter.toUpperCase() : letter)).join("");
}

function chooseName(random: Random): readonly string[] {
	const roll = random();
	if (roll < 0.06) return pick(ODD_NAMES, random);
	const labels = pick(NAMES, random).split(".");
	if (roll < 0.2) return labels.map((label) => shuffledCase(label, random));
	// Names that nobody asked before: wildcards, and what does not exist.
	if (roll < 0.35) return [`n${Math.floor(random() * 1000)}`, ...labels].slice(-8);
	return labels;
}

function addEdns(draft: Draft, random: Random): void {
	draft.ednsSize = pick([0, 511, 512, 800, 1232, 1400, 4096, 65_535], random);
	draft.dnssecOk = random() < 0.4;
	const options: Buffer[] = [];
	const put = (code: number, data: Buffer): void => {
		draft.options.push(code);
		options.push(option(code, data));
	};
	if (random() < 0.1) put(OPTION.UNKNOWN, Buffer.from("0102", "hex"));
	if (random() < 0.08) put(OPTION.NSID, Buffer.alloc(0));
	if (random() < 0.08) put(OPTION.COOKIE, Buffer.from("0123456789abcdef", "hex"));
	if (random() < 0.05) put(OPTION.PADDING, Buffer.alloc(16));
	if (random() < 0.05) put(OPTION.EXPIRE, Buffer.alloc(0));
	if (random() < 0.05) put(OPTION.SUBNET, Buffer.from("00011800c00002", "hex"));
	if (random() < 0.05) put(OPTION.KEEPALIVE, Buffer.alloc(0));
	const unknownFlags = random() < 0.05 ? 0x2000 : 0;
	const flags = (draft.dnssecOk ? 0x8000 : 0) | unknownFlags;
	draft.additional.push(optRecord(draft.ednsSize, 0, flags, Buffer.concat(options)));
}

function draftOne(random: Random): Draft {
	const [typeText, type] = pick(TYPES, random);
	const draft: Draft = {
		labels: chooseName(random),
		type,
		typeText,
		class: 1,
		flags: 0,
		questions: 1,
		additional: [],
		answers: [],
		tail: Buffer.alloc(0),
		oddity: "",
		ednsSize: undefined,
		dnssecOk: false,
		options: [],
	};
	if (random() < 0.95) draft.flags |= FLAG.RD;
	if (random() < 0.15) draft.flags |= FLAG.CD;
	if (random() < 0.15) draft.flags |= FLAG.AD;
	for (const strange of [FLAG.AA, FLAG.TC, FLAG.RA, FLAG.Z]) if (random() < 0.02) draft.flags |= strange;
	if (random() < 0.6) addEdns(draft, random);
	if (random() < 0.12) {
		const [oddity, change] = pick(ODDITIES, random);
		Object.assign(draft, { oddity, ...change(draft) });
	}
	return draft;
}

function packed(draft: Draft, id: number): Buffer {
	const question = Buffer.concat([wireName(draft.labels), words(draft.type, draft.class)]);
	const questions = Array.from({ length: draft.questions }, () => question);
	const counts = words(id, draft.flags, draft.questions, draft.answers.length, 0, draft.additional.length);
	const packet = Buffer.concat([counts, ...questions, ...draft.answers, ...draft.additional]);
	if (draft.tail === CUT) return packet.subarray(0, 12 + Math.max(1, question.length - 3));
	return Buffer.concat([packet, draft.tail]);
}

function shown(draft: Draft): string {
	const name = draft.labels.map((label) => JSON.stringify(label).slice(1, -1)).join(".");
	const flags = Object.entries(FLAG).filter(([, bit]) => (draft.flags & bit) !== 0);
	const edns =
		draft.ednsSize === undefined
			? "no EDNS"
			: `EDNS ${draft.ednsSize}${draft.dnssecOk ? " DO" : ""}${draft.options.map((code) => ` option ${code}`).join("")}`;
	const odd = draft.oddity === "" ? "" : `, ${draft.oddity}`;
	return `${name === "" ? "." : name} ${draft.typeText} [${flags.map(([flag]) => flag).join(" ")}] ${edns}${odd}`;
}

/** `count` questions; ids follow one another, so that those in flight at once differ. */
export function* questions(count: number, seed: number): Generator<Question> {
	const random = seededRandom(seed);
	for (let number = 0; number < count; number++) {
		const draft = draftOne(random);
		const overTcp = random() < 0.1;
		yield {
			number,
			text: `${shown(draft)}${overTcp ? ", over TCP" : ""}`,
			packet: packed(draft, number & 0xffff),
			overTcp,
			oddity: draft.oddity,
			type: draft.type,
			name: draft.labels.join(".").toLowerCase(),
			flags: draft.flags,
			ednsSize: draft.ednsSize,
			dnssecOk: draft.dnssecOk,
			options: draft.options,
		};
	}
}
