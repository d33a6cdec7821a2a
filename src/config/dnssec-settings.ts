/** DNSSEC as the program uses it. */
import { canonicalName } from "./canonical-name.ts";
import { parsed } from "./parsed.ts";
import type { Config } from "./schema.ts";
import { parseTrustAnchor, type TrustAnchor } from "./trust-anchor.ts";

export interface DnssecSettings {
	readonly validate: boolean;
	/** Those of the file among them. */
	readonly trustAnchors: readonly TrustAnchor[];
	/** In lower case and A-labels, without trailing dot. */
	readonly negativeTrustAnchors: readonly string[];
}

/** `config` has been loaded: what its file of anchors holds has been put into `trustAnchors`. */
export function toDnssec({ dnssec }: Config): DnssecSettings {
	return {
		validate: dnssec.validate,
		trustAnchors: dnssec.trustAnchors.map((text) => parsed(parseTrustAnchor(text), text)),
		negativeTrustAnchors: dnssec.negativeTrustAnchors.map((text) => parsed(canonicalName(text), text)),
	};
}
