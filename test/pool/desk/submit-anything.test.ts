/** Whatever a line says, it is judged, and does not touch the others. */
import fc from "fast-check";
import { test } from "tap";
import { decodeContribution } from "../../../src/pool/codec.ts";
import { isRecordKey, kindOf } from "../../../src/pool/record-key.ts";
import { about, linesOf, OPERATOR, officeIn } from "./office.ts";

const domains = fc.constantFrom(
	"a.example",
	"b.example",
	"A.Example.",
	"*.a.example",
	"192.0.2.1",
	"com",
	"",
	"\t",
	"a..b",
);

/** Nearly right, so that the faults are found one field at a time. */
const nearly = fc.record(
	{
		op: fc.oneof(fc.constantFrom("add", "withdraw"), fc.jsonValue()),
		domain: fc.oneof({ weight: 4, arbitrary: domains }, fc.jsonValue(), fc.string({ unit: "binary" })),
		category: fc.oneof({ weight: 4, arbitrary: fc.constantFrom("malware", "c2") }, fc.jsonValue()),
		scope: fc.oneof({ weight: 4, arbitrary: fc.constantFrom("exact", "subtree") }, fc.jsonValue()),
		confidence: fc.oneof(fc.integer(), fc.double(), fc.jsonValue()),
		reason: fc.oneof(fc.string({ unit: "binary" }), fc.jsonValue()),
		validUntil: fc.oneof(fc.constant("2027-02-01T00:00:00Z"), fc.string(), fc.jsonValue()),
		member: fc.oneof(fc.constantFrom("cert", "operator", "__proto__"), fc.jsonValue()),
		__proto__: fc.jsonValue(),
		constructor: fc.jsonValue(),
	},
	{ requiredKeys: ["domain", "category"] },
);

const line = fc.oneof(
	nearly,
	fc.jsonValue({ maxDepth: 4 }),
	fc.string().map((message) => new Error(message)),
	fc.anything(),
);

test("any lines at all", async (t) => {
	const office = await officeIn(t);
	const cert = await office.member("cert");
	await fc.assert(
		fc.asyncProperty(fc.array(line, { maxLength: 20 }), async (values) => {
			const batch = [...values, about("good.example")];
			const outcome = await office.submit(batch, cert);
			if (outcome.lines.length !== batch.length) return false;
			if (outcome.lines.some(({ line: number }, i) => number !== i + 1)) return false;
			const last = outcome.lines[batch.length - 1];
			if (!["added", "unchanged"].includes(last.status)) return false;
			for (const { status, reason, domain } of outcome.lines) {
				if (status === "refused" && (reason === undefined || reason.length > 4000)) return false;
				if (status !== "refused" && domain === undefined) return false;
			}
			// What is in the pool can be read by every node.
			for (const { domain, records } of office.store.replica.domains()) {
				for (const { key, value } of records) {
					if (!isRecordKey(key) || kindOf(key) !== "contribution") return false;
					const said = decodeContribution(key, value);
					if (said?.domain !== domain || said.member !== "cert") return false;
				}
			}
			return true;
		}),
		{ numRuns: 300 },
	);
	t.pass("each line was judged");
});

test("lines as hostile as JSON can make them", async (t) => {
	const office = await officeIn(t);
	const deep = JSON.parse(`${"[".repeat(50_000)}${"]".repeat(50_000)}`);
	const values = [
		deep,
		{ domain: deep, category: "malware" },
		JSON.parse('{"__proto__": {"op": "withdraw"}, "domain": "a.example", "category": "malware"}'),
		JSON.parse('{"op": "withdraw", "__proto__": 1, "domain": "a.example"}'),
		{ op: "withdraw" },
		{ op: "withdraw", domain: ["a.example"] },
		{ op: "withdraw", domain: "a\tc\toperator" },
		{ op: "withdraw", domain: "x".repeat(1_000_000) },
		{ op: deep, domain: "a.example" },
		Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, i])),
		{ domain: "a.example", category: "malware", reason: "x".repeat(1_000_000) },
		{ domain: "a.example", category: "malware", reason: "\u202egnp.exe" },
		"\ud800",
		10n,
		Symbol("s"),
		() => {},
	];
	for (const idempotencyKey of [undefined, "with a digest"]) {
		const options = idempotencyKey === undefined ? {} : { idempotencyKey };
		const outcome = await office.desk.submit(linesOf(values), OPERATOR, options);
		for (const [i, { status, reason = "" }] of outcome.lines.entries()) {
			t.equal(status, "refused", `line ${i + 1}: ${reason.slice(0, 200)}`);
			t.ok(reason.length > 0 && reason.length < 4000);
		}
	}
	t.equal(office.desk.status().contributions, 0);
});
