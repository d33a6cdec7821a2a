/** POST /api/v1/log/level. */
import { test } from "tap";
import { log } from "../../src/commands/log.ts";
import { node } from "../commands/pool-terminal.ts";
import { Printed } from "../commands/printed.ts";
import { CERT } from "./fake-desk.ts";
import { isProblem, serving } from "./pool-server.ts";

test("the level of the log is set by an admin", async (t) => {
	const { api } = await serving(t);
	const set = (body: unknown, token?: string) =>
		api("/log/level", { body, ...(token === undefined ? {} : { token }) });
	const forever = await set({ level: "debug" });
	t.match(forever, { status: 200, json: { level: "debug" } });
	t.notMatch(forever.json, { until: Number });
	t.match(await set({ level: "error", for: "10m" }), {
		status: 200,
		json: { level: "error", until: Number },
	});
	isProblem(t, await set({ level: "loud" }), 400, /one of debug, info, warn, error/);
	isProblem(t, await set({ level: "debug", for: "30d" }), 400, /at most 7d/);
	isProblem(t, await set({ level: "debug" }, CERT), 403, /cert is contributor; only an admin/);
});

test("cordon log level", async (t) => {
	const { config } = await node(t);
	const run = async (...argv: string[]) => {
		const printed = new Printed();
		const code = await log([...argv, "--config", config], { ...printed, env: {} });
		return { code, out: printed.out, err: printed.err };
	};
	t.match(await run("level", "debug"), { code: 0, out: /level debug, until it is set again or reloaded/ });
	t.match(await run("level", "warn", "--for", "10m"), {
		code: 0,
		out: /level warn, until 20\S+Z, then \w+ again/,
	});
	t.match(await run("level", "debgu"), { code: 1, err: /there is no level "debgu"; did you mean "debug"\?/ });
	t.match(await run("level"), { code: 1, err: /something is missing/ });
});
