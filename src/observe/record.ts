/**
 * The records that resolver workers write into their ring (ring.ts), byte by byte. Numbers are as the processor has them;
 * offsets count from the beginning of the record, which is a multiple of 8. Addresses are 4 bytes, or 16.
 *
 * KIND.answer: one question and what became of it, for the query log. Written when the answer is finished.
 *
 *      0  Float64  when the question came: milliseconds since the epoch
 *      8  Float64  how long the answer took, in milliseconds; 0 when it was given in the round that brought the question
 *     16  Uint8    transport: index into TRANSPORTS
 *     17  Uint8    via: index into VIAS
 *     18  Uint8    category: index into CATEGORIES, or NO_CATEGORY
 *     19  Uint8    action: index into BLOCK_ACTIONS; for via `blocked`
 *     20  Uint8    reason: index into BLOCK_REASONS for via `blocked`, into LIMIT_REASONS for via `limited`
 *     21  Uint8    bytes of the client's address
 *     22  Uint16   rcode, or NOTHING_SENT
 *     24  Uint16   the list that decided, as the lexicon numbers it, or NO_NAME
 *     26  Uint16   the upstream that was asked last, likewise
 *     28  Uint16   the client's port
 *     30  Uint16   info code of the extended error, or NO_EDE
 *     32  Uint16   bytes of the question; 0 when it could not be read
 *     34  Uint16   bytes of the answer's records that follow the question; 0 unless they are wanted
 *     36  Uint16   the second word of the question's header
 *     38  Uint8    bits: ANSWER_BITS
 *     40  bytes    the client's address, room for 16
 *     56  bytes    the question: name, type and class as they came; then, when they are wanted, all of the answer's bytes,
 *                  header and question included
 *
 * KIND.wire: a message as it went over the wire, for dnstap. Written by whoever reads or sends it, only while dnstap is on.
 *
 *      0  Float64  when it came or went: milliseconds since the epoch, with their fractions
 *      8  Float64  for a response: when its query came or went; else 0
 *     16  Uint8    what it is: dnstap's Message.Type
 *     17  Uint8    transport: index into TRANSPORTS
 *     18  Uint8    bytes of both addresses
 *     19  Uint8    bits: WIRE_BITS
 *     20  Uint16   the port of whoever asks: the client's, or our own towards an upstream; 0: not known
 *     22  Uint16   the port of whoever answers: ours, or the upstream's
 *     24  Uint32   bytes of the message
 *     28  Uint16   of a blocked answer the list that decided, as the lexicon numbers it, or NO_NAME
 *     30  Uint8    of a blocked answer, index into BLOCK_ACTIONS
 *     31  Uint8    of a blocked answer, index into BLOCK_REASONS
 *     32  bytes    the address of whoever asks, room for 16
 *     48  bytes    the address of whoever answers, room for 16
 *     64  bytes    the message
 */

import { LIMITS } from "./counters.ts";

export const KIND = { answer: 1, wire: 2 } as const;

export const NO_CATEGORY = 0xff;
export const NOTHING_SENT = 0xffff;
export const NO_EDE = 0xffff;
/** In place of a number of the lexicon. */
export const NO_NAME = 0xffff;

/** Offsets within a record of KIND.answer. */
export const ANSWER_AT = {
	received: 0,
	took: 8,
	transport: 16,
	via: 17,
	category: 18,
	action: 19,
	reason: 20,
	addressLength: 21,
	rcode: 22,
	list: 24,
	upstream: 26,
	port: 28,
	ede: 30,
	questionLength: 32,
	messageLength: 34,
	flags: 36,
	bits: 38,
	address: 40,
	question: 56,
} as const;

export const ANSWER_BITS = {
	/** The question came with EDNS. */
	edns: 1,
	/** It wanted DNSSEC's records. */
	dnssecOk: 2,
	/** It would have been blocked, were its category or its member not log-only; the category says as what. */
	logOnly: 4,
} as const;

/** Why a question or its answer was limited: the limits of LIMITS, and upstreams.maxInFlight. */
export const LIMIT_REASONS = [...LIMITS, "overload"] as const;

/** Offsets within a record of KIND.wire. */
export const WIRE_AT = {
	time: 0,
	queryTime: 8,
	type: 16,
	transport: 17,
	addressLength: 18,
	bits: 19,
	askerPort: 20,
	answererPort: 22,
	length: 24,
	list: 28,
	action: 30,
	reason: 31,
	asker: 32,
	answerer: 48,
	message: 64,
} as const;

export const WIRE_BITS = {
	/** The address of whoever asks is known. */
	asker: 1,
	/** An answer that says what is blocked. */
	blocked: 2,
} as const;

/** As dnstap numbers the types of message that a forwarding resolver sees, in the order of DNSTAP_MESSAGES. */
export const WIRE_TYPE = {
	clientQuery: 5,
	clientResponse: 6,
	forwarderQuery: 7,
	forwarderResponse: 8,
} as const;
