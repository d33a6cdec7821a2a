/** Reads the pool over and over while another thread writes, and tells what it saw. */
import { setImmediate as breathe } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { decodeContribution } from "../../../src/pool/codec.ts";
import { openReplicaReadOnly } from "../../../src/pool/embedded/open.ts";

const { folder, scans } = workerData as { folder: string; scans: number };

const replica = await openReplicaReadOnly(folder);
const seen: { seq: number; domains: number; numbers: number[] }[] = [];
// Until it has seen some commits, however slow the other thread is.
while (seen.length < scans || new Set(seen.map((s) => s.seq)).size < 5) {
	const seq = replica.position?.seq ?? -1;
	const numbers = new Set<number>();
	let domains = 0;
	for (const { records } of replica.domains()) {
		domains++;
		for (const { key, value } of records) numbers.add(decodeContribution(key, value)?.modified ?? -1);
		// So that there are other commits in the middle of the scan.
		if (domains % 100 === 0) await breathe();
	}
	seen.push({ seq, domains, numbers: [...numbers] });
	await breathe();
}
let refused = "";
try {
	await replica.apply([], { epoch: "e", seq: 1, token: "t" });
} catch (error) {
	refused = String(error);
}
await replica.close();
parentPort?.postMessage({ seen, refused });
