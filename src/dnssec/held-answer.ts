/** An upstream's answer in memory of its own, for as long as it is validated. */
import { followChain } from "../wire/chain.ts";
import { EDE, HEADER_BYTES, isDnssecFault } from "../wire/codes.ts";
import { DomainName, readName } from "../wire/name.ts";
import { putTtl } from "../wire/reply.ts";
import { Response, readResponse, ttlAt } from "../wire/response.ts";
import { putWord } from "../wire/word.ts";
import type { Judged, Verdict } from "./answer.ts";
import { copied } from "./canonical-name.ts";
import { type RecordSet, readSets } from "./record-set.ts";

/** One at a time is read, and used before the next one is. */
const shared = new Response();
const name = new DomainName();

export class HeldAnswer {
	readonly #message: Uint8Array;
	readonly #questionEnd: number;
	readonly #type: number;
	readonly #rcode: number;
	readonly #scope: number;
	readonly #ede: number;

	/** Of the whole message what stands behind the authority section is left out. */
	constructor({ message, start, authorityEnd, questionEnd, type, rcode, scope, ede }: Response) {
		this.#message = copied(message.subarray(start, authorityEnd));
		this.#questionEnd = questionEnd - start;
		this.#type = type;
		this.#rcode = rcode;
		this.#scope = scope;
		// Of signatures we have a judgement of our own.
		this.#ede = isDnssecFault(ede) ? EDE.NONE : ede;
		putWord(this.#message, 10, 0);
	}

	get bytes(): number {
		return this.#message.length;
	}

	/** @returns undefined when records cannot be made out. */
	read(): Judged | undefined {
		const sets = this.#parse() ? readSets(shared) : undefined;
		if (sets === undefined) return undefined;
		readName(this.#message, HEADER_BYTES, this.#message.length, name, false);
		return { name: name.copy(), type: this.#type, rcode: this.#rcode, sets };
	}

	/**
	 * The answer, its TTLs no longer than its signatures allow (RFC 4035, section 5.3.3), without what stands beside a
	 * secure answer and was not verified.
	 *
	 * @returns undefined when it cannot be read any more. Good until the next one is read.
	 */
	release({ kind, ede, verified }: Verdict): Response | undefined {
		if (!this.#parse()) return undefined;
		for (const [set, ttl] of verified) this.#limit(set, ttl);
		// Once more, for what was read of its TTLs.
		if (!this.#parse()) return undefined;
		shared.ede = ede === EDE.NONE ? this.#ede : ede;
		if (kind === "secure") keepOnly(verified);
		return shared;
	}

	#parse(): boolean {
		const message = this.#message;
		if (!readResponse(shared, message, 0, message.length, this.#questionEnd, this.#type)) return false;
		shared.rcode = this.#rcode;
		shared.scope = this.#scope;
		return followChain(shared) === undefined;
	}

	#limit({ records }: RecordSet, ttl: number): void {
		for (const record of records) {
			const at = shared.recordAt(record) + 4;
			if (ttlAt(this.#message, at) > ttl) putTtl(this.#message, at, ttl);
		}
	}
}

/** Of the authority section, what was verified; all of the answer section was. */
function keepOnly(verified: Verdict["verified"]): void {
	const records = new Set([...verified.keys()].flatMap((set) => set.records));
	let count = shared.keptAnswers;
	for (let i = count; i < shared.keptCount; i++)
		if (records.has(shared.kept[i])) shared.kept[count++] = shared.kept[i];
	shared.keptCount = count;
}
