/** Whether upstreams answer: a real question to each, over UDP and TCP. */
import { formatHostPort } from "../../config/address.ts";
import type { UpstreamServer } from "../../config/upstream-settings.ts";
import { exchange, NoReply } from "../lookup/exchange.ts";
import { parseName } from "../lookup/name.ts";
import { buildQuery } from "../lookup/query.ts";
import { type Reply, readReply } from "../lookup/reply.ts";
import type { Transport } from "../lookup/server.ts";
import { fault, ok, type Said, warning } from "./finding.ts";
import type { Check, Patient } from "./patient.ts";

const TYPE_NS = 2;
const TYPE_SOA = 6;
const CLASS_IN = 1;
const BUFFER_BYTES = 1232;
const SLOW_MS = 500;

interface Asked {
	readonly server: UpstreamServer;
	/** The name that is asked for: the root, or a zone that it is asked about. */
	readonly name: string;
}

interface Answered {
	readonly reply: Reply;
	readonly timeMs: number;
}

async function ask(
	{ server, name }: Asked,
	transport: Transport,
	dnssec: boolean,
	timeoutMs: number,
): Promise<Answered> {
	const question = { labels: parseName(name), type: name === "." ? TYPE_NS : TYPE_SOA, class: CLASS_IN };
	const options = { bufferSize: BUFFER_BYTES, dnssec, recursive: true, checkingDisabled: false };
	const to = { transport, host: server.address, port: server.port, path: "" };
	const { message, timeMs } = await exchange(to, buildQuery(question, options), {
		timeoutMs,
		insecure: false,
	});
	return { reply: readReply(message), timeMs };
}

function judgeReply({ server, name }: Asked, { reply, timeMs }: Answered, dnssec: boolean): Said[] {
	const { status, flags, edns, sections } = reply;
	const where = server.name;
	const what = name === "." ? "the servers of the root" : `the zone ${name}`;
	if (status !== "NOERROR" && status !== "NXDOMAIN") {
		const why = status === "REFUSED" ? ": it does not let this machine ask" : "";
		return [
			fault(
				`${where} answers ${status} to a question for ${what}${why}`,
				`cordon lookup --server ${formatHostPort(server)} ${name} ${name === "." ? "NS" : "SOA"}`,
			),
		];
	}
	const said: Said[] = [];
	const forNames = `upstreams.servers: name a resolver in place of ${where}`;
	if (!flags.includes("ra") && name === ".") {
		said.push(fault(`${where} looks nothing up for others: it is no resolver (RA is clear)`, forNames));
	}
	if (edns === undefined) {
		const level = dnssec ? fault : warning;
		said.push(
			level(`${where} does not know EDNS: answers are cut at 512 bytes, and carry no signatures`, forNames),
		);
	} else if (dnssec && ![...sections.answer, ...sections.authority].some(({ type }) => type === "RRSIG")) {
		const mend =
			name === "." ? forNames : `dnssec.negativeTrustAnchors: ["${name}"], if the zone is not signed`;
		said.push(
			(name === "." ? fault : warning)(
				`${where} gives no signatures for ${what}, and dnssec.validate is on`,
				mend,
			),
		);
	}
	if (timeMs > SLOW_MS) said.push(warning(`${where} took ${Math.round(timeMs)} ms to answer`, forNames));
	return said;
}

function overTcp(server: UpstreamServer, error: NoReply): Said {
	return warning(
		`${server.name} does not answer over TCP: answers that are too large for UDP are lost: ${error.message}`,
		`let TCP to port ${server.port} out, and cordon lookup --tcp --server ${formatHostPort(server)} . NS`,
	);
}

async function examine(asked: Asked, dnssec: boolean, timeoutMs: number): Promise<Said[]> {
	const { server } = asked;
	try {
		const answered = await ask(asked, server.transport, dnssec, timeoutMs);
		const said = judgeReply(asked, answered, dnssec);
		if (server.transport === "udp") {
			await ask(asked, "tcp", dnssec, timeoutMs).catch((error: unknown) => {
				if (!(error instanceof NoReply)) throw error;
				said.push(overTcp(server, error));
			});
		}
		const round = `${Math.max(1, Math.round(answered.timeMs))} ms`;
		return said.length > 0
			? said
			: [
					ok(
						`${server.name} answers in ${round}, over ${server.transport === "udp" ? "UDP and TCP" : "TCP"}`,
					),
				];
	} catch (error) {
		if (!(error instanceof NoReply)) throw error;
		const mend = `cordon lookup --server ${formatHostPort(server)} . NS; is the network up, and may port ${server.port} go out?`;
		return [fault(error.message, mend)];
	}
}

function everybody({ settings: { upstreams } }: Patient): readonly Asked[] {
	const ofRoot = upstreams.servers.map((server): Asked => ({ server, name: "." }));
	const ofZones = upstreams.zones.flatMap(({ names, servers }) =>
		servers.map((server): Asked => ({ server, name: names[0] ?? "." })),
	);
	return [...ofRoot, ...ofZones];
}

export const UPSTREAMS: Check = {
	name: "upstreams",
	network: true,
	async look(patient) {
		const { settings, timeoutMs } = patient;
		const all = everybody(patient);
		if (all.length === 0) return [fault("no upstream is configured", "upstreams.servers: [ADDRESS]")];
		const dnssec = settings.dnssec.validate;
		// One after the other over UDP and TCP, and both have to fit.
		const said = await Promise.all(all.map((asked) => examine(asked, dnssec, timeoutMs)));
		return said.flat();
	},
};
