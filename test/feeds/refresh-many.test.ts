import { readdirSync, rmSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { test } from "tap";
import { refreshLists } from "../../src/feeds/refresh.ts";
import { Shelf } from "../../src/feeds/shelf.ts";
import { serveLists } from "./list-server.ts";
import { bench, body, changing, listOf } from "./refresh-bench.ts";

test("many lists at once: bounded, in order, and none spoils another", async (t) => {
	const { shelf, options } = await bench(t);
	let [running, most] = [0, 0];
	const waiting: (() => void)[] = [];
	const answer: RequestListener = (request, response) => {
		if (request.url === "/hang-up") return request.socket.destroy();
		if (request.url === "/missing") return response.writeHead(404).end();
		running++;
		most = Math.max(most, running);
		waiting.push(() => {
			running--;
			response.end(body(4));
		});
		// Nobody is answered before three wait together: a sequential refresh would never end.
		if (waiting.length === 3) for (const go of waiting.splice(0)) go();
	};
	const server = await serveLists(t, answer);
	const paths = ["hang-up", "1", "2", "missing", "3", "4", "5", "6"];
	const lists = paths.map((path) => listOf({ name: path, url: `${server.url}/${path}` }));
	const settled: string[] = [];
	const retries: string[] = [];
	const outcomes = await refreshLists(
		lists,
		{ ...options, concurrency: 3 },
		{
			settled: (outcome) => settled.push(outcome.name),
			retry: (name, message, pauseMs) => retries.push(`${name} ${pauseMs} ${message.includes("ECONNRESET")}`),
		},
	);
	t.same(
		outcomes.map((outcome) => `${outcome.name} ${outcome.state}`),
		paths.map((path) => `${path} ${/\d/.test(path) ? "fresh" : "failed"}`),
	);
	t.same(settled.sort(), [...paths].sort());
	t.same(retries, ["hang-up 2000 true", "hang-up 4000 true"]);
	t.equal(most, 3);
	const records = readdirSync(shelf.directory).filter((file) => file.endsWith(".json"));
	t.same(records.sort(), paths.map((path) => `${path}.json`).sort(), "of each it is on record how it went");
	t.same(await refreshLists([], options), []);
});

class FaultyShelf extends Shelf {
	override keep(): Promise<never> {
		return Promise.reject(new Error("a bug"));
	}
}

test("a disk that refuses and a fault of ours end in outcomes, not in rejections", async (t) => {
	const { refresh, shelf, options } = await bench(t);
	const { server } = await changing(t);
	const list = listOf({ url: server.url });
	t.match(await refresh(list, { shelf: new FaultyShelf(shelf.directory) }), {
		state: "failed",
		reason: "internal",
		message: "list a: a bug; please report this",
	});
	rmSync(shelf.directory, { recursive: true });
	writeFileSync(shelf.directory, "a file where the shelf should be");
	const [outcome] = await refreshLists([list], options);
	t.match(outcome, { state: "failed", reason: "storage" });
	t.match(outcome?.message, /^list a: .*dataDir$/);
});
