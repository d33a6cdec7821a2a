/** `cordon pool status`, `verify` and `restore`. */
import type { Comparison, PoolStatus } from "../../pool/desk.ts";
import { formatSpan } from "../status/print.ts";
import { table } from "../table.ts";
import { UsageError } from "../usage-error.ts";
import { counted, number } from "./layout.ts";
import type { Subcommand } from "./subcommand.ts";

/** A million records are read. */
const TIMEOUT_MS = 600_000;

/** For people. */
export function statusLines(status: PoolStatus): string[] {
	const { store, up, problem, lagMs, position, contributions, members, verdicts, held, resyncs } = status;
	const waits = [
		counted(held.batch, "batch", "batches"),
		counted(held.protected, "protected name"),
		counted(held.disputed, "disputed domain"),
		...(held.pool > 0 ? ["the pool itself"] : []),
	];
	const ahead = status.clockAheadMs;
	return [
		`the pool (${store}) is ${up ? "reached" : "not reached"}${problem === undefined ? "" : `: ${problem}`}`,
		...table([
			["contributions", `${number(contributions)} of ${counted(members, "member")}`],
			["follows", `${number(verdicts.block)} blocked, ${number(verdicts.logOnly)} only counted`],
			["waits", waits.join(", ")],
			[
				"position",
				position === undefined ? "none yet" : `${number(position.seq)} in epoch ${position.epoch}`,
			],
			["level", lagMs < 1000 ? "with the store" : `${formatSpan(lagMs)} behind`],
			["loaded anew", counted(resyncs, "time")],
			[
				"clock",
				Math.abs(ahead) < 1000
					? "as the store's"
					: `${formatSpan(Math.abs(ahead))} ${ahead > 0 ? "ahead" : "behind"}`,
			],
		]),
	];
}

export const status: Subcommand = {
	arguments: "",
	help: "Shows how the pool does, seen from this node.",
	exit: "0 the store is reached, 1 refused or wrong usage, 2 the server or the store cannot be reached",
	options: {},
	words: [0, 0],
	async run({ typed, connect, say, json }) {
		const client = await connect();
		const found = (await client.get("/api/v1/pool")) as unknown as PoolStatus;
		if (typed.isSet("json")) json(found);
		else for (const line of statusLines(found)) say(line);
		return found.up ? 0 : 2;
	},
};

export const verify: Subcommand = {
	arguments: "",
	help: "Compares this node's copy with the store, record by record. It reads the whole pool.",
	exit: "0 they are equal, 1 they differ, or wrong usage, 2 the server or the pool cannot be reached",
	options: {},
	words: [0, 0],
	async run({ typed, connect, say, json }) {
		const client = await connect();
		const found = (await client.get("/api/v1/pool/verify", TIMEOUT_MS)) as unknown as Comparison;
		if (typed.isSet("json")) json(found);
		else {
			const { equal, replicaRecords, storeRecords, missing, surplus, different, checksum } = found;
			say(
				equal
					? `equal: ${counted(storeRecords, "record")}, checksum ${checksum}`
					: `not equal: ${number(replicaRecords)} records here, ${number(storeRecords)} in the store; ${number(missing)} missing here, ${number(surplus)} surplus, ${number(different)} different`,
			);
		}
		return found.equal ? 0 : 1;
	},
};

export const restore: Subcommand = {
	arguments: "--yes",
	help: `Puts this node's copy back into a store that lost its state. All that is in the store is replaced, and every node loads
it anew. Look with cordon pool held and cordon pool status first.

  --yes              that is what is wanted`,
	options: { yes: { type: "boolean" } },
	words: [0, 0],
	async run({ typed, connect, say, json }) {
		if (!typed.isSet("yes")) {
			throw new UsageError("this replaces all that is in the store with this node's copy; say --yes if so");
		}
		const client = await connect();
		const position = await client.send("/api/v1/pool/restore", { method: "POST", timeoutMs: TIMEOUT_MS });
		if (typed.isSet("json")) json(position ?? {});
		else say(`restored: the pool begins anew as epoch ${String(position?.epoch)}`);
		return 0;
	},
};
