/** The cache in the configuration: what its keys mean together with others. */
import { test } from "tap";
import { configSchema } from "../../src/config/schema.ts";
import { toSettings } from "../../src/config/settings.ts";
import { faultsOf } from "./faults-of.ts";

async function faults(config: object): Promise<string[]> {
	return (await faultsOf(JSON.stringify(config))).map(({ key, message }) => `${key} ${message}`);
}

test("a stale answer has to come before it is discarded", async (t) => {
	const late = await faults({ cache: { stale: { clientTimeout: "2s" } } });
	t.match(late, [/cache\.stale\.clientTimeout.*2s is not below access\.discardAfter \(1900ms\)/]);
	const both = { cache: { stale: { clientTimeout: "1800ms" } }, access: { discardAfter: "1s" } };
	t.match(await faults(both), [/1800ms is not below.*\(1s\)/]);
	for (const good of [
		{ cache: { stale: { clientTimeout: "2s" } }, access: { discardAfter: "0s" } },
		{ cache: { stale: { clientTimeout: "2s", maxAge: "0s" } } },
		{ cache: { stale: { clientTimeout: "2s" } }, access: { discardAfter: "2100ms" } },
		{ cache: { stale: { clientTimeout: "0s" } } },
		{ access: { discardAfter: "1s" } },
		{},
	])
		t.strictSame(await faults(good), []);
});

test("the default gives way to a short access.discardAfter", (t) => {
	const after = (access: object) => toSettings(configSchema.parse({ access }), 1).cache.staleAfterMs;
	t.equal(after({}), 1800);
	t.equal(after({ discardAfter: "50ms" }), 47.5);
	t.equal(after({ discardAfter: "0s" }), 1800);
	t.end();
});
