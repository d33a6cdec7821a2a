/** A replica that follows a real Redis. */
import { test } from "tap";
import { contractPool } from "../redis/opening.ts";
import { RedisServer } from "../redis/server.ts";
import { openReplica } from "./parts.ts";
import { followScenarios } from "./scenarios.ts";

test("a replica follows Redis", async (t) => {
	const server = await RedisServer.start(t);
	followScenarios(
		t,
		contractPool(server.settings, () => server.must("flushall")),
		openReplica,
	);
});
