/** Nodes that are killed in the middle of it. */
import { test } from "tap";
import { until } from "../pool/redis/until.ts";
import {
	allShow,
	BLOCKED,
	community,
	drafts,
	equal,
	LONG_MS,
	level,
	names,
	type PoolNode,
} from "./pool-node.ts";

const MANY = 10_000;
const over = { pool: { limits: { freeChanges: 100_000 } } };

async function counts(node: PoolNode): Promise<number> {
	return Number((await node.must("GET", "/pool")).contributions);
}

/** Waits until the node has some of the burst. */
async function begun(node: PoolNode): Promise<void> {
	await until("the burst to arrive", async () => (await counts(node)) > 0);
}

test("a node that is killed while a burst comes in is level after its restart", async (t) => {
	const { nodes, cert } = await community(t, { over });
	const [first, second, third] = nodes;
	const domains = names("burst", MANY);
	const sent = first.must("POST", "/contributions", { token: cert, lines: drafts(domains) });
	await begun(third);
	await third.cordon.stop("SIGKILL");
	t.match(await sent, { status: "applied", counts: { added: MANY } });
	const again = await third.again(t);
	const all = [first, second, again];
	await level(all);
	for (const node of all) t.equal(await counts(node), MANY);
	await allShow(all, domains[MANY - 1], BLOCKED);
	for (let i = 0; i < MANY; i += 100) t.equal(await again.seen(domains[i]), BLOCKED);
	await equal(t, all);
});

test("a node that is killed while it writes a burst leaves it whole or not at all, and it can be sent again", async (t) => {
	const { nodes, cert } = await community(t, { over });
	const [first, second, third] = nodes;
	const domains = names("burst", MANY);
	const options = { token: cert, lines: drafts(domains), headers: { "idempotency-key": "burst" } };
	const sent = first.must("POST", "/contributions", options).then(
		() => "answered",
		() => "cut off",
	);
	await begun(third);
	await first.cordon.stop("SIGKILL");
	t.comment(await sent);
	await second.must("POST", "/contributions", options);
	const again = await first.again(t);
	const all = [again, second, third];
	for (const node of all) {
		await until("all of it to be there", async () => (await counts(node)) === MANY, LONG_MS);
	}
	await level(all);
	await allShow(all, domains[MANY - 1], BLOCKED);
	for (const node of all) for (let i = 0; i < MANY; i += 100) t.equal(await node.seen(domains[i]), BLOCKED);
	await equal(t, all);
});
