import { test } from "tap";
import { storeContract } from "../store-contract.ts";
import { contractPool } from "./opening.ts";
import { RedisServer } from "./server.ts";

test("a single server", async (t) => {
	const server = await RedisServer.start(t);
	await storeContract(
		t,
		"the contract",
		contractPool(server.settings, () => server.must("flushall")),
	);
});
