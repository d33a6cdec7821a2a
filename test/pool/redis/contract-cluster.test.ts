import { test } from "tap";
import { storeContract } from "../store-contract.ts";
import { startCluster } from "./cluster.ts";
import { contractPool } from "./opening.ts";

test("a Cluster of three masters", async (t) => {
	const cluster = await startCluster(t, { password: "correct-horse" });
	const lose = () => Promise.all(cluster.masters.map((master) => master.must("flushall")));
	await storeContract(t, "the contract", contractPool(cluster.settings, lose));
});
