/** The embedded store does what every store has to do. */
import { test } from "tap";
import { storeContract } from "../store-contract.ts";
import { dataFolder, openStore } from "./opening.ts";

test("the contract of stores", async (t) => {
	await storeContract(t, "embedded", async (t, options = {}) => {
		const folder = dataFolder(t);
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
