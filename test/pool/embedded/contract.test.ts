/** The embedded store does what every store has to do. */
import { test } from "tap";
import { storeContract } from "../store-contract.ts";
import { dataFolder, openStore, writePast } from "./opening.ts";

test("the contract of stores", async (t) => {
	await storeContract(t, "embedded", async (t, { past, ...options } = {}) => {
		const folder = dataFolder(t);
		if (past !== undefined) await writePast(folder, past);
		const store = await openStore(t, folder, options);
		return {
			store,
			reopen: async () => {
				await store.close();
				return openStore(t, folder, options);
			},
		};
	});
});
