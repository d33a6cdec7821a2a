/** A query and the reply to it, for tests of what is read and written. */
import { DomainName } from "../../src/wire/name.ts";
import { readQuery, type Transport, UDP, type WireQuery } from "../../src/wire/query.ts";
import { Reply } from "../../src/wire/reply.ts";

export function blankQuery(transport: Transport = UDP): WireQuery {
	return {
		message: new Uint8Array(0),
		start: 0,
		questionEnd: 0,
		id: 0,
		flags: 0,
		type: 0,
		class: 0,
		hasEdns: false,
		ednsSize: 0,
		dnssecOk: false,
		transport,
		sent: 0,
		echo: new Uint8Array(0),
		echoLength: 0,
		padBlock: 0,
		cookieAt: 0,
		cookieLength: 0,
		subnetAt: 0,
		subnetLength: 0,
		name: new DomainName(),
	};
}

export function asking(bytes: Uint8Array, transport: Transport = UDP): WireQuery {
	const into = blankQuery(transport);
	readQuery(into, bytes, 0, bytes.length);
	return into;
}

/** A reply in the middle of memory that is full of other bytes. */
export function blankReply(room = 4096, start = 50): Reply {
	const reply = new Reply();
	reply.bytes = Buffer.alloc(start + room + 50, 0xee);
	reply.start = start;
	reply.limit = start + room;
	return reply;
}

export function written(reply: Reply): Buffer {
	return Buffer.from(reply.bytes.subarray(reply.start, reply.start + reply.length));
}
