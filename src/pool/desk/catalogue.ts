import { setImmediate as nextTurn } from "node:timers/promises";
import { MEMBER_NAME, MEMBER_NAME_RULE, POOL_CATEGORIES } from "../../config/vocabulary.ts";
import { excerpt } from "../../wire/excerpt.ts";
import { decodeContribution } from "../codec.ts";
import { type Contribution, TLPS, type Tlp } from "../contribution.ts";
import { type Actor, type ContributionPage, type ContributionQuery, DeskError } from "../desk.ts";
import type { PoolRecord } from "../record.ts";
import { kindOf } from "../record-key.ts";
import { askedDomain, askedLimit } from "./asked-text.ts";
import type { DeskParts } from "./parts.ts";
import type { Rights } from "./rights.ts";
import type { Roll } from "./roll.ts";
import { Turns } from "./turns.ts";

const MOST_A_PAGE = 1000;
/** Records that are looked at for one page, however few of them are asked for: the next page goes on from there. */
const MOST_LOOKED_AT = 50_000;
const SLICE = 1000;
/** Domains that are read at a time for an export. */
const PART = 500;
/** Stands after every member's name in order. */
const LAST = "~";

export interface CatalogueParts {
	readonly desk: Pick<DeskParts, "replica" | "now">;
	readonly rights: Rights;
	readonly roll: Roll;
}

/** What the pool holds, for those who may see it. */
export class Catalogue {
	readonly #parts: CatalogueParts;

	constructor(parts: CatalogueParts) {
		this.#parts = parts;
	}

	/** As PoolDesk.contributions. A page may have fewer than `limit`, even none, and a next one all the same. */
	async page(query: ContributionQuery, actor: Actor): Promise<ContributionPage> {
		const fits = this.#filter(query, actor);
		const limit = askedLimit(query.limit, MOST_A_PAGE);
		const after = askedPlace(query.after);
		const found: Contribution[] = [];
		const turns = new Turns(SLICE);
		let looked = 0;
		let place = "";
		for (const { domain, records } of this.#domains(query, after)) {
			if (turns.over()) await turns.next();
			if (looked >= MOST_LOOKED_AT) return { contributions: found, next: place };
			looked += records.length;
			for (const said of contributionsOf(records)) {
				if (domain === after?.domain && said.member <= after.member) continue;
				if (!fits(said)) continue;
				if (found.length === limit) return { contributions: found, next: placeOf(found[limit - 1]) };
				found.push(said);
			}
			place = `${domain}\t${LAST}`;
		}
		return { contributions: found };
	}

	/** As PoolDesk.export: what counts for nobody any more is not given on either. */
	async *export(tlp: Tlp, actor: Actor): AsyncIterable<Contribution> {
		const { desk, roll } = this.#parts;
		const most = TLPS.indexOf(tlp);
		if (most < 0) throw new DeskError(400, `tlp: must be ${TLPS.join(", ")}`);
		const maySee = this.#visible(actor);
		const now = desk.now();
		let after: string | undefined;
		for (let part = take(desk.replica.domains(), PART); part.length > 0; ) {
			for (const { domain, records } of part) {
				after = domain;
				for (const said of contributionsOf(records)) {
					if (TLPS.indexOf(said.tlp) > most || said.validUntil <= now) continue;
					if (maySee(said) && !roll.isRevoked(said.member)) yield said;
				}
			}
			await nextTurn();
			// Anew for each part: a reader that is slow would otherwise keep what was deleted meanwhile on the disk.
			part = take(desk.replica.domains(after), PART);
		}
		desk.replica.releasePages();
	}

	*#domains(
		query: ContributionQuery,
		after: Place | undefined,
	): Iterable<{ readonly domain: string; readonly records: readonly PoolRecord[] }> {
		const { replica } = this.#parts.desk;
		if (query.domain !== undefined) {
			const domain = askedDomain(query.domain);
			if (after === undefined || after.domain <= domain) yield { domain, records: replica.read(domain) };
			return;
		}
		if (after !== undefined) yield { domain: after.domain, records: replica.read(after.domain) };
		yield* replica.domains(after?.domain);
	}

	#filter(query: ContributionQuery, actor: Actor): (said: Contribution) => boolean {
		const { member, category } = query;
		const maySee = this.#visible(actor);
		if (member !== undefined && !MEMBER_NAME.test(member))
			throw new DeskError(400, `member: ${MEMBER_NAME_RULE}`);
		if (category !== undefined && !POOL_CATEGORIES.some((known) => known === category)) {
			throw new DeskError(
				400,
				`category: "${excerpt(category, 40)}" is none of ${POOL_CATEGORIES.join(", ")}`,
			);
		}
		return (said) =>
			(member === undefined || said.member === member) &&
			(category === undefined || said.category === category) &&
			maySee(said);
	}

	#visible(actor: Actor): (said: Contribution) => boolean {
		if (this.#parts.rights.isAdmin(actor)) return () => true;
		return ({ tlp, member }) => tlp !== "red" || member === actor.name;
	}
}

function take<T>(all: Iterable<T>, most: number): readonly T[] {
	const taken: T[] = [];
	for (const one of all) if (taken.push(one) === most) break;
	return taken;
}

function* contributionsOf(records: readonly PoolRecord[]): Iterable<Contribution> {
	for (const { key, value } of records) {
		const said = kindOf(key) === "contribution" ? decodeContribution(key, value) : undefined;
		if (said !== undefined) yield said;
	}
}

interface Place {
	readonly domain: string;
	readonly member: string;
}

function placeOf({ domain, member }: Contribution): string {
	return `${domain}\t${member}`;
}

/** Rejects with 400 what no page ever said. */
function askedPlace(after: string | undefined): Place | undefined {
	if (after === undefined) return undefined;
	const [domain, member, ...more] = after.split("\t");
	if (member === undefined || more.length > 0 || (member !== LAST && !MEMBER_NAME.test(member))) {
		throw new DeskError(400, `after: "${excerpt(after, 80)}" is no place in the list: use what "next" said`);
	}
	return { domain: askedDomain(domain), member };
}
