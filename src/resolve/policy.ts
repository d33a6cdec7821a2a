/** What is blocked: the question's name, and the names that an answer leads to. */
import type { BlocklistIndex } from "../blocklist/index.ts";
import { ENTRY_ACTIONS, type EntryAction } from "../blocklist/layout.ts";
import { Overlay } from "../blocklist/overlay.ts";
import { openBlocklist, type SharedBlocklist } from "../blocklist/shared.ts";
import type { BlockingSettings } from "../config/blocking-settings.ts";
import { type Basis, POOL_LISTS } from "../config/vocabulary.ts";
import { EDE, RCODE, TYPE } from "../wire/codes.ts";
import { DomainName, hashSuffixes } from "../wire/name.ts";
import { beginReply, POINTER_TO_QUESTION, putRecord } from "../wire/reply.ts";
import { type Response, readTarget } from "../wire/response.ts";
import { type Answer, VIA } from "./answer.ts";
import type { Asker, Query } from "./query.ts";
import { ACTION, Sinkhole, soaData } from "./sinkhole.ts";

const ACTION_AT = Object.fromEntries(ENTRY_ACTIONS.map((action, i) => [action, i])) as Readonly<
	Record<EntryAction, number>
>;

/** Nothing against the query. */
export const PASS = 0;
/** The answer is written. */
export const ANSWERED = 1;
/** Nothing against the query, but what is said is to be counted: `policy.logged` tells as what. */
export const LOGGED = 3;
/** A CNAME is to be answered whose target has to be asked for: `policy.target` holds it. */
export const REDIRECTED = 2;

interface ListPolicy {
	readonly category: number;
	readonly sinkhole: Sinkhole;
	/** Whether the list's own answer stands above the actions of its RPZ zone. */
	readonly overrides: boolean;
	/** Info code of the extended error. */
	readonly ede: number;
	readonly text: Uint8Array;
}

const EDE_BY_BASIS: Readonly<Record<Basis, number>> = {
	policy: EDE.BLOCKED,
	law: EDE.CENSORED,
	request: EDE.FILTERED,
};

export class Policy {
	/** After LOGGED: the category. */
	logged = 0;
	#epoch = 0;
	/** After REDIRECTED: the wire name that the answer's CNAME leads to. */
	target: Uint8Array = new Uint8Array(1);
	#index: BlocklistIndex | undefined;
	#lists: readonly ListPolicy[] = [];
	#nxdomain = new Sinkhole({ kind: "nxdomain" }, 0);
	#nodata = this.#nxdomain;
	#drop = this.#nxdomain;
	#tcpOnly = this.#nxdomain;
	#soa = soaData(0);
	#ttl = 0;
	readonly #name = new DomainName();

	/** Goes up with every list, every setting and every word of the pool: a verdict is worth nothing under another one. */
	get epoch(): number {
		return this.#epoch + (this.#index?.overlay?.revision ?? 0);
	}

