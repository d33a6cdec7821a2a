/** What the operator should look at, each told once: otherwise every name fails, and nobody says why. */
import type { Report } from "../upstream/upstream.ts";
import { EDE } from "../wire/codes.ts";
import { nameToText } from "../wire/name.ts";
import type { Name } from "./canonical-name.ts";

export class Hints {
	readonly #report: Report;
	/** Seconds since 1970. */
	readonly #clock: () => number;
	readonly #told = new Set<string>();

	constructor(report: Report, clock: () => number) {
		this.#report = report;
		this.#clock = clock;
	}

	/** The keys of a trust anchor's zone do not hold, so nothing below does. */
	anchorFailed(zone: Name, ede: number): void {
		const name = nameToText(zone);
		switch (ede) {
			case EDE.SIGNATURE_EXPIRED:
			case EDE.SIGNATURE_NOT_YET_VALID:
				this.#once(
					"DNSSEC: the keys of a trust anchor's zone are signed for another time, so that every answer below it fails; is this machine's clock right?",
					{ zone: name, clock: new Date(this.#clock() * 1000).toISOString() },
				);
				break;
			case EDE.RRSIGS_MISSING:
				this.#once(
					"DNSSEC: upstreams bring no signatures, so that every answer fails; name upstreams that know DNSSEC, or set dnssec.validate to false",
					{ zone: name },
				);
				break;
			case EDE.DNSKEY_MISSING:
				this.#once(
					"DNSSEC: no trust anchor fits the keys of its zone, so that every answer below it fails; correct dnssec.trustAnchors",
					{ zone: name },
				);
				break;
			default:
				this.#once("DNSSEC: the keys of a trust anchor's zone cannot be trusted", { zone: name, ede });
		}
	}

	fault(error: unknown): void {
		this.#once("DNSSEC: a fault of Cordon's own; please report it", {
			why: error instanceof Error ? (error.stack ?? error.message) : String(error),
		});
	}

	#once(message: string, fields: Readonly<Record<string, unknown>>): void {
		if (this.#told.has(message)) return;
		this.#told.add(message);
		this.#report(message, fields);
	}
}
