/** A replica that follows an embedded store. */
import { type Test, test } from "tap";
import type { ContractOptions } from "../store-contract/pool.ts";
import { holdScenarios } from "./hold-scenarios.ts";
import { openReplica, openStore } from "./parts.ts";
import { followScenarios } from "./scenarios.ts";

const open = async (t: Test, options?: ContractOptions) => openStore(t, options);

test("a replica follows an embedded store", async (t) => followScenarios(t, open, openReplica));

test("a replica does not believe an embedded store", async (t) => holdScenarios(t, open, openReplica));
