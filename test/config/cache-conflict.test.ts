/** The cache in the configuration: what its keys mean together with others. */
import { test } from "tap";
import { faultsOf } from "./faults-of.ts";

async function faults(config: object): Promise<string[]> {
	return (await faultsOf(JSON.stringify(config))).map(({ key, message }) => `${key} ${message}`);
}

test("a stale answer has to come before it is discarded", async (t) => {
	const late = await faults({ cache: { stale: { clientTimeout: "2s" } } });
	t.match(late, [/cache\.stale\.clientTimeout.*2s is not below access\.discardAfter \(1900ms\)/]);
	t.match(await faults({ access: { discardAfter: "1s" } }), [/1800ms is not below.*\(1s\)/]);
	for (const good of [
		{ cache: { stale: { clientTimeout: "2s" } }, access: { discardAfter: "0s" } },
		{ cache: { stale: { clientTimeout: "2s", maxAge: "0s" } } },
		{ cache: { stale: { clientTimeout: "2s" } }, access: { discardAfter: "2100ms" } },
		{ cache: { stale: { clientTimeout: "0s" } } },
		{},
	])
		t.strictSame(await faults(good), []);
});
