import { join } from "node:path";
import { goodNames, missedNames, pick, type Random, seededRandom } from "./domains.ts";
import { writeLines } from "./lines-file.ts";

export const LOAD_NAMES = ["mix", "flood", "blocked", "cached", "misses"] as const;
export type LoadName = (typeof LOAD_NAMES)[number];

export interface Load {
	readonly name: LoadName;
	/** The query file of a round; a round never asks for the misses of another. */
	readonly file: (round: number) => string;
	/** What asks: dnsperf, or a client that is always ahead of the server. */
	readonly tool: "dnsperf" | "flood";
	/** Whether the load ends where its file ends, so that nothing is asked twice. */
	readonly once: boolean;
	/** Share of NXDOMAIN among the answers; all others must be NOERROR. */
	readonly blockedShare: number;
	/** Whether the server needs the upstream for it. */
	readonly needsUpstream: boolean;
}

export interface Workload {
	/** Asked once before everything else. */
	readonly warmingFile: string;
	readonly good: readonly string[];
	readonly blocked: readonly string[];
	readonly loads: readonly Load[];
}

export interface WorkloadOptions {
	readonly directory: string;
	readonly blocked: ReadonlySet<string>;
	readonly cachedNames: number;
	readonly missesPerRound: number;
	readonly rounds: number;
}

/** Lines of a query file; dnsperf starts over at its end. */
const QUERIES = 500_000;
const MIX_BLOCKED_SHARE = 0.2;

function* queries(count: number, choose: () => string): Generator<string, void, undefined> {
	for (let i = 0; i < count; i++) yield `${choose()} A`;
}

function* withType(names: Iterable<string>): Generator<string, void, undefined> {
	for (const name of names) yield `${name} A`;
}

/** A blocked domain, or in one case of four a name below it: lists that block the whole subtree must find both. */
function blockedQuery(blocked: readonly string[], random: Random): string {
	const domain = pick(blocked, random);
	return random() < 0.25 ? `www.${domain}` : domain;
}

export function writeWorkload(options: WorkloadOptions): Workload {
	const blocked = [...options.blocked];
	const good = goodNames(options.cachedNames, options.blocked);
	const path = (name: string): string => join(options.directory, `${name}.queries`);
	const random = seededRandom(3);
	const bad = (): string => blockedQuery(blocked, random);
	let turn = 0;
	// Every fifth query exactly, so that any stretch of the file has the same shares.
	const mixed = (): string => (++turn % (1 / MIX_BLOCKED_SHARE) === 0 ? bad() : pick(good, random));

	writeLines(path("good"), withType(good));
	writeLines(path("mix"), queries(QUERIES, mixed));
	writeLines(
		path("cached"),
		queries(QUERIES, () => pick(good, random)),
	);
	writeLines(path("blocked"), queries(QUERIES, bad));
	for (let round = 0; round < options.rounds; round++) {
		writeLines(
			path(`misses-${round}`),
			withType(missedNames(options.missesPerRound, round, options.blocked)),
		);
	}

	const looping = (name: LoadName, blockedShare: number): Load => ({
		name,
		tool: "dnsperf",
		file: () => path(name),
		once: false,
		blockedShare,
		needsUpstream: false,
	});
	return {
		warmingFile: path("good"),
		good,
		blocked,
		// Misses stand last because they may push the warmed names out of a cache.
		loads: [
			looping("mix", MIX_BLOCKED_SHARE),
			{ ...looping("mix", MIX_BLOCKED_SHARE), name: "flood", tool: "flood" },
			looping("blocked", 1),
			looping("cached", 0),
			{
				name: "misses",
				tool: "dnsperf",
				file: (round) => path(`misses-${round}`),
				once: true,
				blockedShare: 0,
				needsUpstream: true,
			},
		],
	};
}
