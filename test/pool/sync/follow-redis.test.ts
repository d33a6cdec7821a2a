/** A replica that follows a real Redis. */
import { type Test, test } from "tap";
import { contractPool } from "../redis/opening.ts";
import { RedisServer } from "../redis/server.ts";
import { holdScenarios } from "./hold-scenarios.ts";
import { openReplica } from "./parts.ts";
import { followScenarios } from "./scenarios.ts";

async function redis(t: Test) {
	const server = await RedisServer.start(t);
	return contractPool(server.settings, () => server.must("flushall"));
}

test("a replica follows Redis", async (t) => followScenarios(t, await redis(t), openReplica));

test("a replica does not believe Redis", async (t) => holdScenarios(t, await redis(t), openReplica));
