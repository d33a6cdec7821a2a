/** Messages as they are encoded, taken apart by a decoder of the test's own and by dnstap-ldns. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { WIRE_TYPE } from "../../../src/observe/record.ts";
import { DnstapEncoder, type Sighting } from "../../../src/scribe/dnstap/message.ts";
import { makeReply } from "../../commands/lookup/messages.ts";
import { a } from "../../scenario/authority.ts";
import { folder, run } from "../../scenario/cordon.ts";
import { question } from "../../scenario/message.ts";
import { decodeDnstap } from "./decoded.ts";
import { START, STOP } from "./receiver.ts";

const ASKER_AT = 8;
const ANSWERER_AT = 24;
const MESSAGE_AT = 40;
const V4 = [Buffer.of(192, 0, 2, 1), Buffer.of(192, 0, 2, 53)] as const;
const V6 = [
	Buffer.from("20010db8000000000000000000000001", "hex"),
	Buffer.from("20010db8000000000000000000000053", "hex"),
] as const;

/** The addresses, the message, and something else behind it. */
function sighting(message: Buffer, over: Partial<Sighting> = {}, addresses: typeof V4 = V4): Sighting {
	const bytes = Buffer.alloc(MESSAGE_AT + message.length + 9, 255);
	bytes.set(addresses[0], ASKER_AT);
	bytes.set(addresses[1], ANSWERER_AT);
	bytes.set(message, MESSAGE_AT);
	return {
		type: WIRE_TYPE.clientQuery,
		isTcp: false,
		bytes,
		addressLength: addresses[0].length,
		queryAddressAt: ASKER_AT,
		queryPort: 40_000,
		responseAddressAt: ANSWERER_AT,
		responsePort: 53,
		queryTime: 1_764_383_400_123.5,
		responseTime: 0,
		start: MESSAGE_AT,
		end: MESSAGE_AT + message.length,
		policy: undefined,
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
	const policy = {
		type: Buffer.from("cordon"),
		rule: Buffer.from("list ü"),
		action: 1,
		match: 1,
		valueAt: MESSAGE_AT + 12,
		valueEnd: MESSAGE_AT + 12 + 13,
	};
	const seen = decodeDnstap(
		encoded(
			sighting(
				response,
				{
					type: WIRE_TYPE.forwarderResponse,
					isTcp: true,
					responseAddressAt: 0,
					responsePort: 0,
					responseTime: 1_764_383_401_000,
					policy,
				},
				V6,
			),
			"",
		),
	);
	t.equal(seen.identity, undefined, "an empty identity is left out");
	t.match(seen, { type: "FR", family: 6, protocol: "tcp", queryAddress: V6[0] });
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
			sighting(
				response,
				{
					type: WIRE_TYPE.clientResponse,
					responseTime: 1_764_383_400_124,
					isTcp: true,
					policy: {
						type: Buffer.from("cordon"),
						rule: Buffer.from("x"),
						action: 1,
						match: 0,
						valueAt: 0,
						valueEnd: 0,
					},
				},
				V6,
			),
		),
		encoded(sighting(query, { type: WIRE_TYPE.forwarderQuery, queryAddressAt: 0 })),
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
