/** Writes without end, and tells how far it is, until it is killed. Arguments: what to do, and the data directory. */
import { setImmediate as breathe } from "node:timers/promises";
import { openEmbeddedStore, openReplica } from "../../../src/pool/embedded/open.ts";
import type { PoolRecord } from "../../../src/pool/record.ts";
import { inParts, put, putMember, puts, take } from "../store-contract/pool.ts";

const [, , mode, folder] = process.argv;

function tell(text: string): void {
	process.send?.(text);
}

/** Every commit writes its number to two domains, and to the audit, and adds or takes out some more. */
async function commits(): Promise<void> {
	const store = await openEmbeddedStore(folder, { keepChanges: 1_000_000 });
	await store.create();
	for (let n = 1; ; n++) {
		const edits = [
			put("first.example", { modified: n }),
			...Array.from({ length: 50 }, (_, i) => {
				const domain = `d${(n * 17 + i * 31) % 400}.example`;
				return (n + i) % 3 === 0 ? take(domain) : put(domain, { modified: n, validUntil: 4e12 + n });
			}),
			putMember(`m${n % 7}`),
			put("last.example", { modified: n }),
		];
		const audit = { actor: "operator", node: "n", from: "", action: "add", details: { n: String(n) } };
		const { position } = await store.commit(edits, [audit]);
		tell(`${n} ${position.seq}`);
		await breathe();
	}
}

/** A batch of which each part changes what the one before did. */
async function batch(): Promise<void> {
	const store = await openEmbeddedStore(folder, { keepChanges: 1_000_000 });
	await store.create();
	const edits = Array.from({ length: 20_000 }, (_, i) => put(`d${i % 50}.example`, { modified: i }));
	await store.stage(
		{ id: "b", member: "cert", state: "applying", created: 1, reason: "" },
		inParts(edits, 900),
	);
	// Is never read to its end.
	void store
		.stage({ id: "half", member: "cert", state: "held", created: 1, reason: "" }, endless())
		.catch(() => {});
	for (let done = false; !done; ) {
		({ done } = await store.advance("b"));
		tell("advanced");
		await breathe();
	}
}

async function* endless() {
	for (;;) {
		yield puts(150);
		await breathe();
	}
}

/** One state after the other takes the place of the one before. */
async function replace(): Promise<void> {
	const replica = await openReplica(folder);
	const ticking = true;
	void (async () => {
		while (ticking) {
			tell("tick");
			await breathe();
		}
	})();
	for (let n = 1; ; n++) {
		const replacement = replica.replace();
		for (let part = 0; part < 9; part++) {
			await replacement.put(generation(n, part));
			await breathe();
		}
		await replacement.finish({ epoch: `e${n}`, seq: n, token: `t${n}` }, 10);
		tell(`finished ${n}`);
	}
}

/** 9000 records that all bear the number `n`. */
export function generation(n: number, part: number): PoolRecord[] {
	return Array.from({ length: 1000 }, (_, i) => {
		const { key, value = "" } = put(`d${(i * 9 + part) * 7}.g${n}.example`, {
			modified: n,
			member: `m${n % 3}`,
		});
		return { key, value };
	});
}

const work = { commits, batch, replace }[mode];
if (work !== undefined) await work();
