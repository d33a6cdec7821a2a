/** Whether what a replica says about its records fits the records themselves. */
import type { Test } from "tap";
import { decodeMember, validFromOf, validUntilOf } from "../../../src/pool/codec.ts";
import type { LmdbReplica } from "../../../src/pool/embedded/lmdb-replica.ts";
import { domainOf, kindOf, memberOf } from "../../../src/pool/record-key.ts";

/** Compares counts and moments with what all records come to. @returns the records. */
export function assertWhole(t: Test, replica: LmdbReplica): Map<string, string> {
	const records = new Map([...replica.pages(1000)].flat().map(({ key, value }) => [key, value]));
	const byMember = new Map<string, number>();
	const moments = new Map<number, Set<string>>();
	let contributions = 0;
	let members = 0;
	for (const [key, value] of records) {
		if (kindOf(key) === "member" && decodeMember(key, value)?.revoked === undefined) members++;
		const member = memberOf(key);
		if (kindOf(key) !== "contribution" || member === undefined) continue;
		contributions++;
		byMember.set(member, (byMember.get(member) ?? 0) + 1);
		for (const moment of [validFromOf(value), validUntilOf(value)]) {
			if (Number.isNaN(moment)) continue;
			moments.set(moment, (moments.get(moment) ?? new Set()).add(domainOf(key)));
		}
	}
	const { counts } = replica;
	t.equal(counts.contributions, contributions, "contributions");
	t.strictSame([...counts.byMember].sort(), [...byMember].sort(), "contributions by member");
	t.equal(counts.members, members, "members");

	const told = new Map<number, Set<string>>();
	for (let at = -1; ; ) {
		const next = replica.nextMoment(at);
		if (next === undefined) break;
		told.set(next, new Set(replica.moments(at, next, 1e9)));
		at = next;
	}
	const inOrder = (all: Map<number, Set<string>>) =>
		[...all].sort(([a], [b]) => a - b).map(([time, domains]) => [time, [...domains].sort()]);
	t.strictSame(inOrder(told), inOrder(moments), "moments");
	t.same(
		[...replica.domains()].flatMap((d) => d.records.map((r) => r.key)),
		[...records.keys()].filter((key) => domainOf(key) !== "").sort(byBytes),
		"domains",
	);
	return records;
}

function byBytes(a: string, b: string): number {
	return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
