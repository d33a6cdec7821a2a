/** The pool as the librarian reads it: this node's replica, judged domain by domain. */

import { decodeMember } from "../pool/codec.ts";
import { openReplicaReadOnly } from "../pool/embedded/open.ts";
import { createGuard } from "../pool/judge/guard.ts";
import { createJudge } from "../pool/judge/judge.ts";
import { writeProtectedNames } from "../pool/judge/protected-file.ts";
import { ProtectedNames } from "../pool/judge/protected-names.ts";
import type { Replica } from "../pool/replica.ts";
import type { Verdict } from "../pool/verdict.ts";
import type { Job, PoolJob } from "./job.ts";
import type { PoolSource } from "./pool-rules.ts";

/** Pages of the replica that were read are given back after so many domains. */
const DOMAINS_PER_RELEASE = 20_000;

export interface JudgedPool {
	readonly replica: Replica;
	/** Milliseconds since the epoch, by the pool's clock. */
	readonly now: number;
	/** @param names of the lists of kind `protect`. */
	judge(names: readonly string[]): { readonly source: PoolSource; readonly protectedNames: ProtectedNames };
	close(): Promise<void>;
}

export async function openPool(job: Job, { settings, clockOffsetMs }: PoolJob): Promise<JudgedPool> {
	const releaseFilePages = job.mayYield
		? (await import("../sockets/file-pages.ts")).releaseFilePages
		: () => {};
	const replica = await openReplicaReadOnly(job.dataDir, { releaseFilePages });
	const now = Date.now() + clockOffsetMs;
	return {
		replica,
		now,
		judge: (names) => {
			const protectedNames = ProtectedNames.from(names);
			writeProtectedNames(job.dataDir, protectedNames);
			const revoked = revokedMembers(replica);
			const guard = createGuard(settings.guard, protectedNames);
			const judge = createJudge(settings, guard, { revoked: (member) => revoked.has(member) });
			// Read before the records: what changes while they are read is in the overlay as well.
			const seq = replica.position?.seq ?? 0;
			const verdicts = function* (): Iterable<{ readonly domain: string; readonly verdict: Verdict }> {
				let seen = 0;
				for (const { domain, records } of replica.domains()) {
					if (++seen % DOMAINS_PER_RELEASE === 0) replica.releasePages();
					yield { domain, verdict: judge.verdict(domain, records, now) };
				}
				replica.releasePages();
			};
			return { source: { seq, judgedAt: now, verdicts }, protectedNames };
		},
		close: () => replica.close(),
	};
}

function revokedMembers(replica: Replica): ReadonlySet<string> {
	const revoked = new Set<string>();
	for (const { key, value } of replica.members()) {
		const member = decodeMember(key, value);
		if (member?.revoked !== undefined) revoked.add(member.name);
	}
	return revoked;
}
