/**
 * What an answer leads to, against the blocklist: names by alias and by service, addresses and hints of them. Nothing is
 * kept from one answer to the next, and nothing allocated.
 */
import type { BlocklistIndex } from "../blocklist/index.ts";
import { ENTRY_ACTIONS } from "../blocklist/layout.ts";
import type { NetworkIndex } from "../blocklist/networks.ts";
import type { AnswerChecks, BlockingSettings } from "../config/blocking-settings.ts";
import { CLASS, HEADER_BYTES, TYPE } from "../wire/codes.ts";
import { checkName, DomainName, hashSuffixes, readName } from "../wire/name.ts";
import { NamePatterns } from "../wire/name-patterns.ts";
import { dataEndAt } from "../wire/rdata-names.ts";
import { LEADS, type Response } from "../wire/response.ts";
import { wordAt } from "../wire/word.ts";
import { AddressRanges } from "./address-ranges.ts";
import { REASON } from "./answer.ts";

const ALLOW = ENTRY_ACTIONS.indexOf("allow");
const LOG_ONLY = ENTRY_ACTIONS.indexOf("log-only");
/** SvcParamKeys (RFC 9460, section 14.3.2). */
const IPV4_HINT = 4;
const IPV6_HINT = 6;

/** 96 bits before an IPv4 address: mapped (RFC 4291, section 2.5.5.2), and translated by NAT64 (RFC 6052, section 2.1). */
const NAT64 = [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0];
const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/**
 * A finding in one number: the reason, whether the answer leads into a private network, and the entry, of names or, for
 * addresses and hints, of networks. 0: nothing is against the answer.
 */
export const NO_FINDING = 0;
const REBINDS = 8;
const ENTRY_SHIFT = 4;

/** Index into BLOCK_REASONS. */
export function reasonOf(finding: number): number {
	return finding & 7;
}

/** 0: no entry is against the answer. */
export function entryOf(finding: number): number {
	return finding >> ENTRY_SHIFT;
}

export function rebinds(finding: number): boolean {
	return (finding & REBINDS) !== 0;
}

/** Whether the entry of a finding is one of networks. */
export function isOfNetwork(finding: number): boolean {
	const reason = reasonOf(finding);
	return reason === REASON.hint || reason === REASON.address;
}

export class Leads {
	/** Of LEADS, what is worth a look: an answer that has none of it passes. */
	watched = 0;
	/** After `find`: an entry that is only to be counted; 0 for none. */
	logged = 0;
	#index: BlocklistIndex | undefined;
	#checks: AnswerChecks = { cname: true, serviceTargets: true, addressHints: true, addresses: true };
	/** Undefined: no protection against rebinding. */
	#private: AddressRanges | undefined;
	#exempt = new NamePatterns([]);
	readonly #name = new DomainName();
	#seed = 0;
	/** The present answer. */
	#message: Uint8Array = new Uint8Array(0);
	#start = 0;
	#end = 0;
	/** What was found in it so far. `#isSettled`: no list has a say any more. */
	#isSettled = false;
	#entry = 0;
	#reason = 0;
	#weight = -1;
	#isPrivate = false;

	/** Whether answers that lead into private networks are blocked. */
	get guardsPrivate(): boolean {
		return this.#private !== undefined;
	}

	use({ answers, rebinding }: BlockingSettings): void {
		this.#checks = answers;
		this.#private = rebinding === undefined ? undefined : new AddressRanges(rebinding.networks);
		this.#exempt = new NamePatterns(rebinding?.exempt ?? []);
		this.#watch();
	}

	swap(index: BlocklistIndex | undefined): void {
		this.#index = index;
		this.#watch();
	}

