/** A replica that follows an embedded store. */
import { test } from "tap";
import { openReplica, openStore } from "./parts.ts";
import { followScenarios } from "./scenarios.ts";

test("a replica follows an embedded store", async (t) => {
	followScenarios(t, async (t, options) => openStore(t, options), openReplica);
});
