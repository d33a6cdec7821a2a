/** The section log.dnstap. */
import { hostname } from "node:os";
import { test } from "tap";
import { formatDnstapAddress, parseDnstapAddress } from "../../src/config/address.ts";
import { parseConfig } from "../../src/config/load.ts";
import { toSettings } from "../../src/config/settings.ts";
import { faultsOf } from "./faults-of.ts";

async function read(dnstap: object) {
	const config = await parseConfig(JSON.stringify({ log: { dnstap } }), "/etc/cordon/cordon.yaml", {
		machineAddresses: [],
	});
	return toSettings(config).log.dnstap;
}

async function faults(dnstap: object): Promise<string[]> {
	return (await faultsOf(JSON.stringify({ log: { dnstap } }))).map(({ key, message }) => `${key} ${message}`);
}

test("off by default", async (t) => {
	t.equal(await read({}), undefined);
	t.equal(await read({ to: "off", sample: 3 }), undefined);
});

test("a receiver alone: everything, with our own name", async (t) => {
	t.strictSame(await read({ to: "unix:/run/dnstap.sock" }), {
		to: { path: "/run/dnstap.sock" },
		messages: ["client-query", "client-response", "forwarder-query", "forwarder-response"],
		vias: 255,
		sample: 1,
		identity: hostname(),
		version: undefined,
		bufferBytes: 4 << 20,
	});
});

test("all of it", async (t) => {
	t.match(
		await read({
			to: "[2001:db8::1]:6000",
			messages: ["client-response"],
			only: ["blocked", "stale"],
			sample: 100,
			identity: "",
			version: "x",
			buffer: "1MiB",
		}),
		{
			to: { host: "2001:db8::1", port: 6000 },
			messages: ["client-response"],
			vias: 0b101,
			sample: 100,
			identity: "",
			version: "x",
			bufferBytes: 1 << 20,
		},
	);
});

test("addresses of receivers", async (t) => {
	for (const text of ["unix:/a", "192.0.2.1:6000", "[2001:db8::1]:6000", "collector.example.net:6000"]) {
		const address = parseDnstapAddress(text);
		t.not(address, undefined, text);
		if (address !== undefined) t.equal(formatDnstapAddress(address), text);
	}
	const bad = [
		"",
		"unix:",
		"unix:relative",
		"unix:/",
		"/run/dnstap.sock",
		"collector.example.net",
		"192.0.2.1",
		"192.0.2.1:0",
		"192.0.2.1:65536",
		"tcp://192.0.2.1:6000",
		`unix:/${"x".repeat(107)}`,
		"unix:/a\0b",
	];
	for (const text of bad) t.equal(parseDnstapAddress(text), undefined, JSON.stringify(text));
	t.match(await faults({ to: "192.0.2.1" }), [
		/^log\.dnstap\.to must be off, unix:\/PATH of at most 107 bytes, or HOST:PORT/,
	]);
});

test("only needs responses to clients, and nothing else", async (t) => {
	const why = [
		/^log\.dnstap\.only chooses among responses to clients: set log\.dnstap\.messages to \[client-response\]/,
	];
	const to = "unix:/run/dnstap.sock";
	t.match(await faults({ to, only: ["blocked"] }), why);
	t.match(await faults({ to, only: ["blocked"], messages: ["client-response", "client-query"] }), why);
	t.strictSame(await faults({ to, only: ["blocked"], messages: ["client-response"] }), []);
	t.strictSame(await faults({ to, only: [], messages: ["client-query"] }), []);
});
