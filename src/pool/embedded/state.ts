/** The state of a pool on disk: two sides of which one counts, where in the log it stands, and what was touched. */
import type { Position } from "../record.ts";
import { domainOf } from "../record-key.ts";
import type { ReplicaCounts, TouchedDomain } from "../replica.ts";
import { DiskFault, type Environment, type Table } from "./environment.ts";
import { packed, unpacked } from "./packed-key.ts";
import { Side } from "./side.ts";
import { Tally } from "./tally.ts";

/** Whose the state is: a copy of a shared pool, or the pool itself. */
export type Keeper = "redis" | "embedded";

export const FORMAT = "1";
const SIDES = ["a", "b"] as const;
type SideName = (typeof SIDES)[number];

/** So many are taken out of a table in one transaction. */
const STEP = 5000;

export class PoolState {
	readonly environment: Environment;
	readonly #sides: Readonly<Record<SideName, Side>>;
	readonly #meta: Table;
	/** `d` and the domain, to the seq. */
	readonly #touched: Table;

	/** Throws DiskFault when the file was written by another version, or, open for reading, holds nothing yet. */
	constructor(environment: Environment, keeper: Keeper | undefined) {
		this.environment = environment;
		const table = (name: string) => {
			const found = environment.table(name);
			if (found === undefined) throw new DiskFault(`there is no pool in ${environment.folder} yet`);
			return found;
		};
		const side = (name: SideName) =>
			new Side(environment, table(`records-${name}`), table(`moments-${name}`));
		this.#meta = table("meta");
		this.#touched = table("touched");
		this.#sides = { a: side("a"), b: side("b") };
		const format = this.#meta.get("format");
		if (format !== undefined && format !== FORMAT) {
			throw new DiskFault(
				`the pool in ${environment.folder} has the format ${format}, and this version of Cordon reads ${FORMAT}: start the version that wrote it`,
			);
		}
		if (keeper === undefined) return;
		environment.transact(() => {
			this.#meta.putSync("format", FORMAT);
			if (this.keeper === undefined) this.#meta.putSync("keeper", keeper);
		});
	}

	get keeper(): Keeper | undefined {
		const keeper = this.#meta.get("keeper");
		return keeper === "redis" || keeper === "embedded" ? keeper : undefined;
	}

	get active(): Side {
		return this.#sides[this.#activeName()];
	}

	get inactive(): Side {
		return this.#sides[this.#activeName() === "a" ? "b" : "a"];
	}

