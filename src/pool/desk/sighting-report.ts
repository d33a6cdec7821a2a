import { MEMBER_NAME, MEMBER_NAME_RULE } from "../../config/vocabulary.ts";
import { type Actor, DeskError, type MemberSighting } from "../desk.ts";
import { contributionKey } from "../record-key.ts";
import type { SightingSum } from "../store.ts";
import type { DeskParts } from "./parts.ts";
import type { Rights } from "./rights.ts";
import { Turns } from "./turns.ts";

/** Domains asked about at a time. */
const CHUNK = 1000;
const SLICE = 2000;

export interface SightingReportParts {
	readonly desk: Pick<DeskParts, "replica" | "store">;
	readonly rights: Rights;
}

/** How often, and on how many networks, a member's contributions stopped something. */
export class SightingReport {
	readonly #parts: SightingReportParts;

	constructor(parts: SightingReportParts) {
		this.#parts = parts;
	}

	/** As PoolDesk.sightings: only domains that were seen, in their order. */
	async of(member: string, sinceMs: number, actor: Actor): Promise<readonly MemberSighting[]> {
		const { desk, rights } = this.#parts;
		if (!MEMBER_NAME.test(member)) throw new DeskError(400, `member: ${MEMBER_NAME_RULE}`);
		if (!rights.isAdmin(actor) && actor.name !== member) {
			throw new DeskError(
				403,
				`only an admin may see what the contributions of others stopped, here ${member}'s`,
			);
		}
		if (!Number.isFinite(sinceMs)) throw new DeskError(400, "since: must be milliseconds since the epoch");
		const found: MemberSighting[] = [];
		for await (const domains of this.#chunks(member)) {
			found.push(...summed(await desk.store.sightings(domains, sinceMs)));
		}
		return found;
	}

	/** Domains that the member speaks of. */
	async *#chunks(member: string): AsyncIterable<readonly string[]> {
		const { replica } = this.#parts.desk;
		const turns = new Turns(SLICE);
		let left = replica.counts.byMember.get(member) ?? 0;
		let chunk: string[] = [];
		if (left === 0) return;
		for (const { domain, records } of replica.domains()) {
			if (turns.over()) await turns.next();
			const key = contributionKey(domain, member);
			if (records.every((record) => record.key !== key)) continue;
			chunk.push(domain);
			if (--left === 0) break;
			if (chunk.length < CHUNK) continue;
			yield chunk;
			chunk = [];
		}
		replica.releasePages();
		if (chunk.length > 0) yield chunk;
	}
}

function summed(sums: readonly SightingSum[]): readonly MemberSighting[] {
	const byDomain = new Map<string, { count: number; networks: Set<string>; lastHour: number }>();
	for (const { domain, hour, network, count } of sums) {
		if (count <= 0) continue;
		const sum = byDomain.get(domain) ?? { count: 0, networks: new Set(), lastHour: hour };
		sum.count += count;
		sum.networks.add(network);
		sum.lastHour = Math.max(sum.lastHour, hour);
		byDomain.set(domain, sum);
	}
	return [...byDomain]
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([domain, { count, networks, lastHour }]) => ({ domain, count, networks: networks.size, lastHour }));
}
