import { join } from "node:path";
import { writeLines } from "./lines-file.ts";

const RPZ_HEAD = [
	"$ORIGIN rpz.local.",
	"$TTL 300",
	"@ SOA localhost. root.localhost. 1 3600 600 86400 60",
	"@ NS localhost.",
];

/** The same blocked domains in the format of each server. A file is only written when a server wants it. */
export class BlockedLists {
	readonly domains: ReadonlySet<string>;
	readonly #directory: string;
	readonly #written = new Set<string>();

	constructor(directory: string, domains: ReadonlySet<string>) {
		this.#directory = directory;
		this.domains = domains;
	}

	/** One domain a line. */
	plain(): string {
		return this.#file("domains.txt", this.domains);
	}

	/** A zone `rpz.local`, whose names are relative to it. */
	rpz(): string {
		return this.#file("rpz.zone", this.#rpzLines());
	}

	/** Lines of a dnsmasq configuration that answer NXDOMAIN. */
	dnsmasq(): string {
		return this.#file("blocked.dnsmasq", this.#dnsmasqLines());
	}

	*#rpzLines(): Generator<string, void, undefined> {
		yield* RPZ_HEAD;
		for (const name of this.domains) {
			yield `${name} CNAME .`;
			yield `*.${name} CNAME .`;
		}
	}

	*#dnsmasqLines(): Generator<string, void, undefined> {
		for (const name of this.domains) yield `address=/${name}/`;
	}

	#file(name: string, lines: Iterable<string>): string {
		const path = join(this.#directory, name);
		if (!this.#written.has(name)) writeLines(path, lines);
		this.#written.add(name);
		return path;
	}
}
