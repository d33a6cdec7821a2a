/** A query in the walk, and what stays of it while its answer is on the way. */

import { DomainName } from "../wire/name.ts";
import { type Transport, UDP, type WireQuery } from "../wire/query.ts";
import type { ReturnPath } from "./answer.ts";

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
	/** Milliseconds on the worker's clock. */
	receivedAt = 0;
	/** The policy's word: an allow rule names it, so that the targets in its answer are not checked either. */
	allowed = false;
	path: ReturnPath;

	constructor(message: Uint8Array, path: ReturnPath) {
		this.message = message;
		this.path = path;
	}

	/** A copy with its own memory, for the time after the packet's is used again. */
	detached(): Asker {
		const copy = new Asker(this.message.slice(this.start, this.questionEnd), this.path.keep());
		copy.questionEnd = this.questionEnd - this.start;
		copy.id = this.id;
		copy.flags = this.flags;
		copy.type = this.type;
		copy.class = this.class;
		copy.hasEdns = this.hasEdns;
		copy.ednsSize = this.ednsSize;
		copy.dnssecOk = this.dnssecOk;
		copy.transport = this.transport;
		copy.receivedAt = this.receivedAt;
		copy.allowed = this.allowed;
		return copy;
	}
}

/** A whole query. A listener has one and fills it again for each packet. */
export class Query extends Asker implements WireQuery {
	readonly name = new DomainName();
	/** The client's address: 4 or 16 bytes at `addressAt` in `addressBytes`. */
	addressBytes: Uint8Array = new Uint8Array(16);
	addressAt = 0;
	addressLength: 4 | 16 = 4;
}
