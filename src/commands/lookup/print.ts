/** An answer as dig prints it, as its data alone, or as JSON. */
import { isIP } from "node:net";
import { printable } from "../../observe/printable.ts";
import type { EdnsOption, ExtendedError } from "./edns.ts";
import type { Exchange } from "./exchange.ts";
import { type Reply, type ReplyRecord, SECTIONS } from "./reply.ts";
import type { Transport } from "./server.ts";

/** An answer, how it came, and what happened on the way. */
export interface Result {
	readonly reply: Reply;
	readonly exchange: Exchange;
	readonly notes: readonly string[];
	readonly when: Date;
}

const TRANSPORT_NAMES: Readonly<Record<Transport, string>> = {
	udp: "UDP",
	tcp: "TCP",
	tls: "TLS",
	https: "HTTPS",
};

/** Pads with tabs to a column, at least one, as dig does. */
function column(text: string, width: number): string {
	return text + "\t".repeat(Math.max(1, Math.ceil((width - text.length) / 8)));
}

function formatRecord(record: ReplyRecord): string {
	const owner = column(record.name, 24);
	return `${owner}${record.ttl}\t${record.class}\t${record.type}\t${record.rdata}`;
}

function formatError({ code, name, text }: ExtendedError): string {
	return `; EDE: ${code} (${name})${text === "" ? "" : `: (${text})`}`;
}

function formatOption({ name, text }: EdnsOption): string {
	return `; ${name}: ${text}`.trimEnd();
}

function formatFoot({ reply, exchange, when }: Result): string[] {
	const { server, address, timeMs } = exchange;
	const host = server.host + server.path;
	return [
		"",
		`;; Query time: ${Math.round(timeMs)} msec`,
		`;; SERVER: ${printable(address)}#${server.port}(${host}) (${TRANSPORT_NAMES[server.transport]})`,
		`;; WHEN: ${when.toISOString().replace(/\.\d+Z$/, "Z")}`,
		`;; MSG SIZE  rcvd: ${reply.size}`,
	];
}

/** Everything, in the form that dig has made everybody's. */
export function printFull(result: Result): string {
	const { reply, notes } = result;
	const { counts, edns } = reply;
	const numbers = [
		`QUERY: ${counts.question}`,
		...SECTIONS.map((name) => `${name.toUpperCase()}: ${counts[name]}`),
	];
	const lines = [
		...notes.map((note) => `;; ${note}`),
		`;; ->>HEADER<<- opcode: ${reply.opcode}, status: ${reply.status}, id: ${reply.id}`,
		`;; flags: ${reply.flags.join(" ")}; ${numbers.join(", ")}`,
		...reply.faults.map((fault) => `;; WARNING: malformed: ${fault}`),
	];
	if (reply.flags.includes("rd") && !reply.flags.includes("ra")) {
		lines.push(";; WARNING: recursion requested but not available");
	}
	if (edns !== undefined) {
		lines.push("", ";; OPT PSEUDOSECTION:");
		lines.push(
			`; EDNS: version: ${edns.version}, flags:${edns.flags.map((flag) => ` ${flag}`).join("")}; udp: ${edns.udp}`,
		);
		lines.push(...edns.options.map(formatOption), ...edns.errors.map(formatError));
	}
	if (reply.question.length > 0) {
		lines.push(edns === undefined ? "\n;; QUESTION SECTION:" : ";; QUESTION SECTION:");
		lines.push(...reply.question.map((q) => `;${column(q.name, 32)}${q.class}\t${q.type}`));
	}
	for (const section of SECTIONS) {
		const records = reply.sections[section];
		if (records.length > 0)
			lines.push("", `;; ${section.toUpperCase()} SECTION:`, ...records.map(formatRecord));
	}
	return `${[...lines, ...formatFoot(result)].join("\n")}\n`;
}

/** The data of the answer section, one record a line. */
export function printShort({ reply }: Result): string {
	return reply.sections.answer.map((record) => `${record.rdata}\n`).join("");
}

/** The whole answer as one JSON object. */
export function printJson({ reply, exchange, notes, when }: Result): string {
	const { sections, ...rest } = reply;
	const { server, address, timeMs, ignored } = exchange;
	const value = {
		...rest,
		edns: reply.edns ?? null,
		...sections,
		server: {
			transport: server.transport,
			address,
			port: server.port,
			...(isIP(server.host) === 0 ? { host: server.host } : {}),
			...(server.path === "" ? {} : { path: server.path }),
		},
		timeMs: Math.round(timeMs * 1000) / 1000,
		when: when.toISOString(),
		ignored,
		notes,
	};
	return `${JSON.stringify(value, null, "\t")}\n`;
}
