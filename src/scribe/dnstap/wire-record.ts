/** A record of a worker's tap (observe/record.ts), as the encoder of dnstap sees it. Used again for each. */
import { BLOCK_ACTIONS, BLOCK_REASONS, type BlockAction, type BlockReason } from "../../observe/counters.ts";
import type { LexiconReader } from "../../observe/lexicon.ts";
import { WIRE_AT, WIRE_BITS, WIRE_TYPE } from "../../observe/record.ts";
import type { RingReader } from "../../observe/ring.ts";
import { HEADER_BYTES } from "../../wire/codes.ts";
import { skipName } from "../../wire/name.ts";
import { POLICY_ACTION, POLICY_MATCH, type Policy, type Sighting } from "./message.ts";

const NOTHING = new Uint8Array(0);
const POLICY_TYPE = new TextEncoder().encode("cordon");
const TCP = 1;

const ACTIONS: Readonly<Record<BlockAction, number>> = {
	"zero-ip": POLICY_ACTION.localData,
	nxdomain: POLICY_ACTION.nxdomain,
	nodata: POLICY_ACTION.nodata,
	refused: 0,
	drop: POLICY_ACTION.drop,
	custom: POLICY_ACTION.localData,
	"tcp-only": POLICY_ACTION.truncate,
	data: POLICY_ACTION.localData,
};
const ACTION_BY_INDEX = BLOCK_ACTIONS.map((action) => ACTIONS[action]);

/** dnstap has no word for a name that the answer leads to. */
const MATCHES: Readonly<Record<BlockReason, number>> = {
	name: POLICY_MATCH.queryName,
	alias: 0,
	service: 0,
	hint: POLICY_MATCH.responseAddress,
	address: POLICY_MATCH.responseAddress,
	rebinding: POLICY_MATCH.responseAddress,
};
const MATCH_BY_INDEX = BLOCK_REASONS.map((reason) => MATCHES[reason]);

export class WireRecord implements Sighting {
	readonly #lexicon: LexiconReader;
	type = 0;
	isTcp = false;
	bytes: Uint8Array = NOTHING;
	addressLength = 4;
	queryAddressAt = 0;
	queryPort = 0;
	responseAddressAt = 0;
	responsePort = 0;
	queryTime = 0;
	responseTime = 0;
	start = 0;
	end = 0;
	policy: Policy | undefined;

	constructor(lexicon: LexiconReader) {
		this.#lexicon = lexicon;
	}

	/** @returns false when it is no record: nobody writes such, but nothing outside of one is ever read. */
	read({ bytes, shorts, longs, doubles }: RingReader, at: number, end: number): boolean {
		const start = at + WIRE_AT.message;
		const length = start <= end ? longs[(at + WIRE_AT.length) >>> 2] : 0;
		if (start > end || start + length > end) return false;
		const bits = bytes[at + WIRE_AT.bits];
		const time = doubles[(at + WIRE_AT.time) >>> 3];
		this.bytes = bytes;
		this.type = bytes[at + WIRE_AT.type];
		const isQuery = this.type === WIRE_TYPE.clientQuery || this.type === WIRE_TYPE.forwarderQuery;
		this.isTcp = bytes[at + WIRE_AT.transport] === TCP;
		this.addressLength = bytes[at + WIRE_AT.addressLength] === 4 ? 4 : 16;
		this.queryAddressAt = (bits & WIRE_BITS.asker) === 0 ? 0 : at + WIRE_AT.asker;
		this.queryPort = shorts[(at + WIRE_AT.askerPort) >>> 1];
		this.responseAddressAt = at + WIRE_AT.answerer;
		this.responsePort = shorts[(at + WIRE_AT.answererPort) >>> 1];
		this.queryTime = isQuery ? time : doubles[(at + WIRE_AT.queryTime) >>> 3];
		this.responseTime = isQuery ? 0 : time;
		this.start = start;
		this.end = start + length;
		this.policy = (bits & WIRE_BITS.blocked) === 0 ? undefined : this.#policyAt(at, shorts);
		return true;
	}

	#policyAt(at: number, shorts: Uint16Array): Policy {
		const { bytes, start, end } = this;
		const match = MATCH_BY_INDEX[bytes[at + WIRE_AT.reason]] ?? 0;
		const nameAt = start + HEADER_BYTES;
		const nameEnd = match === POLICY_MATCH.queryName ? skipName(bytes, nameAt, end) : 0;
		return {
			type: POLICY_TYPE,
			rule: this.#lexicon.nameOf(shorts[(at + WIRE_AT.list) >>> 1]) ?? NOTHING,
			action: ACTION_BY_INDEX[bytes[at + WIRE_AT.action]] ?? 0,
			match,
			valueAt: nameEnd > nameAt ? nameAt : 0,
			valueEnd: nameEnd > nameAt ? nameEnd : 0,
		};
	}
}
