/** compose.yaml against the Compose Specification, and against what a linter knows to go wrong. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DCLinter } from "dclint";
import { type Test, test } from "tap";
import { repository } from "../bench/results.ts";
import { folder } from "../scenario/cordon.ts";

const COMPOSE = readFileSync(join(repository(), "deploy/docker/compose.yaml"), "utf8");

/** In which order keys stand is a matter of how the file is best read. */
const ORDER = ["service-keys-order", "services-alphabetical-order", "top-level-properties-order"];

interface Message {
	readonly rule: string;
	readonly message: string;
}

/** With each variable at its default, as where none is set. */
function resolved(text: string): string {
	return text.replaceAll(/\$\{[A-Z_]+:-([^}]*)\}/g, "$1");
}

function complaints(t: Test, text: string): string[] {
	const path = join(folder(t), "compose.yaml");
	writeFileSync(path, resolved(text));
	const linter = new DCLinter({
		rules: {
			...Object.fromEntries(ORDER.map((rule) => [rule, 0])),
			"require-quotes-in-ports": [2, { quoteType: "double" }],
			// A name in front and a colon behind need them in a list on one line.
			"no-quotes-in-volumes": 0,
		},
		quiet: false,
		debug: false,
		exclude: [],
	});
	const results: readonly { readonly messages: readonly Message[] }[] = linter.lintFiles([path], false);
	return results.flatMap(({ messages }) => messages.map(({ rule, message }) => `${rule}: ${message}`));
}

test("it is as the Compose Specification wants it", async (t) => {
	t.same(complaints(t, COMPOSE).toSorted(), [
		// That is how the image is called that is built.
		'no-build-and-image: Service "cordon" is using both "build" and "image". Use one of them, but not both.',
		'service-image-require-explicit-tag: Service "cordon" is using the image "cordon", which does not have a concrete version tag. Specify a concrete version tag.',
	]);
});

test("this test can fail", async (t) => {
	for (const [from, to, expected] of [
		["mem_limit: 256m", "mem_limt: 256m", /invalid-schema: .*"\/services\/cordon".*must NOT have additional/],
		["pids_limit: 128", "pids_limit: [128]", /invalid-schema: .*pids_limit/],
		["interval: 5s", "intervall: 5s", /invalid-schema: .*redis\/healthcheck".*must NOT have additional/],
		["condition: service_healthy", "condition: healthy", /invalid-schema: .*cordon\/depends_on"/],
		['"127.0.0.1:8053:8053/tcp"', '"8053:8053/tcp"', /no-unbound-port-interfaces: .*8053/],
		['"127.0.0.1:9090:9090/tcp"', '"127.0.0.1:8053:9090/tcp"', /no-duplicate-exported-ports: .*8053/],
		["redis:7.4-bookworm", "redis:latest", /service-image-require-explicit-tag: .*redis/],
	] as const) {
		t.ok(COMPOSE.includes(from), from);
		t.match(complaints(t, COMPOSE.replace(from, to)).join("\n"), expected, to);
	}
});
