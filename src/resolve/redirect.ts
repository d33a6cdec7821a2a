/**
 * RPZ's CNAME into a walled garden: the client gets the CNAME, and behind it what the target resolves to. The target
 * goes through cache and flight like any question, but not through the policy: the zone's author chose it.
 */
import { CLASS, FLAG, HEADER_BYTES } from "../wire/codes.ts";
import { readQuery } from "../wire/query.ts";
import { beginReply } from "../wire/reply.ts";
import { appendAnswers } from "../wire/transcribe.ts";
import { putWord } from "../wire/word.ts";
import { Answer, VIA } from "./answer.ts";
import { type Asker, Query, type ReturnPath } from "./query.ts";

const SCRATCH_BYTES = 65_535;
/** Where targets' answers are written to. One for all: each is put into its client's answer before the next begins. */
const scratch = new Answer();
scratch.bytes = new Uint8Array(SCRATCH_BYTES);
scratch.limit = SCRATCH_BYTES;

/** What of the walk a redirection needs. */
interface Onward {
	lookUpTarget(query: Query, answer: Answer): void;
	finish(asker: Asker, answer: Answer): void;
}

/** `written` holds the CNAME as its only record. */
export function redirect(onward: Onward, asker: Asker, written: Answer, target: Uint8Array): void {
	const start = written.start;
	// Copied, which Buffer's own slice would not do: the memory is used again before the target's answer comes.
	const aliases = Uint8Array.from(
		written.bytes.subarray(start + asker.questionEnd - asker.start, start + written.length),
	);
	const kept = asker.detached();
	const path = new GardenPath(onward, kept, written, aliases);
	const query = new Query(questionFor(target, asker), path);
	readQuery(query, query.message, 0, query.message.length);
	query.receivedAt = asker.receivedAt;
	query.transport = asker.transport;
	query.addressBytes = kept.addressBytes;
	query.addressAt = kept.addressAt;
	query.addressLength = kept.addressLength;
	query.dnssecOk = asker.dnssecOk;
	query.allowed = true;
	query.counted = false;
	path.resolve(query);
}

function questionFor(target: Uint8Array, asker: Asker): Uint8Array {
	const message = new Uint8Array(HEADER_BYTES + target.length + 4);
	putWord(message, 2, FLAG.RD | (asker.flags & FLAG.CD));
	message[5] = 1;
	message.set(target, HEADER_BYTES);
	putWord(message, message.length - 4, asker.type);
	putWord(message, message.length - 2, CLASS.IN);
	return message;
}

class GardenPath implements ReturnPath {
	readonly #onward: Onward;
	readonly #asker: Asker;
	readonly #category: number;
	readonly #action: number;
	readonly #reason: number;
	readonly #list: number;
	readonly #ede: number;
	readonly #edeText: Uint8Array;
	/** The records of the CNAME. */
	readonly #aliases: Uint8Array;

	constructor(onward: Onward, asker: Asker, written: Answer, aliases: Uint8Array) {
		this.#onward = onward;
		this.#asker = asker;
		this.#category = written.category;
		this.#action = written.action;
		this.#reason = written.reason;
		this.#list = written.list;
		this.#ede = written.ede;
		this.#edeText = written.edeText;
		this.#aliases = aliases;
	}

	resolve(query: Query): void {
		this.#onward.lookUpTarget(query, this.open());
	}

	keep(): ReturnPath {
		return this;
	}

	open(): Answer {
		scratch.upstream = -1;
		return scratch;
	}

	get clientPort(): number {
		return this.#asker.path.clientPort;
	}

	/** The target's answer is here: the client's is put together. */
	commit(inner: Asker, found: Answer): void {
		const answer = this.#asker.path.open();
		beginReply(answer, this.#asker, found.rcode);
		const at = answer.start + answer.length;
		answer.bytes.set(this.#aliases, at);
		answer.length += this.#aliases.length;
		putWord(answer.bytes, answer.start + 6, 1);
		appendAnswers(answer, found, inner.questionEnd - inner.start);
		answer.via = VIA.blocked;
		answer.category = this.#category;
		answer.action = this.#action;
		answer.reason = this.#reason;
		answer.list = this.#list;
		answer.upstream = found.upstream;
		answer.ede = this.#ede;
		answer.edeText = this.#edeText;
		this.#onward.finish(this.#asker, answer);
		this.#asker.recycle();
	}
}