	use(blocking: BlockingSettings): void {
		this.#epoch++;
		const ttl = blocking.ttlSeconds;
		this.#ttl = ttl;
		this.#soa = soaData(ttl);
		this.#nxdomain = new Sinkhole({ kind: "nxdomain" }, ttl);
		this.#nodata = new Sinkhole({ kind: "nodata" }, ttl);
		this.#drop = new Sinkhole({ kind: "drop" }, ttl);
		this.#tcpOnly = new Sinkhole({ kind: "tcp-only" }, ttl);
		this.#lists = blocking.listNames.map((name, i) => ({
			category: blocking.listCategories[i] ?? 0,
			sinkhole: new Sinkhole(blocking.listAnswers[i] ?? blocking.answer, ttl),
			overrides: blocking.listAnswerOverrides[i] ?? false,
			ede: EDE_BY_BASIS[blocking.listBases[i] ?? "policy"],
			text: new TextEncoder().encode(i > 0 && i <= POOL_LISTS ? name : `blocked by list ${name}`),
		}));
	}

	/** Another blocklist, at once. The memory of the one before is no longer read. */
	swap(blocklist: SharedBlocklist | undefined): void {
		this.#epoch++;
		this.#index = blocklist === undefined ? undefined : openBlocklist(blocklist);
	}

	/** A larger overlay that says all that the one before did. */
	lay(overlay: SharedArrayBuffer): void {
		if (this.#index !== undefined) this.#index.overlay = new Overlay(overlay);
	}

	/** The question against the blocklist: PASS, LOGGED, ANSWERED or REDIRECTED. */
	check(query: Query, answer: Answer): number {
		const index = this.#index;
		if (index === undefined) return PASS;
		const entry = index.find(query.name);
		if (entry === 0) return PASS;
		const action = index.action(entry);
		if (action === ACTION_AT.allow) {
			query.allowed = true;
			return PASS;
		}
		if (action === ACTION_AT["log-only"]) return this.#log(index, entry);
		return this.#write(index, entry, query, answer);
	}

	/**
	 * The first name that the answer leads to and that is blocked.
	 *
	 * @returns its entry, for `block`; 0 when there is none.
	 */
	findTarget(response: Response, seed: number): number {
		const index = this.#index;
		if (index === undefined) return 0;
		for (const at of response.targets) {
			if (!readTarget(response, at, this.#name)) continue;
			hashSuffixes(this.#name, seed);
			const entry = index.find(this.#name);
			const action = entry === 0 ? ACTION_AT.allow : index.action(entry);
			if (action !== ACTION_AT.allow && action !== ACTION_AT["log-only"]) return entry;
		}
		return 0;
	}

	/** Answers as the entry that `findTarget` found asks for: PASS, ANSWERED or REDIRECTED. */
	block(entry: number, asker: Asker, answer: Answer): number {
		return this.#index === undefined ? PASS : this.#write(this.#index, entry, asker, answer);
	}

	#log(index: BlocklistIndex, entry: number): number {
		index.hit(entry);
		this.logged = this.#lists[index.list(entry)]?.category ?? -1;
		return this.logged < 0 ? PASS : LOGGED;
	}

	#write(index: BlocklistIndex, entry: number, asker: Asker, answer: Answer): number {
		const list = this.#lists[index.list(entry)];
		if (list === undefined) return PASS;
		const action = index.action(entry);
		let verdict = ANSWERED;
		if (action === ACTION_AT.data && !list.overrides) {
			verdict = this.#writeData(index, entry, asker, answer);
		} else if (!this.#sinkholeFor(action, list).write(answer, asker)) {
			return PASS;
		}
		index.hit(entry);
		answer.via = VIA.blocked;
		answer.category = list.category;
		if (answer.length > 0) {
			answer.ede = list.ede;
			answer.edeText = list.text;
		}
		return verdict;
	}

	#sinkholeFor(action: number, list: ListPolicy): Sinkhole {
		if (list.overrides) return list.sinkhole;
		switch (action) {
			case ACTION_AT.nxdomain:
				return this.#nxdomain;
			case ACTION_AT.nodata:
				return this.#nodata;
			case ACTION_AT.drop:
				return this.#drop;
			case ACTION_AT["tcp-only"]:
				return this.#tcpOnly;
			default:
				return list.sinkhole;
		}
	}

	/** RPZ local data: the records of the type that was asked for, or a CNAME; NODATA when there is neither. */
	#writeData(index: BlocklistIndex, entry: number, asker: Asker, answer: Answer): number {
		answer.action = ACTION.data;
		beginReply(answer, asker, RCODE.NOERROR);
		let alias: Uint8Array | undefined;
		let matched = false;
		for (const record of index.records(entry)) {
			const own = record.type === asker.type || asker.type === TYPE.ANY;
			const isAlias = record.type === TYPE.CNAME;
			// A name has one CNAME at most (RFC 1034, section 3.6.2).
			if (isAlias ? alias !== undefined : !own) continue;
			const data = isAlias ? this.#gardenName(record.data, asker) : record.data;
			if (data === undefined) continue;
			putRecord(answer, 6, POINTER_TO_QUESTION, record.type, Math.min(record.ttl, this.#ttl), data);
			if (own) matched = true;
			if (isAlias) alias = data;
		}
		if (matched) return ANSWERED;
		if (alias !== undefined) {
			this.target = alias;
			return REDIRECTED;
		}
		putRecord(answer, 8, POINTER_TO_QUESTION, TYPE.SOA, this.#ttl, this.#soa);
		return ANSWERED;
	}

	/** `*.garden.example` as a CNAME's target puts the name asked for in front (RPZ draft, section 3.5). */
	#gardenName(target: Uint8Array, asker: Asker): Uint8Array | undefined {
		if (target[0] !== 1 || target[1] !== 0x2a) return target;
		const question = asker.message.subarray(asker.start + 12, asker.questionEnd - 5);
		const joined = Uint8Array.from([...question, ...target.subarray(2)]);
		return joined.length <= 255 ? joined : undefined;
	}
}
