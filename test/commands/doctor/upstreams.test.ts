import { type Test, test } from "tap";
import { judgeClients } from "../../../src/commands/doctor/clients.ts";
import { LIST_SOURCES } from "../../../src/commands/doctor/list-sources.ts";
import type { OwnAddress } from "../../../src/commands/doctor/own-addresses.ts";
import { judgeStatus, RUNNING } from "../../../src/commands/doctor/running.ts";
import { UPSTREAMS } from "../../../src/commands/doctor/upstreams.ts";
import { serveLists } from "../../feeds/list-server.ts";
import { STATUS } from "../../observe/fake-node.ts";
import { Authority } from "../../scenario/authority.ts";
import { Cordon, settings } from "../../scenario/cordon.ts";
import { type Answer, startTcp, startUdp } from "../lookup/servers.ts";
import { levels, look, patient } from "./patient.ts";

interface Shape {
	readonly rcode?: number;
	readonly edns?: boolean;
	readonly ra?: boolean;
	readonly signed?: boolean;
}

const OPT = [0, 0, 41, 4, 208, 0, 0, 0x80, 0, 0, 0];
/** Of the root, with nothing in it that anybody verifies here. */
const RRSIG = [
	0, 0, 46, 0, 1, 0, 0, 0, 60, 0, 20, 0, 2, 8, 0, 0, 0, 0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1,
];

/** Header and question of the query as an answer, with what is said behind them. */
function answering({ rcode = 0, edns = true, ra = true, signed = false }: Shape): Answer {
	return (query) => {
		let end = 12;
		while (query[end] !== 0) end += query[end] + 1;
		const head = Buffer.from(query.subarray(0, end + 5));
		head[2] = 0x81;
		head[3] = (ra ? 0x80 : 0) | rcode;
		head.writeUInt16BE(signed ? 1 : 0, 6);
		head.writeUInt16BE(0, 8);
		head.writeUInt16BE(edns ? 1 : 0, 10);
		return [Buffer.concat([head, Buffer.from(signed ? RRSIG : []), Buffer.from(edns ? OPT : [])])];
	};
}

async function upstream(t: Test, shape: Shape, tcp = true): Promise<string> {
	const udp = await startUdp(answering(shape));
	t.teardown(() => udp.close());
	if (tcp) {
		const stream = await startTcp(answering(shape), udp.port);
		t.teardown(() => stream.close());
	}
	return `127.0.0.1:${udp.port}`;
}

test("upstreams that serve, and those that do not", async (t) => {
	const ask = async (shape: Shape, more: { tcp?: boolean; config?: Record<string, unknown> } = {}) => {
		const servers = [await upstream(t, shape, more.tcp)];
		return await look(UPSTREAMS, await patient(t, { upstreams: { servers }, ...more.config }));
	};
	t.match(await ask({}), [{ level: "ok", text: /answers in \d+ ms, over UDP and TCP/ }]);
	t.match(await ask({ rcode: 5 }), [
		{ level: "fault", text: /answers REFUSED .*does not let this machine ask/ },
	]);
	t.match(await ask({ rcode: 2 }), [
		{ level: "fault", text: /answers SERVFAIL/, mend: /cordon lookup --server/ },
	]);
	t.match(await ask({ ra: false }), [{ level: "fault", text: /it is no resolver/ }]);
	t.match(await ask({ edns: false }), [{ level: "warning", text: /does not know EDNS/ }]);
	t.match(await ask({}, { tcp: false }), [{ level: "warning", text: /does not answer over TCP/ }]);
	const validate = { config: { dnssec: { validate: true } } };
	t.match(await ask({}, validate), [{ level: "fault", text: /gives no signatures/ }]);
	t.match(await ask({ signed: true }, validate), [{ level: "ok" }]);
});

test("each server of a zone is asked for the zone", async (t) => {
	const asked: string[] = [];
	const answer = answering({});
	const udp = await startUdp((query) => {
		asked.push(query.subarray(13, 13 + query[12]).toString());
		return answer(query);
	});
	t.teardown(() => udp.close());
	const zones = [{ names: ["corp.example"], servers: [`127.0.0.1:${udp.port}`] }];
	const servers = [await upstream(t, {})];
	const found = await look(UPSTREAMS, await patient(t, { upstreams: { servers, zones } }));
	t.equal(levels(found), "ok warning");
	t.same([...new Set(asked)], ["corp"]);
});

