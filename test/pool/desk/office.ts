/** A desk over a real embedded store, with a clock of its own, and the people who come to it. */
import { createHash, randomBytes } from "node:crypto";
import type { Test } from "tap";
import type { LimitSettings, TrustSettings } from "../../../src/config/pool-settings.ts";
import { VALIDITY } from "../../../src/config/pool-validity.ts";
import { createLog } from "../../../src/observe/log.ts";
import type { Role } from "../../../src/pool/contribution.ts";
import { Desk } from "../../../src/pool/desk/desk.ts";
import type { DeskParts } from "../../../src/pool/desk/parts.ts";
import type { Actor, BatchOutcome, DraftLine, HeldEntry, SubmitOptions } from "../../../src/pool/desk.ts";
import type { EmbeddedStore } from "../../../src/pool/embedded/embedded-store.ts";
import { createJudge } from "../../../src/pool/judge/judge.ts";
import type { Replica } from "../../../src/pool/replica.ts";
import type { PoolStore } from "../../../src/pool/store.ts";
import { dataFolder, openStore } from "../embedded/opening.ts";
import { guardOf, trusted } from "../judge/judging.ts";

export const START = Date.UTC(2027, 0, 15, 12);
export const OPERATOR_TOKEN = "the-operators-own";
export const OPERATOR: Actor = { name: "operator", role: "admin", from: "127.0.0.1" };
export const PROTECTED = "shop.example";

export interface OfficeOptions {
	readonly store?: EmbeddedStore;
	readonly limits?: Partial<LimitSettings>;
	readonly trust?: Partial<TrustSettings>;
	readonly lists?: readonly string[];
	/** Stands in for the store as the desk sees it. */
	readonly seenAs?: (store: EmbeddedStore) => PoolStore;
	readonly replica?: Replica;
	readonly parts?: Partial<DeskParts>;
}

export interface Office {
	readonly desk: Desk;
	readonly store: EmbeddedStore;
	/** Milliseconds since the epoch; a test may set it. */
	readonly clock: { now: number };
	/** Lines of the log. */
	readonly log: readonly string[];
	/** How often trust changed. */
	trustChanges(): number;
	held: { entry: HeldEntry | undefined; accepted: number };
	member(name: string, role?: Role): Promise<Actor>;
	submit(values: readonly unknown[], actor: Actor, options?: SubmitOptions): Promise<BatchOutcome>;
	/** `STATUS DOMAIN` of each line. */
	told(outcome: BatchOutcome): readonly string[];
}

export function linesOf(values: readonly unknown[]): DraftLine[] {
	return values.map((value, i) => ({ line: i + 1, value }));
}

export function about(domain: string, more: object = {}): object {
	return { domain, category: "phishing", ...more };
}

export function many(count: number, start = 0): object[] {
	return Array.from({ length: count }, (_, i) => about(`d${start + i}.test.example`));
}

export async function officeIn(t: Test, options: OfficeOptions = {}): Promise<Office> {
	const clock = { now: START };
	const store = options.store ?? (await openStore(t, dataFolder(t), { now: () => clock.now }));
	await store.create();
	const replica = options.replica ?? store.replica;
	const lines: string[] = [];
	const held: Office["held"] = { entry: undefined, accepted: 0 };
	let trustChanges = 0;
	const trust: TrustSettings = {
		threshold: 50,
		weight: 0,
		categories: {},
		disputeWeight: 0.5,
		members: ["cert", "isp", "forum", "alice", "bob", "blocklist"].map((name) => trusted(name)),
		...options.trust,
	};
	const limits = { maxChange: 0.25, freeChanges: 1000, maxChanges: 100_000, ...options.limits };
	const guard = guardOf({ protect: [PROTECTED] });
	const judge = createJudge({ trust, validity: VALIDITY }, guard, {
		revoked: (member) => desk.isRevoked(member),
	});
	const desk = new Desk({
		store: options.seenAs?.(store) ?? store,
		replica,
		judge: () => judge,
		guard: () => guard,
		settings: () => ({ limits, trust, node: "node-a" }),
		lists: () => new Set(options.lists),
		operatorTokenHash: createHash("sha256").update(OPERATOR_TOKEN).digest("hex"),
		caughtUp: async () => {},
		onTrustChanged: () => {
			trustChanges++;
		},
		heldPool: {
			entry: () => held.entry,
			accept: async () => {
				held.accepted++;
				held.entry = undefined;
			},
		},
		sync: () => ({ up: true, lagMs: 0, verdicts: { block: 0, logOnly: 0 }, resyncs: 0, clockAheadMs: 0 }),
		now: () => clock.now,
		random: (bytes) => randomBytes(bytes),
		log: createLog({ level: "debug", format: "text", write: (line) => lines.push(line) }),
		...options.parts,
	});
	const end = store.onCommitted((domains) => {
		desk.membersChanged();
		if (domains === "many") desk.replaced().catch(t.fail);
		else desk.touched(domains).catch(t.fail);
	});
	t.teardown(async () => {
		end();
		await desk.close();
	});
	await desk.open();
	return {
		desk,
		store,
		clock,
		log: lines,
		trustChanges: () => trustChanges,
		held,
		member: async (name, role = "contributor") => {
			const actor = desk.authenticate(await desk.addMember(name, role, OPERATOR), "192.0.2.1");
			if (actor === undefined) throw new Error(`${name} has no token`);
			return actor;
		},
		submit: (values, actor, submitOptions = {}) => desk.submit(linesOf(values), actor, submitOptions),
		told: (outcome) => outcome.lines.map(({ status, domain = "" }) => `${status} ${domain}`.trim()),
	};
}

/** What a DeskError looks like. */
export function refusal(status: number, message = /./) {
	return { name: "DeskError", status, message };
}
