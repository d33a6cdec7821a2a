/** An open resolver is used to attack others: the operator hears of it. */
import { test } from "tap";
import { openResolverWarning } from "../../src/config/open-resolver.ts";
import { configSchema } from "../../src/config/schema.ts";

const isOpen = (access: object) => openResolverWarning(configSchema.parse({ access })) !== undefined;

test("everybody may ask, and no rate is limited", (t) => {
	for (const allow of [
		["0.0.0.0/0"],
		["::/0"],
		["0.0.0.0/1", "128.0.0.0/1"],
		["2000::/3"],
		["64.0.0.0/2", "128.0.0.0/2"],
	])
		t.equal(isOpen({ allow }), true, allow.join());
	t.match(
		openResolverWarning(configSchema.parse({ access: { allow: ["0.0.0.0/0"] } })),
		/access\.allow.*access\.rateLimit/,
	);
	t.end();
});

test("some may ask, or a rate is limited", (t) => {
	t.equal(isOpen({}), false, "as shipped");
	const many = Array.from({ length: 200 }, (_, i) => `10.${i}.0.0/16`);
	t.equal(isOpen({ allow: many }), false);
	t.equal(isOpen({ allow: ["64.0.0.0/2", "64.0.0.0/3", "96.0.0.0/3"] }), false, "nested prefixes count once");
	const allow = ["0.0.0.0/0", "::/0"];
	t.equal(isOpen({ allow, rateLimit: { queriesPerSecond: 100 } }), false);
	t.equal(isOpen({ allow, responseRateLimit: { responsesPerSecond: 10 } }), false);
	t.equal(
		isOpen({ allow, rateLimit: { queriesPerSecond: 100, logOnly: true } }),
		true,
		"log-only limits nobody",
	);
	t.equal(
		isOpen({ allow, responseRateLimit: { errorsPerSecond: 10 } }),
		true,
		"what amplifies is not limited",
	);
	t.end();
});
