/** What may not be blocked at all, and what only when two people have looked at it. */
import type { GuardSettings } from "../../config/pool-settings.ts";
import { domainFault, domainName } from "../../wire/domain.ts";
import { excerpt } from "../../wire/excerpt.ts";
import type { Guard, GuardWord } from "../judging.ts";
import type { ProtectedNames } from "./protected-names.ts";
import { isPublicSuffix } from "./public-suffix.ts";
import { SPECIAL_USE } from "./special-use.ts";
import { WELL_KNOWN } from "./well-known.ts";

/** Two people, as with CERT Polska's list: one alone puts google.com on it some day. */
const APPROVALS_NEEDED = 2;

const FINE: GuardWord = { kind: "fine" };

/** The name itself and what is above it, down to two labels. */
function* upwards(name: string): Iterable<string> {
	for (let at = 0; name.includes(".", at); at = name.indexOf(".", at) + 1) yield name.slice(at);
}

/** The first of `domain` and what is above it that is in `names`; single labels too. */
function above<T>(domain: string, names: ReadonlyMap<string, T>): readonly [string, T] | undefined {
	if (names.size === 0) return undefined;
	for (let at = 0; ; at = domain.indexOf(".", at) + 1) {
		const suffix = domain.slice(at);
		const found = names.get(suffix);
		if (found !== undefined) return [suffix, found];
		if (!domain.includes(".", at)) return undefined;
	}
}

/** In their final form, with the name that each stands for or is above. The configuration was checked. */
function withAncestors(patterns: Iterable<string>): Map<string, string> {
	const names = new Map<string, string>();
	for (const pattern of patterns) {
		const name = domainName(pattern.replace(/^\*\./, ""));
		if (name === undefined) continue;
		for (const suffix of upwards(name)) if (!names.has(suffix)) names.set(suffix, name);
		names.set(name, name);
	}
	return names;
}

function roots(patterns: Iterable<string>): Map<string, string> {
	const names = new Map<string, string>();
	for (const pattern of patterns) {
		const name = domainName(pattern.replace(/^\*\./, ""));
		if (name !== undefined) names.set(name, name);
	}
	return names;
}

class NodeGuard implements Guard {
	readonly #specialUse: ReadonlyMap<string, string>;
	readonly #ownRoots: ReadonlyMap<string, string>;
	readonly #own: ReadonlyMap<string, string>;
	readonly #infrastructure: ReadonlyMap<string, string>;
	readonly #wellKnown = withAncestors(WELL_KNOWN);
	readonly #protect: ReadonlyMap<string, string>;
	/** `*.d` protects all below d as well. */
	readonly #protectBelow: ReadonlyMap<string, string>;
	readonly #listed: ProtectedNames;

	constructor(settings: GuardSettings, listed: ProtectedNames, specialUse: ReadonlyMap<string, string>) {
		this.#specialUse = specialUse;
		this.#ownRoots = roots(settings.ownNames);
		this.#own = withAncestors(settings.ownNames);
		this.#infrastructure = withAncestors(settings.infrastructure);
		this.#protect = withAncestors(settings.protect);
		this.#protectBelow = roots(settings.protect.filter((pattern) => pattern.startsWith("*.")));
		this.#listed = listed;
	}

	check(domain: string): GuardWord {
		const refusal = this.#refusal(domain);
		if (refusal !== undefined) return { kind: "refused", reason: refusal };
		const why = this.#protection(domain);
		if (why === undefined) return FINE;
		const reason = `${domain} ${why}: two people have to approve it`;
		return { kind: "protected", reason, approvalsNeeded: APPROVALS_NEEDED };
	}

	#refusal(domain: string): string | undefined {
		const name = domainName(domain);
		if (name === undefined) return domainFault(domain);
		if (name !== domain) return `"${excerpt(domain, 80)}" is not in its final form, which is ${name}`;
		const special = above(domain, this.#specialUse);
		if (special !== undefined) {
			const [suffix, use] = special;
			return `${domain} ${suffix === domain ? "is" : `is below ${suffix}, which is`} for ${use}, not for the public DNS`;
		}
		if (!domain.includes("."))
			return `${domain} is a single label: it would stand for a whole top-level domain`;
		if (isPublicSuffix(domain)) {
			return `${domain} is a public suffix: all who registered a name below it would be blocked`;
		}
		return this.#ownRefusal(domain);
	}

	#ownRefusal(domain: string): string | undefined {
		const below = above(domain, this.#ownRoots)?.[0];
		if (below === domain) return `${domain} is one of this operator's own names`;
		if (below !== undefined) return `${domain} is below ${below}, one of this operator's own names`;
		const own = this.#own.get(domain);
		if (own !== undefined) return `${domain} is above ${own}, one of this operator's own names`;
		const host = this.#infrastructure.get(domain);
		if (host === undefined) return undefined;
		return host === domain
			? `${domain} is a host that this node itself depends on`
			: `${domain} is above ${host}, a host that this node itself depends on`;
	}

	#protection(domain: string): string | undefined {
		const own = this.#protect.get(domain);
		if (own !== undefined) {
			return own === domain
				? "is a name in pool.guard.protect"
				: `is above ${own}, a name in pool.guard.protect`;
		}
		const below = above(domain, this.#protectBelow)?.[0];
		if (below !== undefined) return `is below ${below}, which pool.guard.protect has with all below it`;
		const known = this.#wellKnown.get(domain);
		if (known !== undefined) {
			return known === domain
				? "is well known and much used"
				: `is above ${known}, which is well known and much used`;
		}
		return this.#listed.has(domain)
			? "is a protected name, or above one, by a list of kind protect"
			: undefined;
	}
}

/**
 * @param listed the names of all lists of kind protect.
 * @param specialUse what may not be blocked for being no part of the public DNS, by name.
 */
export function createGuard(
	settings: GuardSettings,
	listed: ProtectedNames,
	specialUse: ReadonlyMap<string, string> = SPECIAL_USE,
): Guard {
	return new NodeGuard(settings, listed, specialUse);
}
