/** What is blocked: the question's name, and what an answer leads to. */
import type { BlocklistIndex } from "../blocklist/index.ts";
import { ENTRY_ACTIONS, type EntryAction } from "../blocklist/layout.ts";
import type { NetworkIndex } from "../blocklist/networks.ts";
import { Overlay } from "../blocklist/overlay.ts";
import { openBlocklist, type SharedBlocklist } from "../blocklist/shared-blocklist.ts";
import type { BlockingSettings } from "../config/blocking-settings.ts";
import { type Basis, POOL_LISTS } from "../config/vocabulary.ts";
import { EDE } from "../wire/codes.ts";
import type { Response } from "../wire/response.ts";
import { type Answer, REASON, VIA } from "./answer.ts";
import { entryOf, isOfNetwork, Leads, reasonOf, rebinds } from "./leads.ts";
import { writeLocalData } from "./local-data.ts";
import type { Asker, Query } from "./query.ts";
import { ACTION, Sinkhole, soaData } from "./sinkhole.ts";

const ACTION_AT = Object.fromEntries(ENTRY_ACTIONS.map((action, i) => [action, i])) as Readonly<
	Record<EntryAction, number>
>;

/** Nothing is said against it: of the name that was asked for, or of what an answer leads to. */
export const PASS = 0;
/** The answer is written. */
export const ANSWERED = 1;
/** A CNAME is to be answered whose target has to be asked for: `policy.target` holds it. */
export const REDIRECTED = 2;
/** Nothing against the query, but what is said is to be counted: `policy.logged` tells as what. */
export const LOGGED = 3;
/** Something is said of the name, but nothing against this query: it is allowed, or may come over this transport. */
export const SPARED = 4;

interface ListPolicy {
	readonly category: number;
	/** Of its name in the lexicon; -1: it has none. */
	readonly number: number;
	readonly sinkhole: Sinkhole;
	/** Whether the list's own answer stands above the actions of its RPZ zone. */
	readonly overrides: boolean;
	/** Info code of the extended error. */
	readonly ede: number;
	/** Of the extended error. */
	readonly text: string;
	/** The same as bytes, by reason, as far as it was needed. */
	readonly texts: Uint8Array[];
}

const TEXT = new TextEncoder();
/** Behind the text of a list, by BLOCK_REASONS. */
const BY_REASON = ["", ", by alias", ", by service target", ", by address hint", ", by address"];
const REBINDING = TEXT.encode(
	"blocked: the answer leads into a private network (blocking.rebinding; its allow exempts names)",
);

const EDE_BY_BASIS: Readonly<Record<Basis, number>> = {
	policy: EDE.BLOCKED,
	law: EDE.CENSORED,
	request: EDE.FILTERED,
};

