/** A small signed zone: its records, its signatures, and its denials by NSEC or NSEC3. */
import { createHash } from "node:crypto";
import { long, TYPE, wire, word } from "../wire/message.ts";
import { ZoneKey } from "./zone-key.ts";

export const T = { ...TYPE, DS: 43, RRSIG: 46, NSEC: 47, DNSKEY: 48, NSEC3: 50 } as const;

export interface Rec {
	readonly name: string;
	readonly type: number;
	readonly ttl: number;
	readonly data: Buffer;
}

export interface Nsec3Parameters {
	readonly iterations?: number;
	readonly salt?: Buffer;
	readonly optOut?: boolean;
}

/** Signed otherwise than it should be. Times in seconds from now. */
export interface Oddity {
	readonly inception?: number;
	readonly expiration?: number;
	readonly key?: ZoneKey;
	readonly signer?: string;
	readonly tag?: number;
	readonly algorithm?: number;
	/** Flips a bit of the signature. */
	readonly isWrong?: boolean;
	readonly labels?: number;
	readonly originalTtl?: number;
}

export interface ZoneOptions {
	readonly algorithm?: number;
	readonly nsec3?: Nsec3Parameters;
	readonly isSigned?: boolean;
	readonly kskFlags?: number;
	/** Always the same keys, of algorithm 15, and this as the present: seconds since 1970. */
	readonly fixedAt?: number;
}

const DAY = 86_400;

export function labelsOf(name: string): string[] {
	return name.split(".").filter((label) => label !== "");
}

export function isUnder(name: string, zone: string): boolean {
	return zone === "" || name === zone || name.endsWith(`.${zone}`);
}

export function parent(name: string): string {
	return labelsOf(name).slice(1).join(".");
}

/** RFC 4034, section 6.1. */
export function byOrder(a: string, b: string): number {
	const [ofA, ofB] = [labelsOf(a).reverse(), labelsOf(b).reverse()];
	for (let i = 0; i < Math.min(ofA.length, ofB.length); i++) {
		const order = Buffer.compare(Buffer.from(ofA[i]), Buffer.from(ofB[i]));
		if (order !== 0) return order;
	}
	return ofA.length - ofB.length;
}

export function bitmap(types: readonly number[]): Buffer {
	const windows = new Map<number, Buffer>();
	for (const type of types) {
		const bytes = windows.get(type >> 8) ?? Buffer.alloc(32);
		bytes[(type & 255) >> 3] |= 0x80 >> (type & 7);
		windows.set(type >> 8, bytes);
	}
	return Buffer.concat(
		[...windows]
			.sort(([a], [b]) => a - b)
			.map(([window, bytes]) => {
				const length = bytes.findLastIndex((byte) => byte !== 0) + 1;
				return Buffer.concat([Buffer.of(window, length), bytes.subarray(0, length)]);
			}),
	);
}

export function base32Hex(bytes: Buffer): string {
	const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
	return (bits.match(/.{5}/g) ?? []).map((five) => Number.parseInt(five, 2).toString(32)).join("");
}

export class Zone {
	/** In lower case, without trailing dot; "" for the root. */
	readonly name: string;
	readonly ksk: ZoneKey;
	readonly zsk: ZoneKey;
	readonly isSigned: boolean;
	/** By `name type`, to be signed otherwise. */
	readonly odd = new Map<string, readonly Oddity[]>();
	readonly nsec3: Nsec3Parameters | undefined;
	readonly #fixedAt: number | undefined;
	readonly #sets = new Map<string, { readonly ttl: number; readonly data: Buffer[] }>();

