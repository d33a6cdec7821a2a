import { test } from "tap";
import { storeContract } from "../store-contract.ts";
import { contractPool } from "./opening.ts";
import { startSentinels } from "./sentinels.ts";

test("a master that Sentinels name, and a replica that has to have every change", async (t) => {
	const group = await startSentinels(t, { password: "correct-horse" });
	const settings = { ...group.settings, waitReplicas: 1 };
	const lose = async () => (await group.master()).must("flushall");
	await storeContract(t, "the contract", contractPool(settings, lose));
});
