import { request as httpRequest, type IncomingMessage } from "node:http";
import { type Test, test } from "tap";
import type { Contribution } from "../../src/pool/contribution.ts";
import { PoolUnavailable } from "../../src/pool/store.ts";
import { ADMIN, type FakeDesk } from "./fake-desk.ts";
import { serving, until } from "./pool-server.ts";

function exporting(t: Test, port: number): Promise<IncomingMessage> {
	return new Promise((resolve, reject) => {
		const request = httpRequest(
			{
				...{ host: "127.0.0.1", port, path: "/api/v1/contributions/export", agent: false },
				headers: { authorization: `Bearer ${ADMIN}` },
			},
			resolve,
		);
		request.on("error", reject).end();
		t.teardown(() => request.destroy());
	});
}

/** A pool that never ends, or ends in a fault. */
function endless(desk: FakeDesk, fault?: { readonly after: number; readonly error: Error }) {
	const state = { given: 0, ended: false };
	desk.export = async function* () {
		try {
			for (; ; state.given++) {
				if (fault !== undefined && state.given === fault.after) throw fault.error;
				if (state.given % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
				yield { domain: `d${state.given}.example`, reason: "r".repeat(200) } as Contribution;
			}
		} finally {
			state.ended = true;
		}
	};
	return state;
}

test("no more is read from the pool than the client takes; one that goes away ends it", async (t) => {
	const { port, desk } = await serving(t);
	const state = endless(desk);
	const response = await exporting(t, port);
	response.once("data", () => response.pause());
	let before = -1;
	await until(() => {
		const stands = state.given === before && state.given > 0;
		before = state.given;
		return stands;
	}, "the pool is read no further");
	t.notOk(state.ended);
	response.on("error", () => {});
	response.destroy();
	await until(() => state.ended, "the reading of the pool is ended");
});

test("what fails at once is answered; what fails later breaks the answer off", async (t) => {
	const { port, desk, lines } = await serving(t);
	endless(desk, { after: 0, error: new PoolUnavailable("the store is gone") });
	const refused = await exporting(t, port);
	t.equal(refused.statusCode, 503);
	refused.resume();
	endless(desk, { after: 5000, error: new Error("the replica is broken") });
	const broken = await exporting(t, port);
	t.equal(broken.statusCode, 200);
	await t.rejects(
		(async () => {
			for await (const chunk of broken) t.ok(chunk);
		})(),
		{ code: "ECONNRESET" },
		"nobody takes the half for the whole",
	);
	await until(() => lines.some((line) => /the replica is broken/.test(line)), "the log says why");
});
