import { totalmem } from "node:os";
import { test } from "tap";
import { memoryLimit } from "../../src/supervisor/memory-limit.ts";

test("the container's limit when there is one, else the machine's memory", async (t) => {
	t.equal(memoryLimit(268_435_456, 1_000_000_000), 268_435_456);
	t.equal(memoryLimit(0, 1_000_000_000), 1_000_000_000, "no limit, as Node says it with control groups v2");
	t.equal(memoryLimit(2 ** 64, 1_000_000_000), 1_000_000_000, "no limit, as Node says it with v1");
	t.ok(memoryLimit() > 0 && memoryLimit() <= totalmem());
});
