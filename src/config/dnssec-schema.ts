/** The section `dnssec` of the configuration. */
import { z } from "zod";
import { canonicalName } from "./canonical-name.ts";
import { checkedText } from "./text.ts";
import { parseTrustAnchor, ROOT_ANCHORS } from "./trust-anchor.ts";

const MOST = 256;

const trustAnchor = checkedText(
	(text) => parseTrustAnchor(text) !== undefined,
	'a DS or DNSKEY record: "example.org. DS 12345 13 2 HEX" or "example.org. DNSKEY 257 3 13 BASE64"',
);

const name = checkedText(
	(text) => canonicalName(text) !== undefined,
	"a domain name such as example.org; it stands for all below it too",
);

export const dnssec = z.strictObject({
	validate: z
		.boolean()
		.default(false)
		.describe(
			"whether answers of upstreams are validated here (RFC 4035): those that do not hold become SERVFAIL with an extended error that tells why, those that do have AD set",
		),
	trustAnchors: z
		.array(trustAnchor)
		.max(MOST)
		.default([...ROOT_ANCHORS])
		.describe(
			"where trust begins; of several for one zone, one suffices. The default are the keys of the root zone. A zone's own anchor stands above what its parent says",
		),
	trustAnchorsFile: z
		.string()
		.min(1)
		.optional()
		.describe(
			"a file with further ones, a record a line, as dnssec-dsfromkey writes them; read at start and at each reload",
		),
	negativeTrustAnchors: z
		.array(name)
		.max(MOST)
		.default([])
		.describe(
			"names at and below which nothing is validated, such as a zone whose signatures are broken for the time being (RFC 7646); names in upstreams.zones are taken so too, unless they have a trust anchor",
		),
});
