import { test } from "tap";
import { parseDuration, parseSize } from "../../src/config/units.ts";
import { faultsOf } from "./faults-of.ts";

test("durations", async (t) => {
	const table: readonly [text: string, seconds: number | undefined][] = [
		["0s", 0],
		["500ms", 0.5],
		["30s", 30],
		["1.5h", 5400],
		["6 h", 21_600],
		["1d", 86_400],
		["2w", 1_209_600],
		[" 30s ", 30],
		["30", undefined],
		["s", undefined],
		["-1s", undefined],
		["+1s", undefined],
		["1e3s", undefined],
		["1S", undefined],
		["1s2s", undefined],
		[".5s", undefined],
		["1.s", undefined],
		["1constructor", undefined],
		["", undefined],
	];
	for (const [text, seconds] of table) t.equal(parseDuration(text), seconds, text);
});

test("sizes", async (t) => {
	const table: readonly [text: string, bytes: number | undefined][] = [
		["0B", 0],
		["1KiB", 1024],
		["1.5KiB", 1536],
		["64MiB", 67_108_864],
		["64 MB", 64_000_000],
		["2GiB", 2_147_483_648],
		["64", undefined],
		["64M", undefined],
		["64mib", undefined],
		["-1MiB", undefined],
	];
	for (const [text, bytes] of table) t.equal(parseSize(text), bytes, text);
});

test("both ends of a range are in it", async (t) => {
	const table: readonly [text: string, right: boolean][] = [
		["upstreams: { timeout: 50ms }", true],
		["upstreams: { timeout: 49ms }", false],
		["upstreams: { timeout: 30s }", true],
		["upstreams: { timeout: 30.001s }", false],
		["upstreams: { timeout: 99999999999999999999999999s }", false],
		[`upstreams: { timeout: ${"9".repeat(400)}s }`, false],
		["upstreams: { timeout: 1500 }", false],
		["blocking: { ttl: 0s }", true],
		["cache: { size: 1MiB }", true],
		["cache: { size: 1048575B }", false],
		["cache: { size: 64GiB }", true],
		["cache: { size: 65GiB }", false],
	];
	for (const [text, right] of table) t.equal((await faultsOf(text)).length === 0, right, text);
});
