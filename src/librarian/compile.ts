/** From the lists on disk to a compiled blocklist. */
import { BlocklistBuilder } from "../blocklist/builder.ts";
import type { SnapshotAbout, SnapshotList } from "../blocklist/snapshot.ts";
import { parseSize } from "../config/units.ts";
import { CONFIG_LIST } from "../config/vocabulary.ts";
import { domainName } from "../feeds/domain.ts";
import { type ReadReport, readList } from "../feeds/read.ts";
import type { Job } from "./job.ts";

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

/**
 * Reads every copy and puts the rules together.
 *
 * @param read told of each list that was read, and of what could not be.
 */
export async function compile(
	job: Job,
	copies: readonly ListCopy[],
	read: (name: string, report: ReadReport | Error) => void,
): Promise<Compilation> {
	const builder = new BlocklistBuilder(job.seed, job.generation);
	addOwn(builder, job);
	const reports = new Map<string, ReadReport>();
	for (const [i, list] of job.lists.entries()) {
		const path = copies.find((copy) => copy.name === list.name)?.path;
		if (path === undefined || list.kind === "protect" || list.to === "pool") continue;
		const options = {
			format: list.format,
			hostsMatch: list.match ?? job.blocking.hostsMatch,
			maxBytes: parseSize(job.blocking.downloads.maxSize) ?? 0,
		};
		try {
			const source = { list: i + 1, kind: list.kind };
			const report = await readList(path, options, (rule, line) => builder.add(rule, source, line));
			if (report.format === "adblock") builder.markAdblock(i + 1);
			reports.set(list.name, report);
			read(list.name, report);
		} catch (error) {
			read(list.name, error as Error);
			// Half of its rules are in the builder by now.
			return compile(
				job,
				copies.filter((copy) => copy.name !== list.name),
				read,
			);
		}
	}
	const parts = builder.finish();
	const about: SnapshotAbout = {
		recipe: job.recipe,
		compiledAt: Date.now(),
		lists: [CONFIG_LIST, ...job.lists.map((list) => list.name)].map((name, i) =>
			summary(name, builder.counts[i] ?? 0, reports.get(name), copies),
		),
	};
	return { parts, about };
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

/** `blocking.allow` and `blocking.deny`; their line is their place in the configuration's list, from 1. */
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
}
