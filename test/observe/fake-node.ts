/** A node without workers: two slabs of counters that a test writes, and a status it can change. */

import type { Node } from "../../src/admin/node.ts";
import { Counters } from "../../src/observe/counters.ts";
import type { Explanation, NodeStatus } from "../../src/observe/status.ts";
import type { Flush } from "../../src/resolve/flush.ts";

export const STATUS: NodeStatus = {
	version: "0.1.0",
	startedAt: Date.UTC(2026, 10, 23, 12),
	ready: true,
	udpEngine: "batch",
	log: { level: "info", configured: "info" },
	dns: ["127.0.0.1:5300", "[::1]:5300"],
	blockedDomains: 1_000_123,
	allowedDomains: 12,
	blockedNetworks: 3,
	indexBytes: 33_554_432,
	compiledAt: Date.UTC(2026, 10, 23, 12, 0, 1),
	memoryLimitBytes: 268_435_456,
	reload: { succeeded: true, succeededAt: Date.UTC(2026, 10, 23, 13) },
	lists: [
		{
			name: "malicious",
			kind: "block",
			category: "malware",
			source: "https://lists.example.org/malicious.txt",
			state: "held",
			problem:
				"lost 61 % of its names, more than blocking.maxShrink (25 %); the version of 3 hours ago stays",
			format: "hosts",
			refreshSeconds: 21_600,
			domains: 1_000_000,
			skippedLines: 3,
			badLines: 2,
			lastSuccess: Date.UTC(2026, 10, 23, 9),
			rejected: { shrunk: 2, "struck-by-lightning": 1 },
		},
		{
			name: "ours",
			kind: "allow",
			category: "other",
			source: "/etc/cordon/allow.txt",
			state: "loading",
			refreshSeconds: 300,
			domains: 12,
			skippedLines: 0,
			badLines: 0,
			rejected: {},
		},
	],
	upstreams: [
		{ name: "udp://192.0.2.1:53", slot: 0, up: true },
		{ name: "udp://192.0.2.2:53", slot: 1, up: false },
	],
	workers: [
		{ serving: true, restarts: 0 },
		{ serving: false, restarts: 2 },
	],
	scribe: {
		queriesLogged: 7,
		queriesHeld: 1,
		queriesSlow: 2,
		queriesDisk: 3,
		queriesCrash: 4,
		dnstapSent: 11,
		dnstapHeld: 1,
		dnstapSlow: 12,
		dnstapDisconnected: 13,
		dnstapCrash: 14,
		dnstapUp: 1,
	},
};

export const EXPLANATION: Explanation = {
	name: "ads.example.org",
	blocked: true,
	answer: "zero-ip",
	rules: [
		{
			list: "malicious",
			line: 17,
			kind: "block",
			entry: "example.org",
			scope: "subtree",
			action: "zero-ip",
			important: false,
			decides: true,
		},
	],
	advice: "Put ads.example.org into blocking.allow to un-block it.",
};

export class FakeNode implements Node {
	current: NodeStatus = STATUS;
	readonly workers = [new Counters(Counters.create()), new Counters(Counters.create())] as const;

	status(): NodeStatus {
		return this.current;
	}

	counters(): readonly Counters[] {
		return this.workers;
	}

	/** What was to be flushed. */
	readonly flushed: Flush[] = [];

	async flush(flush: Flush): Promise<number> {
		this.flushed.push(flush);
		return this.flushed.length;
	}

	explain(name: string): Explanation {
		if (name.includes("..")) throw new Error(`${name} has an empty label; write example.org`);
		if (name === "fault.example.org") throw new TypeError("undefined is not a function");
		return { ...EXPLANATION, name };
	}
}
