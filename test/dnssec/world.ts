/** A tree of test zones, and a resolver that answers from them as one that does not validate would. */
import type { Test } from "tap";
import { type Options, startResolver, type TestResolver } from "../resolve/resolving.ts";
import { type Arrival, startServer, type UpstreamServer } from "../upstream/server.ts";
import { decodeName } from "../wire/decoded.ts";
import { QR, RA, RD, reply, TC, wire } from "../wire/message.ts";
import { isUnder, labelsOf, parent, type Rec, T, Zone, type ZoneOptions } from "./zone.ts";

export interface Found {
	readonly rcode: number;
	readonly answer: readonly Rec[];
	readonly authority: readonly Rec[];
}

export interface Asked {
	readonly name: string;
	readonly type: number;
}

/** Changes what is answered; undefined: stays silent. */
export type Tamper = (found: Found, asked: Asked) => Found | undefined;

const UDP_MOST = 1232;
const NXDOMAIN = 3;

export class World {
	readonly zones: Zone[] = [];
	tamper: Tamper = (found) => found;

	constructor(...zones: readonly Zone[]) {
		this.zones.push(...zones);
	}

	get root(): Zone {
		return this.zone("");
	}

	zone(name: string): Zone {
		const found = this.zones.find((zone) => zone.name === name);
		if (found === undefined) throw new Error(`no zone ${name}`);
		return found;
	}

	/** The zone that knows a name; the DS of a zone is its parent's. */
	#zoneFor(name: string, type: number): Zone {
		const place = type === T.DS && name !== "" ? parent(name) : name;
		const above = this.zones.filter((zone) => isUnder(place, zone.name));
		return above.reduce((a, b) => (labelsOf(b.name).length > labelsOf(a.name).length ? b : a));
	}

	resolve({ name, type }: Asked): Found {
		const answer: Rec[] = [];
		const authority: Rec[] = [];
		let at = name;
		for (let i = 0; i < 20; i++) {
			const zone = this.#zoneFor(at, type);
			const found = lookUp(zone, at, type);
			answer.push(...found.answer);
			authority.push(...found.authority);
			if (found.target === undefined) return { rcode: found.rcode, answer, authority };
			at = found.target;
		}
		return { rcode: 2, answer: [], authority: [] };
	}

	/** The answer to a query in bytes. */
	answer({ query, transport }: Pick<Arrival, "query" | "transport">): Buffer | undefined {
		const [text, end] = decodeName(query, 12);
		const asked = { name: text.toLowerCase(), type: query.readUInt16BE(end) };
		const found = this.tamper(this.resolve(asked), asked);
		if (found === undefined) return undefined;
		const isWanted = (query[end + 11] & 0x80) !== 0;
		const records = (all: readonly Rec[]) =>
			all
				.filter(({ type }) => isWanted || type === asked.type || !isOfDnssec(type))
				.filter((one, i, list) => list.findIndex((other) => isSame(one, other)) === i)
				.map(({ name, ...rest }) => ({ ...rest, name: wire(name) }));
		const bytes = reply(query, {
			flags: QR | RA | RD | found.rcode,
			answer: records(found.answer),
			authority: records(found.authority),
		});
		return transport === "udp" && bytes.length > UDP_MOST
			? reply(query, { flags: QR | RA | RD | TC })
			: bytes;
	}

	serve(t: Test): Promise<UpstreamServer> {
		return startServer(t, (arrival) => this.answer(arrival));
	}
}

function isOfDnssec(type: number): boolean {
	return type === T.RRSIG || type === T.NSEC || type === T.NSEC3;
}

function isSame(a: Rec, b: Rec): boolean {
	return a.name === b.name && a.type === b.type && a.data.equals(b.data);
}

interface Step extends Found {
	readonly target?: string;
}

