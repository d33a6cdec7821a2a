import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";
import { BlocklistIndex } from "../../src/blocklist/index.ts";
import { HEADER_BYTES } from "../../src/blocklist/layout.ts";
import {
	readSnapshot,
	type SnapshotAbout,
	SnapshotError,
	writeSnapshot,
} from "../../src/blocklist/snapshot.ts";
import { filled, joined, verdict } from "./compiled.ts";

const ABOUT: SnapshotAbout = {
	recipe: "abc",
	compiledAt: 1_700_000_000_000,
	lists: [
		{ name: "config", rules: 0, skipped: 0, bad: 0 },
		{ name: "Größe \u{1f4e6}", format: "hosts", rules: 2, skipped: 1, bad: 3 },
	],
};
const RULES = ["||a.test^", "=b.test"];
const anew = (bytes: number) => new SharedArrayBuffer(bytes);

function written(t: Test, rules: readonly string[] = RULES): string {
	const path = join(t.testdir({}), "blocklist.snapshot");
	writeSnapshot(path, filled([{ rules }]).finish(), ABOUT);
	return path;
}

/** Why a file is refused; undefined when it is not. */
function fault(path: string): string | undefined {
	try {
		return readSnapshot(path, anew) === undefined ? "no file" : undefined;
	} catch (error) {
		if (error instanceof SnapshotError) return error.message;
		throw error;
	}
}

test("comes back as it went out", async (t) => {
	const path = written(t);
	const snapshot = readSnapshot(path, anew);
	t.same(snapshot?.about, ABOUT);
	const memory = snapshot?.memory ?? new SharedArrayBuffer(0);
	t.same(new Uint8Array(memory), new Uint8Array(joined(filled([{ rules: RULES }]).finish())));
	t.equal(verdict(new BlocklistIndex(memory), "www.a.test"), "block 0 a.test");
	t.same(readdirSync(join(path, "..")), ["blocklist.snapshot"], "nothing else is left behind");
});

test("into memory that was used before and is larger", async (t) => {
	const path = written(t);
	const region = new SharedArrayBuffer(1 << 16);
	new Uint8Array(region).fill(0xff);
	const snapshot = readSnapshot(path, () => region);
	t.equal(snapshot?.memory, region);
	const index = new BlocklistIndex(region);
	t.equal(verdict(index, "b.test"), "block 0 b.test");
	t.equal(verdict(index, "x.b.test"), "-");
});

test("more than is read at once", async (t) => {
	const path = written(
		t,
		Array.from({ length: 120_000 }, (_, i) => `||n${i}.example.test^`),
	);
	t.ok(statSync(path).size > 4 << 20);
	const index = new BlocklistIndex(readSnapshot(path, anew)?.memory ?? anew(0));
	t.equal(index.blockedNames, 120_000);
	t.equal(verdict(index, "n119999.example.test"), "block 0 n119999.example.test");
});

test("no file is no fault, an unreadable one is", async (t) => {
	const dir = t.testdir({});
	t.equal(readSnapshot(join(dir, "none"), anew), undefined);
	t.throws(() => readSnapshot(dir, anew));
});

test("every flipped bit is noticed", async (t) => {
	const path = written(t);
	const good = readFileSync(path);
	for (let at = 0; at < good.length; at++) {
		const bytes = Buffer.from(good);
		bytes[at] ^= 1 << (at % 8);
		writeFileSync(path, bytes);
		if (fault(path) === undefined) t.fail(`byte ${at} of ${good.length}`);
	}
	writeFileSync(path, good);
	t.equal(fault(path), undefined);
});

test("every length but its own is noticed", async (t) => {
	const path = written(t);
	const good = readFileSync(path);
	for (let length = 0; length < good.length; length++) {
		writeFileSync(path, good.subarray(0, length));
		if (fault(path) === undefined) t.fail(`cut to ${length} of ${good.length}`);
	}
	for (const more of [Buffer.alloc(1), Buffer.alloc(4096), good, good.subarray(-44)]) {
		writeFileSync(path, Buffer.concat([good, more]));
		t.ok(fault(path), `${more.length} bytes more`);
		writeFileSync(path, Buffer.concat([more, good]));
		t.ok(fault(path), `${more.length} bytes before it`);
	}
	writeFileSync(path, good);
	truncateSync(path, good.length - 1);
	t.equal(fault(path), "its end is missing");
});

test("what it says is wrong", async (t) => {
	const path = written(t);
	const good = readFileSync(path);
	const patched = (change: (bytes: Buffer) => void) => {
		const bytes = Buffer.from(good);
		change(bytes);
		writeFileSync(path, bytes);
		return fault(path);
	};
	t.equal(
		patched((b) => b.writeUInt32LE(99, 4)),
		"it is of another version",
	);
	t.equal(
		patched((b) => b.writeUInt32LE(0, 0)),
		"it is no compiled blocklist",
	);
	t.equal(
		patched((b) => b.writeUInt32LE(0xffff_ffff, 13 * 4)),
		"its parts do not add up to its size",
	);
	t.equal(
		patched((b) => b.writeUInt32LE(0, 13 * 4)),
		"its parts do not add up to its size",
	);
	t.equal(
		patched((b) => b.writeUInt32LE(0xffff_ffff, b.length - 44)),
		"its parts do not add up to its size",
	);
	t.equal(
		patched((b) => b.fill(0, b.length - 8)),
		"its end is missing",
	);
	t.equal(
		patched((b) => b.fill(0, HEADER_BYTES, HEADER_BYTES + 4)),
		"its checksum is wrong",
	);
	writeFileSync(path, Buffer.alloc(HEADER_BYTES));
	t.equal(fault(path), "it is too short");
	// Sizes that add up but leave no room for the header.
	t.ok(
		patched((b) => {
			const total = b.readUInt32LE(13 * 4);
			b.writeUInt32LE(8, 13 * 4);
			b.writeUInt32LE(b.readUInt32LE(b.length - 44) + total - 8, b.length - 44);
		}),
	);
});

test("the path always holds a whole snapshot: the old one or the new one", async (t) => {
	const path = written(t, ["||old.test^"]);
	// What a crash left behind neither is read nor stands in the way.
	writeFileSync(`${path}.new`, "half of one");
	t.equal(
		verdict(new BlocklistIndex(readSnapshot(path, anew)?.memory ?? anew(0)), "old.test"),
		"block 0 old.test",
	);
	const parts = filled([{ rules: ["||new.test^"] }]).finish();
	const failing = [...parts.slice(0, 2), undefined as unknown as Uint8Array];
	t.throws(() => writeSnapshot(path, failing, ABOUT));
	t.notOk(existsSync(`${path}.new`), "a write that fails takes its part away");
	t.equal(
		verdict(new BlocklistIndex(readSnapshot(path, anew)?.memory ?? anew(0)), "old.test"),
		"block 0 old.test",
	);
	writeSnapshot(path, parts, ABOUT);
	t.equal(
		verdict(new BlocklistIndex(readSnapshot(path, anew)?.memory ?? anew(0)), "new.test"),
		"block 0 new.test",
	);
	t.throws(() => writeSnapshot(join(path, "below-a-file"), parts, ABOUT), { code: "ENOTDIR" });
});
