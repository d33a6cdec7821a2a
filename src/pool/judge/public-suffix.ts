/** Names below which anybody may register. The one file that loads `tldts`, which carries the Public Suffix List. */
import { createRequire } from "node:module";

const OPTIONS = {
	allowPrivateDomains: true,
	// Names come in their final form, so that nothing has to be cut out of them or checked.
	detectIp: false,
	extractHostname: false,
	validateHostname: false,
} as const;

type GetPublicSuffix = (domain: string, options: typeof OPTIONS) => string | null;

/** It takes 12 MB: loaded with the first name that is asked about, so that a node without a pool does not pay for it. */
let getPublicSuffix: GetPublicSuffix | undefined;

/** `co.uk`, and `github.io` of the list's private part. `domain` is in its final form. */
export function isPublicSuffix(domain: string): boolean {
	getPublicSuffix ??= (createRequire(import.meta.url)("tldts") as { getPublicSuffix: GetPublicSuffix })
		.getPublicSuffix;
	return getPublicSuffix(domain, OPTIONS) === domain;
}
