/** Whether answers of upstreams are validated before flights land: the validator is loaded when it is first wanted. */
import type { Settings } from "../config/settings.ts";
import type { Validator, ValidatorParts } from "../dnssec/validator.ts";
import type { AnswerCache } from "../resolve/cache.ts";
import type { Forward, Outward } from "../resolve/forward.ts";

interface Parts extends Pick<ValidatorParts, "counters" | "round" | "report"> {
	readonly forward: Forward;
	readonly cache: AnswerCache;
}

export class Validating {
	readonly #parts: Parts;
	#upstreams: Outward;
	/** Undefined: answers are taken as they come. */
	#validator: Validator | undefined;
	/** What it was made from. */
	#made = "";

	constructor(upstreams: Outward, parts: Parts) {
		this.#upstreams = upstreams;
		this.#parts = parts;
	}

	/** Other upstreams from now on. */
	turnTo(upstreams: Outward): void {
		this.#upstreams = upstreams;
		if (this.#validator === undefined) this.#parts.forward.outward = upstreams;
		else this.#validator.outward = upstreams;
	}

	/** What is known of zones stays over a reload that changes nothing of them. */
	async use({ dnssec, upstreams, cache }: Settings): Promise<void> {
		const unasked = upstreams.zones.flatMap(({ names }) => names);
		const failureMs = cache.failureTtlMs;
		const count = upstreams.servers.length;
		const wanted = dnssec.validate ? JSON.stringify([dnssec, unasked, count, failureMs]) : "";
		if (wanted === this.#made) return;
		this.#made = wanted;
		let validator: Validator | undefined;
		if (dnssec.validate) {
			const { Validator } = await import("../dnssec/validator.ts");
			// Yet another configuration may have come meanwhile.
			if (this.#made !== wanted) return;
			validator = new Validator({
				...this.#parts,
				settings: dnssec,
				unasked,
				outward: this.#upstreams,
				upstreams: count,
				failureMs,
				wallClock: Date.now,
			});
		}
		this.#validator = validator;
		this.#parts.forward.outward = validator ?? this.#upstreams;
		// What was kept before was not validated, or by other anchors.
		this.#parts.cache.clear();
	}
}
