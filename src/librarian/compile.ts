/** From the lists on disk to a compiled blocklist. */
import { BlocklistBuilder } from "../blocklist/builder.ts";
import type { NetworkRule, Rule } from "../blocklist/rule.ts";
import type { SnapshotAbout, SnapshotList } from "../blocklist/snapshot.ts";
import { parsePrefix, unmapped } from "../config/address.ts";
import type { ListConfig } from "../config/schema.ts";
import { parseSize } from "../config/units.ts";
import { CONFIG_LIST, FIRST_CONFIGURED_LIST } from "../config/vocabulary.ts";
import { type OnNetwork, type OnRule, type ReadReport, readList } from "../feeds/read.ts";
import { domainName } from "../wire/domain.ts";
import type { Job } from "./job.ts";
import { addPool, type PoolSource } from "./pool-rules.ts";

/** Where a list's last good copy lies. */
export interface ListCopy {
	readonly name: string;
	readonly path?: string;
	/** Missing when the copy's record was lost. */
	readonly facts?: { readonly sha256: string };
}

/** A compiled blocklist: its parts, one behind the other, and what is known of it. */
export interface Compilation {
	readonly parts: readonly Uint8Array[];
	readonly about: SnapshotAbout;
}

type Told = (name: string, report: ReadReport | Error) => void;

/**
 * Reads every copy and puts the rules together.
 *
 * @param told of each list that was read, and of what could not be.
 * @param pool gives the pool's verdicts, judged with the names of the lists of kind `protect`.
 */
export async function compile(
	job: Job,
	copies: readonly ListCopy[],
	told: Told,
	pool?: (protectedNames: readonly string[]) => PoolSource,
): Promise<Compilation> {
	const builder = new BlocklistBuilder(job.seed, job.generation);
	addOwn(builder, job);
	const reports = new Map<string, ReadReport>();
	const protectedNames: string[] = [];
	for (const list of job.lists)
		if (list.kind === "protect")
			await readCopy(job, list, copies, reports, told, (rule) => protectedNames.push(rule.name));
	const source = pool?.(protectedNames);
	const counts = source === undefined ? undefined : addPool(builder, source);
	for (const [i, list] of job.lists.entries()) {
		const { kind } = list;
		if (kind === "protect" || list.to === "pool") continue;
		const source = { list: FIRST_CONFIGURED_LIST + i, kind };
		const add = (rule: Rule, line: number) => builder.add(rule, source, line);
		const addNetwork = (rule: NetworkRule, line: number) => builder.addNetwork(rule, source, line);
		if (!(await readCopy(job, list, copies, reports, told, add, addNetwork))) {
			// Half of its rules are in the builder by now.
			const others = copies.filter((copy) => copy.name !== list.name);
			return compile(job, others, told, pool);
		}
		if (reports.get(list.name)?.format === "adblock") builder.markAdblock(source.list);
	}
	const parts = builder.finish();
	const about: SnapshotAbout = {
		recipe: job.recipe,
		compiledAt: Date.now(),
		lists: [
			summary(CONFIG_LIST, builder.counts[0] ?? 0, undefined, copies),
			...job.lists.map(({ name }, i) =>
				summary(name, builder.counts[FIRST_CONFIGURED_LIST + i] ?? 0, reports.get(name), copies),
			),
		],
		...(source === undefined || counts === undefined
			? {}
			: { pool: { seq: source.seq, judgedAt: source.judgedAt, ...counts } }),
	};
	return { parts, about };
}

/** @returns false when it broke off, so that only a part of its rules was given. */
async function readCopy(
	job: Job,
	list: ListConfig,
	copies: readonly ListCopy[],
	reports: Map<string, ReadReport>,
	told: Told,
	add: OnRule,
	addNetwork?: OnNetwork,
): Promise<boolean> {
	const path = copies.find((copy) => copy.name === list.name)?.path;
	if (path === undefined) return true;
	const options = {
		format: list.format,
		hostsMatch: list.match ?? job.blocking.hostsMatch,
		maxBytes: parseSize(job.blocking.downloads.maxSize) ?? 0,
	};
	try {
		const report = await readList(path, options, add, addNetwork);
		reports.set(list.name, report);
		told(list.name, report);
		return true;
	} catch (error) {
		told(list.name, error as Error);
		return false;
	}
}

function summary(
	name: string,
	rules: number,
	report: ReadReport | undefined,
	copies: readonly ListCopy[],
): SnapshotList {
	if (report === undefined) return { name, rules, skipped: 0, bad: 0 };
	const { skipped, bad, format } = report;
	const sha256 = copies.find((copy) => copy.name === name)?.facts?.sha256;
	return { name, rules, skipped, bad, format, ...(sha256 === undefined ? {} : { sha256 }) };
}

/** `blocking.allow`, `blocking.deny` and `blocking.denyNetworks`; their line is their place in the configuration's list, from 1. */
function addOwn(builder: BlocklistBuilder, job: Job): void {
	for (const kind of ["allow", "block"] as const) {
		const own = kind === "allow" ? job.blocking.allow : job.blocking.deny;
		for (const [i, text] of own.entries()) {
			const below = text.startsWith("*.");
			const name = domainName(below ? text.slice(2) : text);
			if (name === undefined) continue;
			builder.add(
				{ name, scope: below ? "below" : "subtree", action: kind },
				{ list: 0, kind, isOwn: true },
				i + 1,
			);
		}
	}
	for (const [i, text] of job.blocking.denyNetworks.entries()) {
		const network = parsePrefix(text);
		if (network === undefined) continue;
		builder.addNetwork(
			{ network: unmapped(network), action: "block" },
			{ list: 0, kind: "block", isOwn: true },
			i + 1,
		);
	}
}
