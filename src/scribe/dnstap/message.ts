/** One message seen on the wire, as the schema of dnstap has it (dnstap.proto of dnstap.info). */
import { WIRE_TYPE } from "../../observe/record.ts";
import { BackwardMessage } from "./protobuf.ts";

export const POLICY_ACTION = { nxdomain: 1, nodata: 2, drop: 4, truncate: 5, localData: 6 } as const;
export const POLICY_MATCH = { queryName: 1, responseAddress: 3 } as const;

/** Fields of Dnstap. */
const IDENTITY = 1;
const VERSION = 2;
const MESSAGE = 14;
const KIND = 15;
/** The one kind of Dnstap there is. */
const KIND_MESSAGE = 1;
/** Fields of Message. */
const TYPE = 1;
const FAMILY = 2;
const PROTOCOL = 3;
const QUERY_ADDRESS = 4;
const RESPONSE_ADDRESS = 5;
const QUERY_PORT = 6;
const RESPONSE_PORT = 7;
const QUERY_SECONDS = 8;
const QUERY_NANOSECONDS = 9;
const QUERY_MESSAGE = 10;
const RESPONSE_SECONDS = 12;
const RESPONSE_NANOSECONDS = 13;
const RESPONSE_MESSAGE = 14;
const POLICY = 15;
/** Fields of Policy. */
const POLICY_TYPE = 1;
const POLICY_RULE = 2;
const POLICY_ACTION_FIELD = 3;
const POLICY_MATCH_FIELD = 4;
const POLICY_VALUE = 5;

/** Bytes of the longest DNS message. */
const LONGEST = 65_535;
/** Everything else of a message: addresses, times, tags, and names of a policy. */
const AROUND = 1024;

/** What was decided about a question, and by what. */
export interface Policy {
	/** In UTF-8. */
	readonly type: Uint8Array;
	readonly rule: Uint8Array;
	/** One of POLICY_ACTION, or 0 for none of them. */
	readonly action: number;
	/** One of POLICY_MATCH, or 0 for none of them. */
	readonly match: number;
	/** Where in the sighting's bytes the name that matched stands, in wire form; both 0 when it is not told. */
	readonly valueAt: number;
	readonly valueEnd: number;
}

/** What is not known is 0. */
export interface Sighting {
	/** One of WIRE_TYPE. */
	readonly type: number;
	readonly isTcp: boolean;
	readonly bytes: Uint8Array;
	/** Of each address, 4 or 16. */
	readonly addressLength: number;
	/** Where in `bytes` it stands. */
	readonly queryAddressAt: number;
	readonly queryPort: number;
	readonly responseAddressAt: number;
	readonly responsePort: number;
	/** Milliseconds since the epoch, with fractions. */
	readonly queryTime: number;
	readonly responseTime: number;
	/** The DNS message is what of `bytes` stands between `start` and `end`. */
	readonly start: number;
	readonly end: number;
	readonly policy: Policy | undefined;
}

export class DnstapEncoder extends BackwardMessage {
	readonly #identity: Uint8Array;
	readonly #version: Uint8Array;

	/** Both in UTF-8; empty ones are left out. */
	constructor(identity: Uint8Array, version: Uint8Array) {
		super(LONGEST + identity.length + version.length + AROUND);
		this.#identity = identity;
		this.#version = version;
	}

	/** Fields of a higher number first, for it is written from the end; they come out in ascending order. */
	encode(seen: Sighting): void {
		this.clear();
		this.putNumber(KIND, KIND_MESSAGE);
		const end = this.start;
		const isQuery = seen.type === WIRE_TYPE.clientQuery || seen.type === WIRE_TYPE.forwarderQuery;
		if (seen.policy !== undefined) this.#putPolicy(seen.policy, seen.bytes);
		if (!isQuery) {
			this.putBytes(RESPONSE_MESSAGE, seen.bytes, seen.start, seen.end);
			this.#putTime(RESPONSE_SECONDS, RESPONSE_NANOSECONDS, seen.responseTime);
		} else {
			this.putBytes(QUERY_MESSAGE, seen.bytes, seen.start, seen.end);
		}
		this.#putTime(QUERY_SECONDS, QUERY_NANOSECONDS, seen.queryTime);
		if (seen.responsePort > 0) this.putNumber(RESPONSE_PORT, seen.responsePort);
		if (seen.queryPort > 0) this.putNumber(QUERY_PORT, seen.queryPort);
		this.#putAddress(RESPONSE_ADDRESS, seen.responseAddressAt, seen);
		this.#putAddress(QUERY_ADDRESS, seen.queryAddressAt, seen);
		this.putNumber(PROTOCOL, seen.isTcp ? 2 : 1);
		this.putNumber(FAMILY, seen.addressLength === 4 ? 1 : 2);
		this.putNumber(TYPE, seen.type);
		this.nest(MESSAGE, end);
		this.#putWhole(VERSION, this.#version);
		this.#putWhole(IDENTITY, this.#identity);
	}

	#putAddress(field: number, at: number, { bytes, addressLength }: Sighting): void {
		if (at > 0) this.putBytes(field, bytes, at, at + addressLength);
	}

	#putPolicy({ type, rule, action, match, valueAt, valueEnd }: Policy, bytes: Uint8Array): void {
		const end = this.start;
		if (valueEnd > valueAt) this.putBytes(POLICY_VALUE, bytes, valueAt, valueEnd);
		if (match !== 0) this.putNumber(POLICY_MATCH_FIELD, match);
		if (action !== 0) this.putNumber(POLICY_ACTION_FIELD, action);
		this.#putWhole(POLICY_RULE, rule);
		this.#putWhole(POLICY_TYPE, type);
		this.nest(POLICY, end);
	}

	#putTime(seconds: number, nanoseconds: number, time: number): void {
		if (time === 0) return;
		const whole = Math.floor(time / 1000);
		this.putFixed(nanoseconds, Math.min(Math.round((time - whole * 1000) * 1e6), 999_999_999));
		this.putNumber(seconds, whole);
	}

	#putWhole(field: number, bytes: Uint8Array): void {
		if (bytes.length > 0) this.putBytes(field, bytes, 0, bytes.length);
	}
}