function lookUp(zone: Zone, name: string, type: number): Step {
	const soa = zone.records(zone.name, T.SOA);
	const proofs = (...names: readonly string[]) =>
		zone.isSigned ? [...soa, ...names.flatMap((one) => zone.denial(one))] : soa;
	const dname = above(zone, name).find((own) => zone.typesAt(own).includes(T.DNAME));
	if (dname !== undefined && dname !== name) {
		const records = zone.records(dname, T.DNAME);
		const target = decodeName(records[0].data, 0)[0];
		const to = [...labelsOf(name.slice(0, name.length - dname.length)), ...labelsOf(target)].join(".");
		const made = { name, type: T.CNAME, ttl: records[0].ttl, data: wire(to) };
		return { rcode: 0, answer: [...records, made], authority: [], target: to };
	}
	if (zone.exists(name)) {
		const isProof = type === T.NSEC && zone.isSigned && zone.nsec3 === undefined;
		const own = isProof ? zone.denial(name).filter((one) => one.name === name) : zone.records(name, type);
		if (own.length > 0) return { rcode: 0, answer: own, authority: [] };
		return alias(zone, name, name, type) ?? { rcode: 0, answer: [], authority: proofs(...near(zone, name)) };
	}
	const encloser = above(zone, name).find((one) => zone.exists(one)) ?? zone.name;
	const wildcard = ["*", ...labelsOf(encloser)].join(".");
	const nextCloser = labelsOf(name)
		.slice(-labelsOf(encloser).length - 1)
		.join(".");
	const cover = zone.nsec3 === undefined ? [name] : [encloser, nextCloser];
	if (!zone.exists(wildcard)) return { rcode: NXDOMAIN, answer: [], authority: proofs(...cover, wildcard) };
	const expansion = zone.isSigned ? zone.denial(zone.nsec3 === undefined ? name : nextCloser) : [];
	const own = zone.records(wildcard, type, name);
	if (own.length > 0) return { rcode: 0, answer: own, authority: expansion };
	const aliased = alias(zone, wildcard, name, type);
	if (aliased !== undefined) return { ...aliased, authority: expansion };
	return { rcode: 0, answer: [], authority: proofs(...cover, wildcard) };
}

/** What proves that a name that exists lacks a type: with opt-out it may have no record of its own. */
function near(zone: Zone, name: string): string[] {
	const { nsec3 } = zone;
	if (nsec3?.optOut !== true || !zone.typesAt(name).includes(T.NS) || name === zone.name) return [name];
	return [parent(name), name];
}

function alias(zone: Zone, from: string, name: string, type: number): Step | undefined {
	const records = type === T.CNAME ? [] : zone.records(from, T.CNAME, name);
	if (records.length === 0) return undefined;
	return {
		rcode: 0,
		answer: records,
		authority: [],
		target: decodeName(records[0].data, 0)[0].toLowerCase(),
	};
}

/** The name and those above it, up to the zone's own. */
function above(zone: Zone, name: string): string[] {
	const names: string[] = [];
	for (let own = name; isUnder(own, zone.name); own = parent(own)) {
		names.push(own);
		if (own === zone.name) break;
	}
	return names;
}

/** A root that is signed, `example` below it, and what else is given, delegated to. */
export function worldOf(...zones: readonly Zone[]): World {
	return worldBelow({}, ...zones);
}

/** The same with a root and an `example` made in another way. */
export function worldBelow(options: ZoneOptions, ...zones: readonly Zone[]): World {
	const root = new Zone("", options);
	const example = new Zone("example", options);
	root.delegate(example);
	for (const zone of zones) if (parent(zone.name) === "example") example.delegate(zone);
	return new World(root, example, ...zones);
}

/** A resolver that validates, with the world as its upstream and the world's root as its anchor. */
export async function startValidating(
	t: Test,
	world: World,
	dnssec: object = {},
	options: Options = {},
): Promise<TestResolver & { readonly upstream: UpstreamServer }> {
	const upstream = await world.serve(t);
	const resolver = await startResolver(t, {
		upstreams: [upstream.port],
		...options,
		config: { ...options.config, dnssec: { validate: true, trustAnchors: [world.root.anchor], ...dnssec } },
	});
	return Object.assign(resolver, { upstream });
}