export class Policy {
	/** After LOGGED: the category, of the question or of what its answer leads to. */
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
	#rebindingSinkhole = this.#nxdomain;
	#soa = soaData(0);
	#ttl = 0;
	readonly #leads = new Leads();

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
		// The zero address is the client's own machine to many systems, which is what is to be kept from it.
		const { answer } = blocking;
		this.#rebindingSinkhole = answer.kind === "zero-ip" ? this.#nodata : new Sinkhole(answer, ttl);
		this.#leads.use(blocking);
		this.#lists = blocking.listNames.map((name, i) => ({
			category: blocking.listCategories[i] ?? 0,
			number: blocking.listNumbers?.[i] ?? -1,
			sinkhole: new Sinkhole(blocking.listAnswers[i] ?? blocking.answer, ttl),
			overrides: blocking.listAnswerOverrides[i] ?? false,
			ede: EDE_BY_BASIS[blocking.listBases[i] ?? "policy"],
			text: i > 0 && i <= POOL_LISTS ? name : `blocked by list ${name}`,
			texts: [],
		}));
	}

	/** Another blocklist, at once. The memory of the one before is no longer read. */
	swap(blocklist: SharedBlocklist | undefined): void {
		const before = this.epoch;
		this.#index = blocklist === undefined ? undefined : openBlocklist(blocklist);
		this.#leads.swap(this.#index);
		this.#passOn(before);
	}

	/** A larger overlay that says all that the one before did. */
	lay(overlay: SharedArrayBuffer): void {
		if (this.#index === undefined) return;
		const before = this.epoch;
		this.#index.overlay = new Overlay(overlay);
		this.#passOn(before);
	}

	/** Behind `before` comes the next epoch: none comes twice, whatever revision an overlay begins with, or without one. */
	#passOn(before: number): void {
		this.#epoch += before + 1 - this.epoch;
	}

	/** The question against the blocklist: PASS, SPARED, LOGGED, ANSWERED or REDIRECTED. PASS depends on the name alone. */
	check(query: Query, answer: Answer): number {
		const index = this.#index;
		if (index === undefined) return PASS;
		const entry = index.find(query.name);
		if (entry === 0) return PASS;
		const action = index.action(entry);
		if (action === ACTION_AT.allow) {
			query.allowed = true;
			return SPARED;
		}
		const verdict =
			action === ACTION_AT["log-only"]
				? this.#log(index, entry)
				: this.#write(index, entry, REASON.name, query, answer);
		return verdict === PASS ? SPARED : verdict;
	}

	/** Of LEADS, what an answer has to have for `findLead` to find anything. */
	get watched(): number {
		return this.#leads.watched;
	}

	/** Whether an answer may be blocked although a rule allows the name that was asked for. */
	get guardsPrivate(): boolean {
		return this.#leads.guardsPrivate;
	}

	/** After `findLead`: for `logLead`, something that the answer leads to and that is only counted; 0 for nothing. */
	get loggedLead(): number {
		return this.#leads.logged;
	}

	/**
	 * What the answer leads to and is blocked.
	 *
	 * @returns for `block`; NO_FINDING when there is nothing.
	 */
	findLead(response: Response, seed: number): number {
		return this.#leads.find(response, seed);
	}

	/** Answers as the finding asks for, if it holds for this asker: PASS, ANSWERED or REDIRECTED. */
	block(finding: number, asker: Asker, answer: Answer): number {
		const entry = entryOf(finding);
		if (entry !== 0 && !asker.allowed && this.#index !== undefined) {
			const networks = isOfNetwork(finding) ? this.#index.networks : undefined;
			const verdict = this.#write(networks ?? this.#index, entry, reasonOf(finding), asker, answer);
			if (verdict !== PASS) return verdict;
		}
		// Where a policy zone leads is its author's choice: a page of one's own network, more often than not.
		return rebinds(finding) && asker.counted ? this.#writeRebinding(asker, answer) : PASS;
	}

	/** Counts what `loggedLead` was; `logged` is then its category. */
	logLead(entry: number): number {
		return this.#index === undefined ? PASS : this.#log(this.#index, entry);
	}

	#log(index: BlocklistIndex, entry: number): number {
		index.hit(entry);
		this.logged = this.#lists[index.list(entry)]?.category ?? -1;
		return this.logged < 0 ? PASS : LOGGED;
	}

	/** `index`: where the entry is, among names or among networks. */
	#write(
		index: BlocklistIndex | NetworkIndex,
		entry: number,
		reason: number,
		asker: Asker,
		answer: Answer,
	): number {
		const list = this.#lists[index.list(entry)];
		if (list === undefined) return PASS;
		const action = index.action(entry);
		let verdict = ANSWERED;
		if (action === ACTION_AT.data && !list.overrides) {
			answer.action = ACTION.data;
			const alias = writeLocalData(answer, asker, index.records(entry), this.#ttl, this.#soa);
			if (alias !== undefined) {
				this.target = alias;
				verdict = REDIRECTED;
			}
		} else if (!this.#sinkholeFor(action, list).write(answer, asker)) {
			return PASS;
		}
		if (index === this.#index) index.hit(entry);
		answer.via = VIA.blocked;
		answer.category = list.category;
		answer.list = list.number;
		answer.reason = reason;
		if (answer.length > 0) {
			answer.ede = list.ede;
			answer.edeText = list.texts[reason] ??= TEXT.encode(`${list.text}${BY_REASON[reason]}`);
		}
		return verdict;
	}

	#writeRebinding(asker: Asker, answer: Answer): number {
		if (!this.#rebindingSinkhole.write(answer, asker)) return PASS;
		answer.via = VIA.blocked;
		answer.category = this.#lists[0]?.category ?? -1;
		answer.list = -1;
		answer.reason = REASON.rebinding;
		if (answer.length > 0) {
			answer.ede = EDE.BLOCKED;
			answer.edeText = REBINDING;
		}
		return ANSWERED;
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
}