	constructor(name: string, options: ZoneOptions = {}) {
		const { fixedAt, isSigned = true, kskFlags = 257 } = options;
		const algorithm = fixedAt === undefined ? (options.algorithm ?? 13) : 15;
		this.name = name;
		this.isSigned = isSigned;
		this.nsec3 = options.nsec3;
		this.#fixedAt = fixedAt;
		const text = (which: string) => (fixedAt === undefined ? undefined : `${which} of ${name}.`);
		this.ksk = new ZoneKey(algorithm, kskFlags, text("KSK"));
		this.zsk = new ZoneKey(algorithm, kskFlags & ~1, text("ZSK"));
		this.add(
			name,
			T.SOA,
			Buffer.concat([wire(`ns.${name}`), wire(`mail.${name}`), ...[1, 2, 3, 4, 60].map(long)]),
		);
		this.add(name, T.NS, wire(`ns.${name}`));
		if (isSigned) this.add(name, T.DNSKEY, this.ksk.data, this.zsk.data);
	}

	add(name: string, type: number, ...data: Buffer[]): this {
		const set = this.#sets.get(`${name} ${type}`) ?? { ttl: 300, data: [] };
		set.data.push(...data);
		this.#sets.set(`${name} ${type}`, set);
		return this;
	}

	remove(name: string, type: number): this {
		this.#sets.delete(`${name} ${type}`);
		return this;
	}

	a(name: string, address = "192.0.2.1"): this {
		return this.add(name, T.A, Buffer.from(address.split(".").map(Number)));
	}

	delegate(child: Zone, ds: readonly Buffer[] = child.isSigned ? [child.ds()] : []): this {
		this.add(child.name, T.NS, wire(`ns.${child.name}`));
		return ds.length === 0 ? this : this.add(child.name, T.DS, ...ds);
	}

	ds(digestType = 2): Buffer {
		return this.ksk.ds(wire(this.name), digestType);
	}

	/** As the configuration writes it. */
	get anchor(): string {
		const data = this.ds();
		const numbers = `${data.readUInt16BE(0)} ${data[2]} ${data[3]}`;
		return `${this.name}. DS ${numbers} ${data.subarray(4).toString("hex")}`;
	}

