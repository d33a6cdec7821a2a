/** Fills the pool until the disk is full, and tells what happened as JSON. Arguments: mode, data directory. */
import { openEmbeddedStore, openReplica } from "../../../src/pool/embedded/open.ts";
import { follow, inParts, puts } from "../store-contract/pool.ts";

const [, , mode, folder] = process.argv;

async function commits(): Promise<unknown> {
	const store = await openEmbeddedStore(folder);
	const start = await store.create();
	const faults: string[] = [];
	let acknowledged = 0;
	for (let n = 0; n < 1000 && faults.length < 3; n++) {
		try {
			await store.commit(puts(500, `n${n}-`), []);
			acknowledged++;
		} catch (error) {
			faults.push(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
		}
	}
	const { changes } = await follow(store, start, 1000);
	const records = [...store.replica.pages(1000)].flat().length;
	const staged = await store
		.stage(
			{ id: "b", member: "c", state: "held", created: 1, reason: "" },
			inParts(puts(20_000, "long-name-"), 5000),
		)
		.then(String, String);
	const batches = await store.batches().catch(String);
	await store.close();
	return { faults, acknowledged, changes: changes.length, records, staged, batches };
}

async function replace(): Promise<unknown> {
	const replica = await openReplica(folder);
	const records = (n: number) => puts(n).map(({ key, value = "" }) => ({ key, value }));
	const first = replica.replace();
	await first.put(records(100));
	await first.finish({ epoch: "e", seq: 1, token: "t" }, 1e9);
	const faults: string[] = [];
	for (let round = 0; round < 2; round++) {
		const second = replica.replace();
		try {
			for (let i = 0; i < 40; i++)
				await second.put(records(1000).map((r) => ({ ...r, key: `${i}${r.key}` })));
			await second.finish({ epoch: "e", seq: 2, token: "t" }, 1e9);
		} catch (error) {
			faults.push(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
			await second.drop();
		}
	}
	const after = [...replica.domains()].length;
	const { position } = replica;
	await replica.close();
	return { faults, after, position };
}

process.stdout.write(JSON.stringify(await (mode === "commits" ? commits() : replace())));