	#activeName(): SideName {
		this.environment.assertOpen();
		return this.#meta.get("active") === "b" ? "b" : "a";
	}

	get position(): Position | undefined {
		this.environment.assertOpen();
		const text = this.#meta.get("position");
		if (text === undefined) return undefined;
		const { epoch, seq, token }: Partial<Position> = JSON.parse(text);
		return epoch === undefined || seq === undefined || token === undefined
			? undefined
			: { epoch, seq, token };
	}

	get counts(): ReplicaCounts {
		const byMember = new Map<string, number>();
		let contributions = 0;
		for (const { key, value } of this.environment.range(this.#meta, { start: "count\t", end: "count\n" })) {
			byMember.set(unpacked(key.slice("count\t".length)), Number(value));
			contributions += Number(value);
		}
		return { contributions, byMember, members: Number(this.#meta.get("members") ?? 0) };
	}

	/** All of `work`'s edits and the position that it returns come to be at once, or, when it throws, none. */
	edit(work: (turn: Turn) => Position): readonly string[] {
		return this.environment.transact(() => {
			const turn = new Turn(this.active);
			const position = work(turn);
			this.#addCounts(turn.tally);
			for (const [domain, seq] of turn.touched) this.#touched.putSync(`d${packed(domain)}`, String(seq));
			this.#setPosition(position);
			return [...turn.touched.keys()];
		});
	}

	/** The inactive side becomes the active one, with `counts` and `position`, and the domains as touched. */
	switchSides(
		position: Position,
		counts: Tally,
		differing: readonly string[] | "many",
		alongside: () => void,
	): void {
		const seq = String(position.seq);
		this.environment.transact(() => {
			this.#meta.putSync("active", this.#activeName() === "a" ? "b" : "a");
			for (const key of [...this.environment.keys(this.#meta, { start: "count\t", end: "count\n" })]) {
				this.#meta.removeSync(key);
			}
			this.#meta.putSync("members", "0");
			this.#addCounts(counts);
			// What was not settled is not settled now either, and its place in another log means nothing in this one.
			for (const key of [...this.environment.keys(this.#touched, { start: "d", end: "e" })]) {
				this.#touched.putSync(key, seq);
			}
			if (differing === "many") this.#meta.putSync("unnamed", seq);
			else for (const domain of differing) this.#touched.putSync(`d${packed(domain)}`, seq);
			this.#setPosition(position);
			alongside();
		});
	}

	/** What this fails to clear, on a full disk, is cleared at the next start or replacement. @param between see Side. */
	clearInactive(between: () => void = () => {}): void {
		if (this.environment.closed) return;
		try {
			this.inactive.clear(between);
		} catch (error) {
			if (!(error instanceof DiskFault)) throw error;
		}
	}

	touched(): TouchedDomain[] {
		const all: TouchedDomain[] = [];
		for (const { key, value } of this.environment.range(this.#touched, { start: "d", end: "e" })) {
			all.push({ domain: unpacked(key.slice(1)), seq: Number(value) });
		}
		return all;
	}

	/** Whether a replacement differed in more domains than were named, and nothing has been settled since. */
	get hasUnnamed(): boolean {
		this.environment.assertOpen();
		return this.#meta.get("unnamed") !== undefined;
	}

	/** Forgets what was touched up to and including `seq`. */
	settle(seq: number): void {
		const unnamed = this.#meta.get("unnamed");
		if (unnamed !== undefined && Number(unnamed) <= seq)
			this.environment.transact(() => this.#meta.removeSync("unnamed"));
		let after = "d";
		for (let more = true; more; ) {
			const keys: string[] = [];
			more = false;
			for (const { key, value } of this.environment.range(this.#touched, { start: after, end: "e" })) {
				if (Number(value) <= seq) keys.push(key);
				after = key;
				more = keys.length >= STEP;
				if (more) break;
			}
			if (keys.length > 0) {
				this.environment.transact(() => {
					for (const key of keys) this.#touched.removeSync(key);
				});
			}
		}
	}

	#addCounts(tally: Tally): void {
		for (const [member, change] of tally.byMember) {
			if (change === 0) continue;
			const key = `count\t${packed(member)}`;
			const count = Number(this.#meta.get(key) ?? 0) + change;
			if (count > 0) this.#meta.putSync(key, String(count));
			else this.#meta.removeSync(key);
		}
		if (tally.members !== 0) {
			this.#meta.putSync("members", String(Number(this.#meta.get("members") ?? 0) + tally.members));
		}
	}

	#setPosition({ epoch, seq, token }: Position): void {
		const text = JSON.stringify({ epoch, seq, token });
		// A transaction that writes nothing costs nothing.
		if (this.#meta.get("position") !== text) this.#meta.putSync("position", text);
	}
}

/** The edits of one transaction. */
export class Turn {
	readonly side: Side;
	readonly tally = new Tally();
	/** The last seq of each domain that differs now from before. */
	readonly touched = new Map<string, number>();

	constructor(side: Side) {
		this.side = side;
	}

	/** Whether the record was another one before. */
	differs(key: string, value: string | undefined): boolean {
		return this.side.records.get(packed(key)) !== value;
	}

	edit(key: string, value: string | undefined, seq: number): void {
		const before = this.side.edit(packed(key), value);
		if (before === value) return;
		this.tally.note(key, before, value);
		this.touched.set(domainOf(key), seq);
	}
}
