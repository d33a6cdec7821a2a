/** An upstream that answers as a scenario says, over UDP and TCP on one port. */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import type { Test } from "tap";
import { Frames, framed } from "../../../src/wire/frames.ts";
import { type Block, type Line, ScriptError } from "./script.ts";
import { nameBytes, readRecord, recordBytes, typeNumber } from "./zone-record.ts";

export const RCODES = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"];
const FLAGS: Readonly<Record<string, number>> = {
	aa: 0x0400,
	tc: 0x0200,
	ra: 0x0080,
	ad: 0x0020,
	cd: 0x0010,
};
const OPT = 41;
const HOST = "127.0.0.1";
/** Too short for a question. */
const MARK = Buffer.of(0);

/** A question as it came. */
export interface Arrival {
	/** Lower case, as `nameBytes` has it. */
	readonly name: string;
	readonly type: number;
	readonly overTcp: boolean;
	readonly query: Buffer;
}

interface Rule {
	readonly line: Line;
	readonly matches: (arrival: Arrival) => boolean;
	/** Whole replies, each sent; none: silence. */
	readonly replies: (query: Buffer) => Buffer[];
	left: number;
}

function lowered(bytes: Buffer): string {
	return bytes.toString("latin1").toLowerCase();
}

export function questionEnd(query: Buffer): number {
	let at = 12;
	while (query[at] !== 0) at += query[at] + 1;
	return at + 5;
}

function hasDo(query: Buffer): boolean {
	const end = questionEnd(query);
	return (
		query.length > end + 10 &&
		query[end] === 0 &&
		query.readUInt16BE(end + 1) === OPT &&
		(query[end + 7] & 0x80) !== 0
	);
}

/** The replies that the lines below a rule describe: `reply` begins each. */
function repliesOf(rule: Block): (query: Buffer) => Buffer[] {
	const makers: ((query: Buffer) => Buffer)[] = [];
	for (const reply of rule.below) {
		const [verb, ...words] = reply.words;
		if (verb === "silence") continue;
		if (verb === "raw") {
			makers.push((query) => Buffer.concat([query.subarray(0, 2), Buffer.from(words.join(""), "hex")]));
			continue;
		}
		if (verb !== "reply") throw new ScriptError(reply, "expected reply, raw or silence");
		makers.push(replyOf(reply, words));
	}
	return (query) => makers.map((make) => make(query));
}

function replyOf(reply: Block, words: readonly string[]): (query: Buffer) => Buffer {
	const rcode = RCODES.indexOf(words[0] ?? "NOERROR");
	if (rcode < 0) throw new ScriptError(reply, "no such rcode");
	let flags = 0x8180 | rcode;
	for (const word of words.slice(1)) {
		const bit = FLAGS[word.replace("-", "")];
		if (bit === undefined) throw new ScriptError(reply, `no flag ${word}`);
		if (word.startsWith("-")) flags &= ~bit;
		else flags |= bit;
	}
	const sections: Buffer[][] = [[], [], []];
	let id = 0;
	let name: Buffer | undefined;
	for (const line of reply.below) {
		const [section = "", ...rest] = line.words;
		const at = ["answer", "authority", "additional"].indexOf(section);
		if (at >= 0) sections[at].push(recordBytes(readRecord(rest)));
		else if (section === "ede") {
			const text = Buffer.from(rest[1] ?? "");
			const data = Buffer.concat([word16(15, 2 + text.length, Number(rest[0])), text]);
			sections[2].push(Buffer.concat([Buffer.of(0), word16(OPT, 1232, 0, 0, data.length), data]));
		} else if (line.text === "wrong id") id = 1;
		else if (line.text.startsWith("wrong question ")) name = nameBytes(rest[1] ?? ".");
		else throw new ScriptError(line, "expected a record, ede, wrong id or wrong question");
	}
	return (query) => {
		const end = questionEnd(query);
		const question =
			name === undefined ? query.subarray(12, end) : Buffer.concat([name, query.subarray(end - 4, end)]);
		const header = word16(
			(query.readUInt16BE(0) + id) & 0xffff,
			flags,
			1,
			...sections.map((one) => one.length),
		);
		return Buffer.concat([header, question, ...sections.flat()]);
	};
}

function word16(...values: readonly number[]): Buffer {
	const bytes = Buffer.alloc(values.length * 2);
	for (const [i, value] of values.entries()) bytes.writeUInt16BE(value, i * 2);
	return bytes;
}

