/**
 * Answers that are meant for a part of the internet (RFC 7871): what of a client's address goes upstream, for whom an
 * answer is good, and who gets it from the cache. Loaded only where `upstreams.clientSubnet` asks for it.
 *
 * A question with a subnet is another question: the subnet's number stands above DO and CD in its bits, so that flights
 * and cache keep them apart as they keep DO and CD apart.
 */
import type { ClientSubnetSettings } from "../config/upstream-settings.ts";
import type { DomainName } from "../wire/name.ts";
import { NamePatterns } from "../wire/name-patterns.ts";
import { SENT } from "../wire/query-options.ts";
import type { Response } from "../wire/response.ts";
import { IPV4, IPV6, isPublic, longestPrefix, SUBNET_HEAD } from "../wire/subnet.ts";
import { wordAt } from "../wire/word.ts";
import type { AnswerCache } from "./cache.ts";
import type { CachedAnswer } from "./cached-answer.ts";
import type { Flight } from "./flight.ts";
import type { Query } from "./query.ts";
import { keyOf, mixed } from "./question.ts";
import { covers, type Subnet, SubnetTable } from "./subnet-table.ts";

/** Clients of which nothing is sent. */
const NOTHING = 0;
/** Clients that asked for nothing of them to be sent; unlike silence it is passed on (section 7.1.2). */
const OPTED_OUT = 1;
/** Answers that are good for everybody, although a subnet was sent. */
const SHARED = 2;
/** Questions whose answers depend on the subnet, and answers to each of them (section 11.3 asks for a limit). */
const MOST_QUESTIONS = 8192;
const MOST_PER_QUESTION = 32;
const NO_ADDRESS = new Uint8Array(0);

/** The number of a subnet as it stands in a question's bits. */
function scopeBits(id: number): number {
	return id << 2;
}

export class Subnets {
	readonly #settings: ClientSubnetSettings;
	readonly #cache: AnswerCache;
	readonly #table: SubnetTable;
	readonly #only: NamePatterns;
	readonly #never: NamePatterns;
	/** By the key of a question without its subnet: for which subnets there are answers. */
	readonly #scopes = new Map<number, Subnet[]>();
	/** By the same key: questions under way, in whatever state. */
	readonly #flying = new Map<number, number>();

