/** A pool of a million: how a fresh node gets it, and how a node that has it starts while Redis is down. */
import { setTimeout as pause } from "node:timers/promises";
import { VALIDITY } from "../../src/config/pool-validity.ts";
import { encodeContribution, encodeMember } from "../../src/pool/codec.ts";
import { contributionKey, memberKey } from "../../src/pool/record-key.ts";
import { MAX_EDITS, type PoolStore } from "../../src/pool/store.ts";
import { untilLevel } from "./pool-level.ts";
import { MEMBER, type PoolNode } from "./pool-node.ts";
import { firstAnswer, isBlockedReply } from "./probe.ts";

const TIMEOUT_MS = 300_000;

export interface StartReport {
	readonly seconds: number;
	/** Until it had come to rest. */
	readonly peakBytes: number;
	/** Then. */
	readonly residentBytes: number;
}

/** One contribution to each of the names, straight into the store. @returns where the log ends. */
export async function fill(store: PoolStore, names: readonly string[]): Promise<number> {
	await store.create();
	const now = await store.now();
	const member = { name: MEMBER, role: "contributor", tokenHash: "", created: now } as const;
	let { position } = await store.commit([{ key: memberKey(MEMBER), value: encodeMember(member) }], []);
	const validUntil = now + VALIDITY.phishing.defaultMs;
	for (let at = 0; at < names.length; at += MAX_EDITS) {
		const edits = names.slice(at, at + MAX_EDITS).map((domain, i) => ({
			key: contributionKey(domain, MEMBER),
			value: encodeContribution({
				domain,
				scope: "subtree",
				member: MEMBER,
				category: "phishing",
				confidence: 90,
				tlp: "green",
				basis: "policy",
				reason: "credential theft, seen in mail",
				reference: `https://reports.example/${at + i}`,
				validFrom: now,
				validUntil,
				created: now,
				modified: now,
				id: `00000000-0000-4000-8000-${(at + i).toString(16).padStart(12, "0")}`,
				approvalsNeeded: 0,
			}),
			expiresAt: validUntil,
		}));
		({ position } = await store.commit(edits, []));
	}
	return position.seq;
}

/** The name that comes last wherever domains are in order. */
export function lastOf(names: readonly string[]): string {
	let last = "";
	for (const name of names) if (name > last) last = name;
	return last;
}

async function blocks(node: PoolNode, name: string): Promise<void> {
	const reply = await firstAnswer(node.port, [name], isBlockedReply, TIMEOUT_MS);
	if (reply === undefined)
		throw new Error(`${node.name} did not block ${name} within ${TIMEOUT_MS / 1000} s`);
}

async function atRest(node: PoolNode, seconds: number, settleMs: number): Promise<StartReport> {
	await pause(settleMs);
	return { seconds, peakBytes: node.peakBytes, residentBytes: node.residentBytes };
}

/** From the start of the program until it stands where the store does, and blocks the name. */
export async function startFresh(
	node: PoolNode,
	began: number,
	seq: number,
	name: string,
	settleMs: number,
): Promise<StartReport> {
	await Promise.all([untilLevel([node], seq, TIMEOUT_MS), blocks(node, name)]);
	return atRest(node, (performance.now() - began) / 1000, settleMs);
}

/** From the start of the program until it blocks the name, from what it has on its own disk. */
export async function startAgain(node: PoolNode, name: string, settleMs: number): Promise<StartReport> {
	await node.stop();
	const began = performance.now();
	node.relaunch();
	await blocks(node, name);
	return atRest(node, (performance.now() - began) / 1000, settleMs);
}
