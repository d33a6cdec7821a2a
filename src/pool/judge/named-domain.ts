/** The domain that somebody names, in its final form; or what they wrote instead, and what to write. */
import { domainFault, domainName, isAddress } from "../../wire/domain.ts";
import { excerpt } from "../../wire/excerpt.ts";

export type NamedDomain = { readonly domain: string } | { readonly fault: string };

const LONGEST_SHOWN = 80;

/** `http://host/path`, `host:port`, `host/path`, `user@host`. */
function hostWithin(text: string): string | undefined {
	const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0] ?? "";
	const [authority] = text.slice(scheme.length).split(/[/?#\\]/, 1);
	const host = authority.slice(authority.lastIndexOf("@") + 1).replace(/:\d*$/, "");
	return host === text ? undefined : host;
}

/** `hxxp://host[.]example`, as reports write names so that nobody follows them. */
function refanged(text: string): string {
	return text.replace(/[[({]\s*(?:\.|dot)\s*[\])}]/gi, ".").replace(/^hxxp(?=s?:)/i, "http");
}

/**
 * A name of one label or more: whether such a name may be blocked is the guard's to say. White space and a byte
 * order mark around it do no harm.
 */
export function nameDomain(written: string): NamedDomain {
	const text = written.trim();
	const quoted = `"${excerpt(text, LONGEST_SHOWN)}"`;
	const fault = (what: string): NamedDomain => ({ fault: what });
	if (text === "") return fault("must be a domain name; it is empty");
	const domain = domainName(text);
	if (domain !== undefined) return { domain };
	if (isAddress(text) || isAddress(text.replace(/^\[(.*)\]$/, "$1"))) {
		return fault(`${quoted} is an IP address: the pool takes names only`);
	}
	if (text.startsWith("*.")) {
		const rest = excerpt(text.slice(2), LONGEST_SHOWN);
		return fault(
			`${quoted} begins with "*.": write ${rest}; scope subtree, the default, means it and all below it`,
		);
	}
	const plain = refanged(text);
	const host = hostWithin(plain) ?? plain;
	if (host === text) return fault(domainFault(text) ?? `${quoted} is no domain name`);
	const within = domainName(host);
	if (within !== undefined) return fault(`${quoted} is more than a host: give the host alone, ${within}`);
	if (isAddress(host.replace(/^\[(.*)\]$/, "$1"))) {
		return fault(`${quoted} leads to an IP address: the pool takes names only`);
	}
	return fault(`${quoted} is no domain name: give the host alone, such as evil.example`);
}