test("lists that cannot be had, by the rules of a download", async (t) => {
	const server = await serveLists(t, (request, response) => {
		if (request.url === "/gone") response.writeHead(404).end();
		else if (request.url === "/late")
			response.writeHead(200, { date: new Date(Date.now() - 3_600_000).toUTCString() }).end("x");
		else if (request.url === "/inner")
			response.writeHead(302, { location: "http://127.0.0.2/metadata" }).end();
		else response.end("bad.example\n".repeat(100_000));
	});
	const list = (name: string, path: string, allowPrivateAddress = true) => ({
		...{ name, url: `${server.url}/${path}`, allowPrivateAddress },
	});
	const lists = [
		list("fine", ""),
		list("gone", "gone"),
		list("late", "late"),
		list("inner", "inner"),
		list("own", "", false),
	];
	const found = await look(LIST_SOURCES, await patient(t, { lists }));
	t.match(found, [
		{ level: "ok", text: "1 of 5 lists can be had where they are said to be" },
		{ level: "fault", text: /list gone: .*answers 404/ },
		{ level: "fault", text: /this clock is 1 h ahead of that of the server of list late/ },
		{ level: "fault", text: /list inner: .*127\.0\.0\.2, which is not a public address/ },
		{ level: "fault", text: /list own: .*not a public address/ },
	]);
});

const address = (
	name: string,
	text: string,
	network: string,
	more: Partial<OwnAddress> = {},
): OwnAddress => ({
	...{ interface: name, address: text, network, family: 4, internal: false, ...more },
});
const MACHINE = [
	address("lo", "127.0.0.1", "127.0.0.0/8", { internal: true }),
	address("eth0", "192.168.1.2", "192.168.1.0/24"),
	address("eth1", "198.51.100.2", "198.51.100.0/24"),
	address("docker0", "172.17.0.1", "172.17.0.0/16"),
];

test("how clients reach us", async (t) => {
	const judge = async (dns: readonly string[]) =>
		judgeClients(await patient(t, { listen: { dns, admin: false } }), MACHINE);
	t.match(await judge(["127.0.0.1:53"]), [
		{
			level: "note",
			text: /only this machine itself/,
			mend: 'listen.dns: ["127.0.0.1:53", "192.168.1.2:53"]',
		},
	]);
	t.match(await judge(["0.0.0.0:53"]), [
		{ level: "ok", text: "clients can ask 192.168.1.2:53, 198.51.100.2:53" },
		{ level: "warning", text: /network of eth1 \(198\.51\.100\.0\/24\) may not ask/ },
		{ level: "note", text: /DHCP .*: 192\.168\.1\.2, 198\.51\.100\.2$/ },
	]);
	t.match(await judge(["192.168.1.2:5300"]), [
		{ level: "ok" },
		{ level: "note", text: /no address answers on port 53/ },
	]);
	t.match(await judge(["203.0.113.9:53"]), [
		{ level: "fault", text: /203\.0\.113\.9:53, which is no address of this machine/ },
		{ level: "note" },
	]);
});

test("the Cordon that runs", async (t) => {
	const authority = await Authority.start(t);
	const cordon = await Cordon.start(t, settings(authority.url));
	const admin = cordon.admin.replace("http://", "");
	const of = await patient(t, { listen: { dns: ["127.0.0.1:0"], admin } });
	t.match(await look(RUNNING, of), [{ level: "ok", text: /runs and is ready/ }]);
	cordon.child.kill("SIGTERM");
	await cordon.ended;
	t.match(await look(RUNNING, of), [{ level: "note", text: /no Cordon runs/ }]);
	t.match(judgeStatus({ ...STATUS, ready: false, waitingFor: "lists" }, "0.2.0"), [
		{ level: "warning", text: "the running Cordon is not ready: lists" },
		{ level: "warning", text: "Cordon 0.1.0 runs, and 0.2.0 is installed" },
		{ level: "warning", text: "1 of 2 workers do not answer" },
		{ level: "warning", text: /workers crashed 2 times/ },
	]);
});