	/** `never`: names of which no subnet is told unless the settings name them, as the zones of upstreams of their own. */
	constructor(settings: ClientSubnetSettings, never: readonly string[], cache: AnswerCache, seed: number) {
		this.#settings = settings;
		this.#cache = cache;
		this.#only = new NamePatterns(settings.zones);
		this.#never = new NamePatterns(never);
		this.#table = new SubnetTable(seed, () => {
			this.#scopes.clear();
			cache.clear();
		});
	}

	/** The fresh answer for this client. Without one the query has become the question to be asked upstream. */
	find(query: Query, now: number): CachedAnswer | undefined {
		query.scope = 0;
		const plain = keyOf(query);
		const own = this.#own(query);
		query.scope = scopeBits(typeof own === "number" ? own : own.id);
		// Under its own number as well, for failures are remembered there.
		let found = this.#cache.look(query, keyOf(query), now);
		if (found !== undefined) this.#tell(query, typeof own === "number" ? 0 : own.length);
		else if (typeof own !== "number") found = this.#wider(query, plain, own, now);
		if (found === undefined) found = this.#lookAs(query, SHARED, now);
		this.#cache.count(found);
		return found;
	}

	/** What was known of a question under way, for its subnet or one around it, and may be given after its time. */
	outlived(flight: Flight, now: number): CachedAnswer | undefined {
		const { bits } = flight;
		const own = this.#table.byId(bits >>> 2);
		const around = own === undefined ? [] : this.#around(flight, own);
		let found = this.#cache.outlived(flight, now);
		for (const id of [...around, SHARED]) {
			if (found !== undefined) break;
			flight.bits = (bits & 3) | scopeBits(id);
			found = this.#cache.outlived(flight, now);
		}
		flight.bits = bits;
		return found;
	}

	/** Numbers of the subnets around `own` for which there are answers, the smallest first. */
	#around({ nameHash, type, bits }: Flight, own: Subnet): number[] {
		const scopes = this.#scopes.get(mixed(nameHash, type, bits & 3)) ?? [];
		return scopes
			.filter((one) => one.length < own.length && covers(one, own.family, own.length, own.bytes, 0))
			.sort((a, b) => b.length - a.length)
			.map(({ id }) => id);
	}

	/** The answer for the smallest subnet around this one (section 7.3.1). */
	#wider(query: Query, plain: number, own: Subnet, now: number): CachedAnswer | undefined {
		const scopes = this.#scopes.get(plain);
		if (scopes === undefined) return undefined;
		for (let below = own.length; below > 0; ) {
			let best: Subnet | undefined;
			for (const one of scopes) {
				if (one.length >= below || one.length <= (best?.length ?? 0)) continue;
				if (covers(one, own.family, own.length, own.bytes, 0)) best = one;
			}
			if (best === undefined) return undefined;
			const found = this.#lookAs(query, best.id, now);
			if (found !== undefined) {
				this.#tell(query, best.length);
				return found;
			}
			below = best.length;
		}
		return undefined;
	}

	#lookAs(query: Query, id: number, now: number): CachedAnswer | undefined {
		const { scope } = query;
		query.scope = scopeBits(id);
		const found = this.#cache.look(query, keyOf(query), now);
		query.scope = scope;
		return found;
	}

	/** For a client that has sent a subnet: for how much of it the answer is good (section 7.2.1). */
	#tell(query: Query, scope: number): void {
		if (query.scopeEchoAt > 0) query.echo[query.scopeEchoAt] = scope;
	}

	/** What of this client goes upstream with this question. */
	#own(query: Query): Subnet | number {
		if (!this.#isTold(query.name)) return NOTHING;
		if ((query.sent & SENT.SUBNET) !== 0) return this.#sent(query);
		if (this.#settings.mode !== "synthesize") return NOTHING;
		const family = query.addressLength === 4 ? IPV4 : IPV6;
		return this.#within(family, longestPrefix(family), query.addressBytes, query.addressAt);
	}

	#isTold({ bytes, length }: DomainName): boolean {
		if (!this.#only.isEmpty) return this.#only.has(bytes, 0, length);
		return !this.#never.has(bytes, 0, length);
	}

	/** Its option was found to be in order when it was read. */
	#sent({ message, subnetAt }: Query): Subnet | number {
		const source = message[subnetAt + 2];
		if (source === 0) return OPTED_OUT;
		return this.#within(wordAt(message, subnetAt), source, message, subnetAt + SUBNET_HEAD);
	}

	/** No more of an address than is configured; nothing of one that means nothing elsewhere (section 11.2). */
	#within(family: number, length: number, address: Uint8Array, at: number): Subnet | number {
		const { ipv4Prefix, ipv6Prefix } = this.#settings;
		const most = family === IPV4 ? ipv4Prefix : ipv6Prefix;
		if (length < 8 || !isPublic(family, length, address, at)) return NOTHING;
		return this.#table.of(family, Math.min(length, most), address, at);
	}

	/** A question sets out. */
	depart({ inquiry, nameHash, type, bits }: Flight): void {
		const plain = mixed(nameHash, type, bits & 3);
		const id = bits >>> 2;
		const subnet = this.#table.byId(id);
		if (subnet !== undefined) inquiry.putSubnet(subnet.family, subnet.length, subnet.bytes);
		else if (id === OPTED_OUT) inquiry.putSubnet(IPV4, 0, NO_ADDRESS);
		// Many of one name under way, told apart by subnets alone, would be as many chances for a guess (CVE-2025-5994).
		const flying = this.#flying.get(plain) ?? 0;
		inquiry.streamFirst = flying > 0;
		this.#flying.set(plain, flying + 1);
	}

	/**
	 * A question is back: its answer becomes that of all for whom it is good. What was not said for a subnet is good for
	 * everybody (section 7.3.1).
	 *
	 * @returns the prefix length that its askers are told.
	 */
	land(flight: Flight, response: Response | undefined): number {
		const plain = mixed(flight.nameHash, flight.type, flight.bits & 3);
		const flying = this.#flying.get(plain) ?? 0;
		if (flying > 1) this.#flying.set(plain, flying - 1);
		else this.#flying.delete(plain);
		const sent = this.#table.byId(flight.bits >>> 2);
		if (response === undefined || sent === undefined) return 0;
		const length = Math.min(Math.max(response.scope, 0), sent.length);
		const scope = length === 0 ? undefined : this.#table.of(sent.family, length, sent.bytes, 0);
		flight.bits = (flight.bits & 3) | scopeBits(scope?.id ?? SHARED);
		flight.key = mixed(flight.nameHash, flight.type, flight.bits);
		if (scope !== undefined) this.#note(flight, plain, scope);
		return length;
	}

	/** The oldest make room: neither many names nor many subnets of one fill the cache. */
	#note(flight: Flight, plain: number, scope: Subnet): void {
		let scopes = this.#scopes.get(plain);
		if (scopes === undefined) {
			if (this.#scopes.size >= MOST_QUESTIONS) {
				for (const [oldest] of this.#scopes) {
					this.#scopes.delete(oldest);
					break;
				}
			}
			scopes = [];
			this.#scopes.set(plain, scopes);
		}
		const known = scopes.findIndex(({ id }) => id === scope.id);
		if (known >= 0) scopes.splice(known, 1);
		scopes.push(scope);
		if (scopes.length <= MOST_PER_QUESTION) return;
		const [oldest] = scopes.splice(0, 1);
		this.#cache.drop(mixed(flight.nameHash, flight.type, (flight.bits & 3) | scopeBits(oldest.id)));
	}
}
