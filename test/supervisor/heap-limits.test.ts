import { test } from "tap";
import { heapLimits } from "../../src/supervisor/heap-limits.ts";

const MIB = 2 ** 20;

test("without a container's limit a worker's heap has room for its cache", (t) => {
	for (const none of [0, 2 ** 64])
		t.equal(heapLimits(32 * MIB, none).maxOldGenerationSizeMb, 384, `none, told as ${none}`);
	t.equal(heapLimits(1024 * MIB, 0).maxOldGenerationSizeMb, 256 + 4096);
	t.end();
});

test("in a small container half of its memory is the limit, and never less than code and cache need", (t) => {
	t.equal(heapLimits(16 * MIB, 256 * MIB).maxOldGenerationSizeMb, 128);
	t.equal(heapLimits(64 * MIB, 256 * MIB).maxOldGenerationSizeMb, 160);
	t.equal(heapLimits(16 * MIB, 128 * MIB).maxOldGenerationSizeMb, 112);
	t.equal(heapLimits(32 * MIB, 8192 * MIB).maxOldGenerationSizeMb, 384, "a large container is no limit");
	t.end();
});
