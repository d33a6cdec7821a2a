/** The section `local` of the configuration: names that Cordon answers itself. */
import { z } from "zod";

function kept(what: string) {
	return z.boolean().default(true).describe(what);
}

export const local = z.strictObject({
	localhost: kept(
		"localhost and all below it are 127.0.0.1 and ::1, and these two are localhost (RFC 6761, section 6.3)",
	),
	reserved: kept(
		"names that exist nowhere in the public DNS do not exist: invalid, test, local, onion, alt, service.arpa, 6tisch.arpa, eap.arpa, eap-noob.arpa",
	),
	homeArpa: kept("home.arpa, of home networks, is empty (RFC 8375)"),
	internal: kept("internal, for private use by ICANN's word of 2024, does not exist"),
	privateReverse: kept(
		"the reverse zones of addresses that are not public are empty: private, link-local, shared (CGN), for documentation, unique local (RFC 6303, 7793)",
	),
	resolverArpa: kept(
		"resolver.arpa, by which clients look for a resolver's encrypted service, is this resolver's own (RFC 9462, 9606)",
	),
	firefoxCanary: kept(
		"use-application-dns.net does not exist, which asks Firefox not to take another resolver by its own default",
	),
	privateRelay: kept(
		"mask.icloud.com and mask-h2.icloud.com do not exist, which asks Apple's devices not to go around this resolver",
	),
	singleLabel: kept(
		"names without a dot are never sent upstream, save for the types that speak of a top-level domain: NS, SOA, DS, DNSKEY and their like",
	),
	infoUrl: z
		.url({ protocol: /^https$/, error: "must be an https:// address" })
		.max(200)
		.optional()
		.describe(
			"a page about this resolver and what it filters, told to clients that ask (RFC 9606, section 5)",
		),
});
