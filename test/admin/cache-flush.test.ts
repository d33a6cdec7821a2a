/** POST /api/v1/cache/flush. */
import { test } from "tap";
import { nameFromText } from "../../src/wire/name.ts";
import { CERT } from "./fake-desk.ts";
import { isProblem, serving } from "./pool-server.ts";

test("the cache is flushed by an admin, of a name, a subtree or all", async (t) => {
	const { api, node } = await serving(t);
	const flush = (body: unknown, token?: string) =>
		api("/cache/flush", { body, ...(token === undefined ? {} : { token }) });
	t.match(await flush({ name: "WWW.Example.org." }), { status: 200, json: { forgotten: 1 } });
	t.match(await flush({ name: "example.org", scope: "subtree" }), { status: 200 });
	t.match(await flush({ scope: "all" }), { status: 200 });
	t.strictSame(node.flushed, [
		{ name: nameFromText("www.example.org"), subtree: false },
		{ name: nameFromText("example.org"), subtree: true },
		{ name: undefined, subtree: false },
	]);
	isProblem(t, await flush({}), 400, /which name\?.*subtree.*all/);
	isProblem(t, await flush({ scope: "all", name: "example.org" }), 400, /takes no name/);
	isProblem(t, await flush({ name: "exa mple.org" }), 400, /no domain name/);
	isProblem(t, await flush({ name: "example.org", scope: "some" }), 400, /exact, subtree, all/);
	isProblem(t, await flush({ scope: "all" }, CERT), 403, /cert is contributor; only an admin/);
	t.equal(node.flushed.length, 3);
});
