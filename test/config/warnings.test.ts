/** What the operator hears of besides faults. */
import { test } from "tap";
import { configSchema } from "../../src/config/schema.ts";
import { warningsOf } from "../../src/config/warnings.ts";

const feed = { name: "feed", file: "feed.txt", to: "pool" };
const warned = (config: object) => warningsOf(configSchema.parse(config));

test("a list that goes to the pool and has no weight there", (t) => {
	t.match(warned({ lists: [feed] }), [/weight is 0: feed; give them a weight in pool\.trust\.members/]);
	t.match(warned({ lists: [feed, { ...feed, name: "other" }] }), [/: feed, other;/], "all in one sentence");
	t.same(warned({ lists: [feed], pool: { trust: { members: [{ name: "feed", weight: 0.5 }] } } }), []);
	t.same(warned({ lists: [feed], pool: { trust: { weight: 0.1 } } }), [], "strangers have one");
	t.match(warned({ lists: [feed], pool: { trust: { members: [{ name: "feed", weight: 0 }], weight: 1 } } }), [
		/: feed;/,
	]);
	t.same(warned({ lists: [{ name: "plain", file: "x" }] }), []);
	t.end();
});

test("an open resolver", (t) => {
	t.match(warned({ access: { allow: ["0.0.0.0/0"] } }), [/access\.allow lets everybody ask/]);
	t.same(warned({}), [], "as shipped");
	t.end();
});
