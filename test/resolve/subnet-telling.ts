/** Client subnets (RFC 7871) in queries and answers, for tests. */
import type { Test } from "tap";
import type { Handler } from "../upstream/server.ts";
import { type Arrival, startServer } from "../upstream/server.ts";
import { a, opt, option, query, questionEnd, reply } from "../wire/message.ts";
import { type Options, type Outcome, startResolver } from "./resolving.ts";

const SUBNET = 8;

/** The option's data: `192.0.2.0/24`, or with a scope `192.0.2.0/24/16`. Only as many bytes as the prefix has. */
export function subnet(text: string): Buffer {
	const [address = "", source = "0", scope = "0"] = text.split("/");
	const family = address.includes(":") ? 2 : 1;
	const size = Math.ceil(Number(source) / 8);
	return Buffer.concat([
		Buffer.of(0, family, Number(source), Number(scope)),
		bytesOf(address).subarray(0, size),
	]);
}

function bytesOf(address: string): Buffer {
	if (!address.includes(":")) return Buffer.from(address.split(".").map(Number));
	const [head = "", tail = ""] = address.split("::");
	const words = (text: string) =>
		text === "" ? [] : text.split(":").map((word) => Number.parseInt(word, 16));
	const front = words(head);
	const back = words(tail);
	const all = [...front, ...new Array<number>(8 - front.length - back.length).fill(0), ...back];
	return Buffer.from(all.flatMap((word) => [word >> 8, word & 255]));
}

/** As `subnet` writes it. */
function textOf(data: Buffer): string {
	const bytes = Buffer.alloc(16);
	data.copy(bytes, 0, 4);
	const [source, scope] = [data.readUInt8(2), data.readUInt8(3)];
	const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16));
	const address =
		data.readUInt16BE(0) === 2
			? groups.join(":").replace(/(^0|(?:^|:)0)(:0)*$/, "::")
			: bytes.subarray(0, 4).join(".");
	return `${address}/${source}${scope === 0 ? "" : `/${scope}`}`;
}

/** The subnet in the query that reached an upstream. */
export function told({ query: asked }: Arrival): string | undefined {
	const options = asked.subarray(questionEnd(asked) + 11);
	for (let at = 0; at + 4 <= options.length; ) {
		const end = at + 4 + options.readUInt16BE(at + 2);
		if (options.readUInt16BE(at) === SUBNET) return textOf(options.subarray(at + 4, end));
		at = end;
	}
	return undefined;
}

/** The subnet in an answer. */
export function echoed(outcome: Outcome | undefined): string | undefined {
	const found = outcome?.edns?.options?.find(([code]) => code === SUBNET);
	return found === undefined ? undefined : textOf(found[1]);
}

/** A query with a subnet, written as `subnet` takes it, or with the option's data. */
export function tailored(name: string, data: string | Buffer): Buffer {
	return query(name, {
		edns: { options: option(SUBNET, typeof data === "string" ? subnet(data) : data) },
	});
}

/** An answer with the subnet that was asked with and this scope. */
export function scoped({ query: asked }: Arrival, text: string, address: string, type = 1): Buffer {
	return reply(asked, {
		answer: type === 1 ? [a(address)] : [],
		additional: [opt({ options: option(SUBNET, subnet(text)) })],
	});
}

/** Answers with scope `scope`, and an address that tells which question it was: 192.0.2.1, 192.0.2.2, … */
export function numbering(scope: number): Handler {
	return (arrival, number) => {
		const own = told(arrival);
		const address = `192.0.2.${number + 1}`;
		return own === undefined
			? reply(arrival.query, { answer: [a(address)] })
			: scoped(arrival, `${own}/${scope}`, address);
	};
}

export async function startTelling(
	t: Test,
	handler: Handler,
	clientSubnet: object = { mode: "forward" },
	options: Options = {},
) {
	const upstream = await startServer(t, handler);
	const resolver = await startResolver(t, {
		upstreams: [upstream.port],
		config: { upstreams: { clientSubnet, cookies: false }, access: { allow: ["0.0.0.0/0", "::/0"] } },
		...options,
	});
	/** The last byte of the address in the answer, and where it came from. */
	const ask = async (bytes: Buffer, from = "127.0.0.1") => {
		const outcome = await resolver.ask(bytes, { from });
		return [outcome?.via, outcome?.answer[0]?.data[3], echoed(outcome)] as const;
	};
	return { upstream, resolver, ask };
}
