/** Where trust begins, and where it is not asked for (RFC 4035, section 5; RFC 7646). */
import type { TrustAnchor } from "../config/trust-anchor.ts";
import { nameFromText } from "../wire/name.ts";
import { keyOfName, labelCount, lastLabels, type Name } from "./canonical-name.ts";
import { type DelegationSigner, PublicKey, readDelegationSigner } from "./public-key.ts";

/** What a zone's keys are compared with: one of these suffices. */
export interface Anchor {
	readonly zone: Name;
	readonly signers: readonly DelegationSigner[];
	readonly keys: readonly PublicKey[];
}

interface GrowingAnchor extends Anchor {
	readonly signers: DelegationSigner[];
	readonly keys: PublicKey[];
}

export class Anchors {
	readonly #anchors = new Map<string, GrowingAnchor>();
	readonly #negative = new Set<string>();

	/**
	 * @param negative names that nothing is validated at and below, even where a trust anchor is for the same name.
	 * @param unasked the same, but a trust anchor for the same name stands above it. All as text.
	 */
	constructor(anchors: readonly TrustAnchor[], negative: readonly string[], unasked: readonly string[] = []) {
		for (const { zone, type, data } of anchors) {
			const name = nameFromText(zone);
			if (name === undefined) continue;
			const key = keyOfName(name);
			const anchor = this.#anchors.get(key) ?? { zone: name, signers: [], keys: [] };
			this.#anchors.set(key, anchor);
			if (type === "DNSKEY") anchor.keys.push(new PublicKey(data));
			else {
				const signer = readDelegationSigner(data);
				if (signer !== undefined) anchor.signers.push(signer);
			}
		}
		for (const text of negative) this.#refuse(text, true);
		for (const text of unasked) this.#refuse(text, false);
	}

	#refuse(text: string, always: boolean): void {
		const name = nameFromText(text);
		if (name === undefined) return;
		const key = keyOfName(name);
		if (always || !this.#anchors.has(key)) this.#negative.add(key);
	}

	/** The anchor nearest above a name, or its own. Undefined: there is none, or a negative one is nearer. */
	above(name: Name): Anchor | undefined {
		for (let labels = labelCount(name); labels >= 0; labels--) {
			const key = keyOfName(lastLabels(name, labels));
			if (this.#negative.has(key)) return undefined;
			const anchor = this.#anchors.get(key);
			if (anchor !== undefined) return anchor;
		}
		return undefined;
	}
}