/** `when NAME TYPE [udp] [tcp] [do] [cd] [once|twice]`; `*` is any name or type, `*.d` any below d. */
function ruleOf(block: Block): Rule {
	const [verb, name = "*", type = "*", ...words] = block.words;
	if (verb !== "when") throw new ScriptError(block, "expected when");
	const below = name.startsWith("*.");
	const wire = name === "*" ? "" : lowered(nameBytes(below ? name.slice(2) : name));
	const number = type === "*" ? -1 : typeNumber(type);
	const left = words.includes("once") ? 1 : words.includes("twice") ? 2 : Number.POSITIVE_INFINITY;
	for (const one of words)
		if (!["udp", "tcp", "do", "cd", "once", "twice"].includes(one))
			throw new ScriptError(block, `what is ${one}?`);
	return {
		line: block,
		left,
		replies: repliesOf(block),
		matches: (arrival) =>
			(name === "*" ||
				(below ? arrival.name.endsWith(wire) && arrival.name !== wire : arrival.name === wire)) &&
			(number < 0 || arrival.type === number) &&
			!(words.includes("udp") && arrival.overTcp) &&
			!(words.includes("tcp") && !arrival.overTcp) &&
			!(words.includes("do") && !hasDo(arrival.query)) &&
			!(words.includes("cd") && (arrival.query[3] & 0x10) === 0),
	};
}

export class ScriptedUpstream {
	readonly arrivals: Arrival[] = [];
	#rules: Rule[];
	/** Called when the own mark has come back. */
	#marked = () => {};
	#udp: Socket | undefined;
	#tcp: Server | undefined;
	port = 0;

	private constructor(block: Block) {
		this.#rules = block.below.map(ruleOf);
	}

	static async start(t: Test, block: Block): Promise<ScriptedUpstream> {
		const upstream = new ScriptedUpstream(block);
		await upstream.listen();
		t.teardown(() => upstream.close());
		return upstream;
	}

	/** On the port that it had, when it had one. */
	async listen(): Promise<void> {
		for (let tries = 0; ; tries++) {
			const tcp = createServer((socket) => {
				const frames = new Frames();
				socket.on("error", () => socket.destroy());
				socket.on("data", (piece) =>
					frames.push(piece, (query) => {
						for (const reply of this.#answer(Buffer.from(query), true))
							socket.write(framed(reply, 0, reply.length));
						return true;
					}),
				);
			});
			tcp.listen(this.port, HOST);
			await once(tcp, "listening");
			const { port } = tcp.address() as AddressInfo;
			const udp = createSocket("udp4");
			udp.on("message", (query, from: RemoteInfo) => {
				if (query.length === MARK.length) return this.#marked();
				for (const reply of this.#answer(query, false)) udp.send(reply, from.port, from.address);
			});
			try {
				udp.bind(port, HOST);
				await once(udp, "listening");
				this.#udp = udp;
				this.#tcp = tcp;
				this.port = port;
				return;
			} catch (error) {
				tcp.close();
				if (tries > 20) throw error;
			}
		}
	}

	/** Answers from now on as `block` says, and has seen nothing yet. Questions that came before are not counted. */
	async become(block: Block): Promise<void> {
		// A socket is read in order: when the mark comes, so has all that was sent before.
		await new Promise<void>((resolve) => {
			this.#marked = resolve;
			this.#udp?.send(MARK, this.port, HOST);
		});
		this.#rules = block.below.map(ruleOf);
		this.arrivals.length = 0;
	}

	close(): void {
		this.#udp?.close();
		this.#tcp?.close();
		this.#udp = this.#tcp = undefined;
	}

	#answer(query: Buffer, overTcp: boolean): Buffer[] {
		const end = questionEnd(query);
		const arrival: Arrival = {
			name: lowered(query.subarray(12, end - 4)),
			type: query.readUInt16BE(end - 4),
			overTcp,
			query,
		};
		this.arrivals.push(arrival);
		const rule = this.#rules.find((one) => one.left > 0 && one.matches(arrival));
		if (rule === undefined) return replies(query, 3);
		rule.left--;
		return rule.replies(query);
	}

	/** How many questions came, for a name and a type when they are given. */
	count(name?: string, type?: string): number {
		const wire = name === undefined ? undefined : lowered(nameBytes(name));
		const number = type === undefined ? undefined : typeNumber(type);
		return this.arrivals.filter(
			(one) => (wire === undefined || one.name === wire) && (number === undefined || one.type === number),
		).length;
	}
}

/** What no rule speaks of does not exist, and is not to be kept. */
function replies(query: Buffer, rcode: number): Buffer[] {
	const end = questionEnd(query);
	return [Buffer.concat([query.subarray(0, 2), word16(0x8180 | rcode, 1, 0, 0, 0), query.subarray(12, end)])];
}