	typesAt(name: string): number[] {
		const types = [...this.#sets.keys()].flatMap((key) => {
			const [own, type] = key.split(" ");
			return own === name ? [Number(type)] : [];
		});
		return types.sort((a, b) => a - b);
	}

	/** Whether the name is here, be it only because there is something below it. */
	exists(name: string): boolean {
		return this.#names().some((own) => isUnder(own, name));
	}

	/** The delegation that leads to a name, if it is not the zone's own. */
	cutAbove(name: string): string | undefined {
		for (let own = name; own !== this.name && isUnder(own, this.name); own = parent(own))
			if (this.#sets.has(`${own} ${T.NS}`)) return own;
		return undefined;
	}

	/** The records of a name and type with their signatures; under another name when a wildcard stands for it. */
	records(name: string, type: number, as = name): Rec[] {
		const set = this.#sets.get(`${name} ${type}`);
		if (set === undefined) return [];
		const plain = set.data.map((data) => ({ name: as, type, ttl: set.ttl, data }));
		// What is at a delegation belongs to the child, but for DS.
		const isChilds = type === T.NS && name !== this.name;
		return this.isSigned && !isChilds
			? [...plain, ...this.#signed(name, type, set.ttl, set.data, as)]
			: plain;
	}

	#signed(name: string, type: number, ttl: number, data: readonly Buffer[], as: string): Rec[] {
		const oddities = this.odd.get(`${name} ${type}`) ?? [{}];
		return oddities.map((odd) => ({
			name: as,
			type: T.RRSIG,
			ttl,
			data: this.rrsig(name, type, ttl, data, odd),
		}));
	}

	/** RFC 4034, section 3.1.8. */
	rrsig(name: string, type: number, ttl: number, data: readonly Buffer[], odd: Oddity = {}): Buffer {
		const now = this.#fixedAt ?? Math.floor(Date.now() / 1000);
		const key = odd.key ?? (type === T.DNSKEY ? this.ksk : this.zsk);
		const labels = labelsOf(name).filter((label) => label !== "*").length;
		const head = Buffer.concat([
			word(type),
			Buffer.of(odd.algorithm ?? key.algorithm, odd.labels ?? labels),
			long(odd.originalTtl ?? ttl),
			long(now + (odd.expiration ?? 7 * DAY)),
			long(now + (odd.inception ?? -DAY)),
			word(odd.tag ?? key.tag),
			wire(odd.signer ?? this.name),
		]);
		const signed = data
			.toSorted(Buffer.compare)
			.map((one) =>
				Buffer.concat([wire(name), word(type, 1), long(odd.originalTtl ?? ttl), word(one.length), one]),
			);
		const bytes = key.sign(Buffer.concat([head, ...signed]));
		if (odd.isWrong === true) bytes[10] ^= 1;
		return Buffer.concat([head, bytes]);
	}

	/** Names that the zone itself speaks of: its own and delegations, nothing below those. */
	#names(): string[] {
		const names = new Set([...this.#sets.keys()].map((key) => key.slice(0, key.lastIndexOf(" "))));
		return [...names].filter((name) => {
			const cut = this.cutAbove(name);
			return cut === undefined || cut === name;
		});
	}

	/** The record of a name that is there, or the one that covers a name that is not. */
	denial(name: string): Rec[] {
		return this.nsec3 === undefined ? this.#nsec(name) : this.#nsec3(name, this.nsec3);
	}

	#nsec(name: string): Rec[] {
		const names = this.#names().sort(byOrder);
		const at = names.findLastIndex((own) => byOrder(own, name) <= 0);
		const owner = names[at];
		const next = names[(at + 1) % names.length];
		const data = Buffer.concat([wire(next), bitmap([...this.typesAt(owner), T.RRSIG, T.NSEC])]);
		return [{ name: owner, type: T.NSEC, ttl: 60, data }, ...this.#signed(owner, T.NSEC, 60, [data], owner)];
	}

	hash(name: string, { iterations = 0, salt = Buffer.alloc(0) } = this.nsec3 ?? {}): Buffer {
		let hash: Buffer = wire(name);
		for (let i = 0; i <= iterations; i++) hash = createHash("sha1").update(hash).update(salt).digest();
		return hash;
	}

	#nsec3(name: string, parameters: Nsec3Parameters): Rec[] {
		const { iterations = 0, salt = Buffer.alloc(0), optOut = false } = parameters;
		const names = new Set<string>();
		for (const own of this.#names()) {
			const types = this.typesAt(own);
			// RFC 5155, section 6: unsigned delegations need no record.
			if (optOut && own !== this.name && types.includes(T.NS) && !types.includes(T.DS)) continue;
			for (let above = own; isUnder(above, this.name); above = parent(above)) {
				names.add(above);
				if (above === this.name) break;
			}
		}
		const hashed = [...names]
			.map((own) => ({ own, hash: this.hash(own) }))
			.sort((a, b) => Buffer.compare(a.hash, b.hash));
		const wanted = this.hash(name);
		const found = hashed.findLastIndex(({ hash }) => Buffer.compare(hash, wanted) <= 0);
		const at = found < 0 ? hashed.length - 1 : found;
		const { own, hash } = hashed[at];
		const next = hashed[(at + 1) % hashed.length].hash;
		const types = this.typesAt(own);
		const isInsecureCut = types.includes(T.NS) && own !== this.name && !types.includes(T.DS);
		const data = Buffer.concat([
			Buffer.of(1, optOut ? 1 : 0),
			word(iterations),
			Buffer.of(salt.length),
			salt,
			Buffer.of(next.length),
			next,
			bitmap(types.length === 0 || isInsecureCut ? types : [...types, T.RRSIG]),
		]);
		const owner = [base32Hex(hash), ...labelsOf(this.name)].join(".");
		return [
			{ name: owner, type: T.NSEC3, ttl: 60, data },
			...this.#signed(owner, T.NSEC3, 60, [data], owner),
		];
	}
}
