/**
 * Waits for the answer of a zone's own server, which is believed for its zone only. Where a CNAME leads out of the zone,
 * the rest of the answer is thrown away, and whoever is in charge of the target is asked: such a server could otherwise
 * speak for names that are not its own (the attack known as MaginotDNS).
 */
import { followChain } from "../wire/chain.ts";
import { EDE, FLAG, HEADER_BYTES, TYPE } from "../wire/codes.ts";
import { DomainName, readName, skipName } from "../wire/name.ts";
import { Reply } from "../wire/reply.ts";
import { Response, readResponse } from "../wire/response.ts";
import { appendRecords } from "../wire/transcribe.ts";
import { putWord, wordAt } from "../wire/word.ts";
import { Inquiry, type Waiting } from "./inquiry.ts";

/** CNAMEs within a zone that are followed. */
const MOST_ALIASES = 16;
const JOINED_BYTES = 65_535;

const joined = new Reply();
const response = new Response();
const owner = new DomainName();

/** Who knows which servers are in charge of which names. */
interface Zones {
	zoneOf(name: DomainName, type: number): number;
	follow(inquiry: Inquiry, target: DomainName, depth: number): boolean;
}

/** What stays of a server's answer while the target is asked for. */
interface Part {
	readonly bytes: Uint8Array;
	readonly start: 0;
	readonly length: number;
	readonly questionEnd: number;
	readonly answers: number;
	readonly flags: number;
	readonly scope: number;
}

export class Chase implements Waiting {
	readonly #zones: Zones;
	readonly #inquiry: Inquiry;
	readonly #zone: number;
	readonly #depth: number;
	/** Who waits for the whole. */
	readonly #final: Waiting;

	constructor(zones: Zones, inquiry: Inquiry, zone: number, depth: number) {
		this.#zones = zones;
		this.#inquiry = inquiry;
		this.#zone = zone;
		this.#depth = depth;
		this.#final = inquiry.waiting;
	}

	failed(ede: number): void {
		this.#inquiry.waiting = this.#final;
		this.#final.failed(ede);
	}

	answered(found: Response): void {
		this.#inquiry.waiting = this.#final;
		const target = found.targets.length === 0 ? undefined : this.#exit(found);
		if (target === undefined) {
			this.#final.answered(found);
			return;
		}
		const { start, questionEnd, answers, flags } = found;
		// Not a slice: that of a Buffer would share its memory.
		const bytes = new Uint8Array(found.message.subarray(start, found.authorityEnd));
		const part: Part = {
			bytes,
			start: 0,
			length: bytes.length,
			questionEnd: questionEnd - start,
			answers,
			flags,
			scope: found.scope,
		};
		const onward = new Inquiry({
			answered: (rest) => this.#join(part, rest),
			failed: (ede) => this.#final.failed(ede),
		});
		onward.aim(target, this.#inquiry.type, this.#inquiry.dnssecOk, this.#inquiry.checkingDisabled);
		if (!this.#zones.follow(onward, target, this.#depth + 1)) this.#join(part, undefined);
	}

	#isInside(name: DomainName): boolean {
		return this.#zones.zoneOf(name, 0) === this.#zone;
	}

	/** The first name outside of the zone that the answer's CNAMEs lead to. */
	#exit(found: Response): DomainName | undefined {
		const name = new DomainName();
		const { packet, questionEnd } = this.#inquiry;
		readName(packet, HEADER_BYTES, questionEnd, name, false);
		for (let i = 0; i < MOST_ALIASES; i++) {
			if (!readAlias(found, name)) return undefined;
			if (!this.#isInside(name)) return name;
		}
		return undefined;
	}

	/** What the zone's server said of its zone, and behind it what others said of the target. */
	#join(part: Part, rest: Response | undefined): void {
		if (joined.bytes.length === 0) joined.bytes = new Uint8Array(JOINED_BYTES);
		const { bytes } = joined;
		// What went through two zones was put together in the very memory that is written to now.
		const source = rest?.message === bytes ? bytes.slice(0, rest.authorityEnd) : rest?.message;
		joined.limit = JOINED_BYTES;
		joined.truncated = false;
		bytes.set(part.bytes.subarray(0, part.questionEnd));
		const both = rest === undefined ? 0 : rest.flags & part.flags & FLAG.AD;
		const rcode = rest === undefined ? 0 : rest.rcode & 15;
		putWord(bytes, 2, (part.flags & ~(FLAG.AD | FLAG.AA | 15)) | both | rcode);
		bytes.fill(0, 6, HEADER_BYTES);
		joined.length = part.questionEnd;
		appendRecords(joined, 6, part, part.questionEnd, part.answers, (name) => this.#isInside(name));
		if (rest !== undefined && source !== undefined) {
			const from = { bytes: source, start: rest.start, length: rest.authorityEnd - rest.start };
			const at = appendRecords(joined, 6, from, rest.questionEnd, rest.answers);
			if (at >= 0) appendRecords(joined, 8, from, at, rest.authorities);
		}
		const isWhole =
			!joined.truncated &&
			readResponse(response, bytes, 0, joined.length, part.questionEnd, this.#inquiry.type) &&
			followChain(response) === undefined;
		// The whole is good for those alone for whom each part is.
		response.scope = Math.max(part.scope, rest?.scope ?? 0);
		if (isWhole) this.#final.answered(response);
		else this.#final.failed(EDE.NO_REACHABLE_AUTHORITY);
	}
}

/** Follows the CNAME that `name` has in the answer, if it has one. */
function readAlias(found: Response, name: DomainName): boolean {
	const { message, start, authorityEnd } = found;
	let at = found.questionEnd;
	for (let i = 0; i < found.answers; i++) {
		const isOwner = readName(message, at, authorityEnd, owner, true, start) >= 0 && isSame(owner, name);
		at = skipName(message, at, authorityEnd);
		if (at < 0) return false;
		if (isOwner && wordAt(message, at) === TYPE.CNAME)
			return readName(message, at + 10, authorityEnd, name, true, start) >= 0;
		at += 10 + wordAt(message, at + 8);
	}
	return false;
}

function isSame(a: DomainName, b: DomainName): boolean {
	if (a.length !== b.length) return false;
	for (let i = 0; i < a.length; i++) if (a.bytes[i] !== b.bytes[i]) return false;
	return true;
}
