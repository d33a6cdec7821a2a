/** Messages as they are encoded, taken apart by a decoder of the test's own and by dnstap-ldns. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { DnstapEncoder, MESSAGE_TYPE, type Sighting } from "../../../src/scribe/dnstap/message.ts";
import { makeReply } from "../../commands/lookup/messages.ts";
import { a } from "../../scenario/authority.ts";
import { folder, run } from "../../scenario/cordon.ts";
import { question } from "../../scenario/message.ts";
import { decodeDnstap } from "./decoded.ts";
import { START, STOP } from "./receiver.ts";

const NOTHING = new Uint8Array(0);
const V6 = Buffer.from("20010db8000000000000000000000001", "hex");

function sighting(bytes: Buffer, over: Partial<Sighting> = {}): Sighting {
	return {
		type: MESSAGE_TYPE.clientQuery,
		family: 4,
		isTcp: false,
		queryAddress: Buffer.of(192, 0, 2, 1),
		queryPort: 40_000,
		responseAddress: Buffer.of(192, 0, 2, 53),
		responsePort: 53,
		queryTime: 1_764_383_400_123.5,
		responseTime: 0,
		bytes,
		start: 0,
		end: bytes.length,
		...over,
	};
}

function encoded(seen: Sighting, identity = "node1.example", version = "cordon 1.2.3"): Buffer {
	const encoder = new DnstapEncoder(Buffer.from(identity), Buffer.from(version));
	encoder.encode(seen);
	return Buffer.from(encoder.bytes.subarray(encoder.start));
}

test("a query", async (t) => {
	const query = question("www.example.org", 1, 1232);
	t.match(decodeDnstap(encoded(sighting(query))), {
		identity: "node1.example",
		version: "cordon 1.2.3",
		type: "CQ",
		family: 4,
		protocol: "udp",
		queryAddress: Buffer.of(192, 0, 2, 1),
		queryPort: 40_000,
		responseAddress: Buffer.of(192, 0, 2, 53),
		responsePort: 53,
		queryTime: 1_764_383_400.1235,
		query,
		responseTime: undefined,
		response: undefined,
		policy: undefined,
	});
});

test("a response, with what was decided", async (t) => {
	const response = makeReply(question("bad.example", 28), {});
	const around = Buffer.concat([Buffer.alloc(7, 255), response, Buffer.alloc(9, 255)]);
	const policy = {
		type: Buffer.from("cordon"),
		rule: Buffer.from("list ü"),
		action: 1,
		match: 1,
		value: Buffer.from("\x03bad\x07example\0", "latin1"),
	};
	const seen = decodeDnstap(
		encoded(
			sighting(around, {
				type: MESSAGE_TYPE.forwarderResponse,
				family: 6,
				isTcp: true,
				queryAddress: V6,
				responseAddress: NOTHING,
				responsePort: 0,
				responseTime: 1_764_383_401_000,
				start: 7,
				end: 7 + response.length,
				policy,
			}),
			"",
		),
	);
	t.equal(seen.identity, undefined, "an empty identity is left out");
	t.match(seen, { type: "FR", family: 6, protocol: "tcp", queryAddress: V6 });
	t.equal(seen.responseAddress, undefined);
	t.equal(seen.responsePort, undefined);
	t.equal(seen.query, undefined);
	t.strictSame(seen.response, response);
	t.equal(seen.responseTime, 1_764_383_401);
	t.match(seen.policy, {
		type: "cordon",
		rule: "list ü",
		action: 1,
		match: 1,
		value: Buffer.from("\x03bad\x07example\0", "latin1"),
	});
});

test("numbers of every length, and fractions of a second up to the last", async (t) => {
	for (const length of [0, 12, 127, 128, 129, 16_383, 16_384, 65_535]) {
		const bytes = Buffer.alloc(length, 7);
		const seen = decodeDnstap(encoded(sighting(bytes)));
		t.strictSame(seen.query, bytes, `${length} bytes`);
	}
	for (const port of [1, 127, 128, 16_384, 65_535])
		t.equal(decodeDnstap(encoded(sighting(Buffer.alloc(12), { queryPort: port }))).queryPort, port);
	for (const time of [1, 999.9999999, 1_764_383_400_999.9998, 4_398_046_511_104_999]) {
		const seconds = decodeDnstap(encoded(sighting(Buffer.alloc(12), { queryTime: time }))).queryTime ?? 0;
		t.ok(
			Math.abs(seconds * 1000 - time) < 0.001 || Math.abs(seconds * 1000 - time) / time < 1e-15,
			`${time} ms`,
		);
	}
});

test("dnstap-ldns reads them", async (t) => {
	const query = question("www.example.org", 1, 1232);
	const response = makeReply(query, { answer: [a("192.0.2.7")] });
	const messages = [
		encoded(sighting(query)),
		encoded(
			sighting(response, {
				type: MESSAGE_TYPE.clientResponse,
				responseTime: 1_764_383_400_124,
				isTcp: true,
				family: 6,
				queryAddress: V6,
				responseAddress: V6,
				policy: { type: Buffer.from("cordon"), rule: Buffer.from("x"), action: 1, match: 1, value: NOTHING },
			}),
		),
		encoded(sighting(query, { type: MESSAGE_TYPE.forwarderQuery, queryAddress: NOTHING })),
	];
	const path = join(folder(t), "messages.fstrm");
	const framed = messages.flatMap((message) => {
		const length = Buffer.alloc(4);
		length.writeUInt32BE(message.length);
		return [length, message];
	});
	writeFileSync(path, Buffer.concat([START, ...framed, STOP]));

	const { code, stdout, stderr } = await run("dnstap-ldns", ["-r", path, "-y"]);
	t.equal(code, 0, stderr);
	const [, first = "", second = "", third = ""] = stdout.split(/^type: MESSAGE$/m);
	t.match(first, /identity: "node1\.example"\nversion: "cordon 1\.2\.3"/);
	t.match(first, /type: CLIENT_QUERY\n {2}query_time: !!timestamp 2025-11-29 02:30:00\.123\d*\n/);
	t.match(first, /socket_family: INET\n {2}socket_protocol: UDP\n/);
	t.match(
		first,
		/query_address: "?192\.0\.2\.1"?\n {2}response_address: "?192\.0\.2\.53"?\n {2}query_port: 40000\n/,
	);
	t.match(first, /;; QUESTION SECTION:\n\s*;www\.example\.org\.\s+IN\s+A/);
	t.match(second, /type: CLIENT_RESPONSE/);
	t.match(second, /response_time: !!timestamp 2025-11-29 02:30:00\.124/);
	t.match(second, /socket_family: INET6\n {2}socket_protocol: TCP\n/);
	t.match(second, /query_address: "2001:db8::1"/);
	t.match(second, /www\.example\.org\.\s+300\s+IN\s+A\s+192\.0\.2\.7/);
	t.match(third, /type: FORWARDER_QUERY/);
});