	#watch(): void {
		const { cname, serviceTargets, addressHints, addresses } = this.#checks;
		const lists = this.#index !== undefined;
		const networks = this.#index?.networks !== undefined;
		const isGuarded = this.guardsPrivate;
		this.watched =
			(lists && cname ? LEADS.ALIAS : 0) |
			((lists && serviceTargets) || (networks && addressHints) || isGuarded ? LEADS.SERVICE : 0) |
			((networks && addresses) || isGuarded ? LEADS.ADDRESS : 0);
	}

	/**
	 * What of a response is blocked. A name decides at once, the first that the answer leads to; among addresses the one
	 * that the weightiest entry speaks of, so that their order does not matter. What an allowed alias leads to is allowed.
	 *
	 * @param seed of the hashes.
	 * @returns a finding.
	 */
	find(response: Response, seed: number): number {
		const { message, answers } = response;
		this.#message = message;
		this.#start = response.start;
		this.#end = response.authorityEnd;
		this.#seed = seed;
		this.#isSettled = this.#isPrivate = false;
		this.#entry = this.#reason = this.logged = 0;
		this.#weight = -1;
		for (let i = 0; i < answers; i++) {
			const at = response.recordAt(i);
			if (wordAt(message, at + 2) !== CLASS.IN) continue;
			switch (wordAt(message, at)) {
				case TYPE.CNAME:
					if (this.#checks.cname && this.#isAllowed(at + 10, REASON.alias)) this.#isSettled = true;
					break;
				case TYPE.DNAME:
					if (this.#checks.cname) this.#isAllowed(at + 10, REASON.alias);
					break;
				case TYPE.HTTPS:
				case TYPE.SVCB:
					this.#lookAtService(at + 10, dataEndAt(message, at));
					break;
				case TYPE.A:
					if (dataEndAt(message, at) === at + 14)
						this.#lookAt4(at + 10, REASON.address, this.#checks.addresses);
					break;
				case TYPE.AAAA:
					if (dataEndAt(message, at) === at + 26)
						this.#lookAt6(at + 10, REASON.address, this.#checks.addresses);
			}
		}
		const isRebinding = this.#isPrivate && !this.#isExempt(response);
		const entry = this.#entry << ENTRY_SHIFT;
		if (this.#entry !== 0) return entry | (isRebinding ? REBINDS : 0) | this.#reason;
		return isRebinding ? REBINDS | REASON.rebinding : NO_FINDING;
	}

	/** @returns whether an entry allows the name at `at`; when one blocks it, that is settled. */
	#isAllowed(at: number, reason: number): boolean {
		const index = this.#index;
		const name = this.#name;
		if (index === undefined || this.#isSettled) return false;
		if (readName(this.#message, at, this.#end, name, true, this.#start) < 0) return false;
		hashSuffixes(name, this.#seed);
		const entry = index.find(name);
		if (entry === 0) return false;
		const action = index.action(entry);
		if (action === ALLOW) return true;
		if (action === LOG_ONLY) {
			if (this.logged === 0) this.logged = entry;
			return false;
		}
		this.#entry = entry;
		this.#reason = reason;
		this.#isSettled = true;
		return false;
	}

	/** The data of HTTPS and SVCB (RFC 9460, section 2.2). What of it can be read is looked at, though the rest is damaged. */
	#lookAtService(at: number, end: number): void {
		const message = this.#message;
		const { serviceTargets, addressHints } = this.#checks;
		if (at + 3 > end) return;
		let param = checkName(message, at + 2, end, this.#start);
		if (param < 0) return;
		// The root stands for the owner, which was looked at before, or for no service at all (section 2.5).
		const hasTarget = message[at + 2] !== 0;
		const isAllowed = hasTarget && serviceTargets && this.#isAllowed(at + 2, REASON.service);
		const isChecked = addressHints && !isAllowed;
		// In AliasMode clients ignore parameters (section 2.4.2).
		if (wordAt(message, at) === 0) return;
		while (param + 4 <= end) {
			const key = wordAt(message, param);
			const from = param + 4;
			param = from + wordAt(message, param + 2);
			const to = Math.min(param, end);
			if (key === IPV4_HINT) for (let i = from; i + 4 <= to; i += 4) this.#lookAt4(i, REASON.hint, isChecked);
			else if (key === IPV6_HINT)
				for (let i = from; i + 16 <= to; i += 16) this.#lookAt6(i, REASON.hint, isChecked);
		}
	}

	#lookAt4(at: number, reason: number, isChecked: boolean): void {
		const networks = this.#index?.networks;
		if (networks !== undefined && isChecked && !this.#isSettled)
			this.#weigh(networks, networks.find4(this.#message, at), reason);
		if (this.#private?.has(this.#message, at, 4) === true) this.#isPrivate = true;
	}

	/** An IPv4 address within it counts too, unless something is said of the IPv6 address itself. */
	#lookAt6(at: number, reason: number, isChecked: boolean): void {
		const message = this.#message;
		const networks = this.#index?.networks;
		const isWrapped = startsWith(message, at, MAPPED) || startsWith(message, at, NAT64);
		if (networks !== undefined && isChecked && !this.#isSettled) {
			let entry = networks.find6(message, at);
			if (entry === 0 && isWrapped) entry = networks.find4(message, at + 12);
			this.#weigh(networks, entry, reason);
		}
		if (this.#private === undefined) return;
		if (this.#private.has(message, at, 16) || (isWrapped && this.#private.has(message, at + 12, 4)))
			this.#isPrivate = true;
	}

	/** Each address by itself: one that is allowed lets no other pass. */
	#weigh(networks: NetworkIndex, entry: number, reason: number): void {
		if (entry === 0 || networks.action(entry) === ALLOW) return;
		const weight = networks.weight(entry);
		if (weight <= this.#weight) return;
		this.#entry = entry;
		this.#reason = reason;
		this.#weight = weight;
	}

	/**
	 * By the name that was asked for, whatever it is an alias of: an attacker's name may well be an alias of one that is
	 * exempt.
	 */
	#isExempt({ message, start, questionEnd }: Response): boolean {
		const name = this.#name;
		const end = readName(message, start + HEADER_BYTES, questionEnd, name, false);
		return end >= 0 && this.#exempt.has(name.bytes, 0, name.length);
	}
}

function startsWith(message: Uint8Array, at: number, prefix: readonly number[]): boolean {
	for (let i = 0; i < prefix.length; i++) if (message[at + i] !== prefix[i]) return false;
	return true;
}
