/** A query in the walk, and what stays of it while its answer is on the way. */

import { DomainName } from "../wire/name.ts";
import { type Transport, UDP, type WireQuery } from "../wire/query.ts";
import type { Answer } from "./answer.ts";

/** The way back to whoever asked: a listener's own business. */
export interface ReturnPath {
	/** The same way, but able to outlive the packet it was made for. */
	keep(): ReturnPath;
	/** An empty answer to write to; taken back by the next `open`. */
	open(): Answer;
	/** Sends what was written to the answer that `open` gave last. */
	commit(asker: Asker, answer: Answer): void;
	/** From which the client asked. */
	readonly clientPort: number;
}

/** Header, longest name, type and class. */
const QUESTION_BYTES = 12 + 255 + 4;
/** Askers kept to be used again: as many as commonly wait at once. */
const MOST_SPARE = 1024;
const spare: Asker[] = [];
const NO_ADDRESS = new Uint8Array(16);
const NO_OPTIONS = new Uint8Array(0);

/** Whoever asked, and what is needed to answer. */
export class Asker {
	message: Uint8Array;
	start = 0;
	questionEnd = 0;
	id = 0;
	flags = 0;
	type = 0;
	class = 0;
	hasEdns = false;
	ednsSize = 512;
	dnssecOk = false;
	transport: Transport = UDP;
	sent = 0;
	echo: Uint8Array = NO_OPTIONS;
	echoLength = 0;
	padBlock = 0;
	/** Milliseconds on the worker's clock. */
	receivedAt = 0;
	/** The number of the subnet for which it asks, times 4; 0 without one. */
	scope = 0;
	/** Where in `echo` the scope of a client's subnet stands; 0 when none goes back. */
	scopeEchoAt = 0;
	/** What its cookie is worth: one of COOKIE. */
	cookieState = 0;
	/** The policy's word: an allow rule names it, so that the targets in its answer are not checked either. */
	allowed = false;
	/** Whether a rule that is only counted speaks of the name: what its answer leads to is not counted as well. */
	logged = false;
	/** While `logged`: the category of what the rule speaks of. */
	loggedCategory = -1;
	/** Whether its answer is counted: not that to a question which we ask ourselves in order to answer another. */
	counted = true;
	/** The client's address: 4 or 16 bytes at `addressAt` in `addressBytes`. */
	addressBytes: Uint8Array = NO_ADDRESS;
	addressAt = 0;
	addressLength: 4 | 16 = 4;
	/** Where it is counted while it waits for an upstream; -1 while it does not. */
	waitingAt = -1;
	path: ReturnPath;

	constructor(message: Uint8Array, path: ReturnPath) {
		this.message = message;
		this.path = path;
	}

	/** A copy with its own memory, for the time after the packet's is used again. */
	detached(): Asker {
		return (spare.pop() ?? this.#blank()).take(this);
	}

	#blank(): Asker {
		// The address stands behind the longest question, in the same memory.
		const blank = new Asker(new Uint8Array(QUESTION_BYTES + 16), this.path);
		blank.addressBytes = blank.message;
		blank.addressAt = QUESTION_BYTES;
		return blank;
	}

	/** To be called on a detached asker that has been answered: it is used again. */
	recycle(): void {
		if (spare.length < MOST_SPARE) spare.push(this);
	}

	/** `message` is our own. */
	take(from: Asker): this {
		const { message, start } = from;
		const length = from.questionEnd - start;
		for (let i = 0; i < length; i++) this.message[i] = message[start + i];
		this.start = 0;
		this.questionEnd = length;
		this.path = from.path.keep();
		this.id = from.id;
		this.flags = from.flags;
		this.type = from.type;
		this.class = from.class;
		this.hasEdns = from.hasEdns;
		this.ednsSize = from.ednsSize;
		this.dnssecOk = from.dnssecOk;
		this.transport = from.transport;
		this.padBlock = from.padBlock;
		this.sent = from.sent;
		this.echoLength = from.echoLength;
		if (from.echoLength > 0) this.#takeEcho(from);
		this.receivedAt = from.receivedAt;
		this.scope = from.scope;
		this.scopeEchoAt = from.scopeEchoAt;
		this.cookieState = from.cookieState;
		this.allowed = from.allowed;
		this.logged = from.logged;
		this.loggedCategory = from.loggedCategory;
		this.counted = from.counted;
		this.waitingAt = -1;
		const { addressBytes, addressAt, addressLength } = from;
		for (let i = 0; i < addressLength; i++) this.message[QUESTION_BYTES + i] = addressBytes[addressAt + i];
		this.addressLength = addressLength;
		return this;
	}

	#takeEcho({ echo, echoLength }: Asker): void {
		if (this.echo.length === 0) this.echo = new Uint8Array(echo.length);
		for (let i = 0; i < echoLength; i++) this.echo[i] = echo[i];
	}
}

/** A whole query. A listener has one and fills it again for each packet. */
export class Query extends Asker implements WireQuery {
	readonly name = new DomainName();
	cookieAt = 0;
	cookieLength = 0;
	subnetAt = 0;
	subnetLength = 0;
}
