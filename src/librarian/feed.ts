/** What has to be said to the pool so that it has the names of a list, and no others, from the member of its name. */
import type { Config, ListConfig } from "../config/schema.ts";
import { parseSize } from "../config/units.ts";
import { POOL_CATEGORIES } from "../config/vocabulary.ts";
import { readList } from "../feeds/read.ts";
import { decodeContribution } from "../pool/codec.ts";
import type { PoolScope } from "../pool/contribution.ts";
import { contributionKey } from "../pool/record-key.ts";
import type { Replica } from "../pool/replica.ts";

/** Told at once. */
const LINES = 5000;
/** Pages of the replica that were read are given back after so many domains. */
const DOMAINS_PER_RELEASE = 20_000;
/** A contribution is renewed when less than this share of its time is left, so that one refresh does not renew all. */
const RENEW_BELOW = 0.5;

/**
 * Compares a list's copy with what the pool has of it.
 *
 * @param now milliseconds since the epoch, by the pool's clock.
 * @returns lines for the desk, in portions; none when nothing has changed.
 */
export async function* feedChanges(
	list: ListConfig,
	path: string,
	blocking: Config["blocking"],
	replica: Replica,
	now: number,
): AsyncGenerator<readonly unknown[]> {
	const wanted = await namesOf(list, path, blocking);
	let lines: unknown[] = [];
	let seen = 0;
	for (const { domain, records } of replica.domains()) {
		if (++seen % DOMAINS_PER_RELEASE === 0) replica.releasePages();
		const key = contributionKey(domain, list.name);
		const value = records.find((record) => record.key === key)?.value;
		const known = value === undefined ? undefined : decodeContribution(key, value);
		if (known === undefined) continue;
		const scope = wanted.get(domain);
		if (scope === undefined) lines.push({ op: "withdraw", domain });
		else if (scope === known.scope && isLasting(known.modified, known.validUntil, now)) wanted.delete(domain);
		if (lines.length >= LINES) {
			yield lines;
			lines = [];
		}
	}
	const category = POOL_CATEGORIES.find((one) => one === list.category) ?? "other";
	for (const [domain, scope] of wanted) {
		lines.push({ domain, scope, category, confidence: list.confidence, reason: `on the list ${list.name}` });
		if (lines.length >= LINES) {
			yield lines;
			lines = [];
		}
	}
	if (lines.length > 0) yield lines;
}

function isLasting(modified: number, validUntil: number, now: number): boolean {
	return validUntil - now > (validUntil - modified) * RENEW_BELOW;
}

/** What only is below a name, and exceptions, cannot be said to the pool. */
async function namesOf(
	list: ListConfig,
	path: string,
	blocking: Config["blocking"],
): Promise<Map<string, PoolScope>> {
	const names = new Map<string, PoolScope>();
	const options = {
		format: list.format,
		hostsMatch: list.match ?? blocking.hostsMatch,
		maxBytes: parseSize(blocking.downloads.maxSize) ?? 0,
	};
	await readList(path, options, ({ name, scope, action, cancels }) => {
		if (action === "allow" || cancels || scope === "below") return;
		if (names.get(name) !== "subtree") names.set(name, scope);
	});
	return names;
}
