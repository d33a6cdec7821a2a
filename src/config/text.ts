/** Keys whose value is text with a grammar of its own. */
import { z } from "zod";
import { parseHostPort, parseNamedHost, parsePrefix, parseRedisUrl, parseUpstream } from "./address.ts";
import { isNamePattern } from "./canonical-name.ts";
import { parseDuration, parseSize } from "./units.ts";

/** `what` names the value with its article; it is in the message, the JSON schema and the reference alike. */
export function checkedText(accepts: (text: string) => boolean, what: string, pattern?: string) {
	const error = `must be ${what}`;
	return z
		.string({ error })
		.refine(accepts, { error })
		.meta({ title: what, ...(pattern === undefined ? {} : { pattern }) });
}

function between(least: string, most: string, parse: (text: string) => number | undefined) {
	const [low, high] = [parse(least) ?? 0, parse(most) ?? 0];
	return (text: string): boolean => {
		const value = parse(text);
		return value !== undefined && value >= low && value <= high;
	};
}

export function duration(least: string, most: string) {
	return checkedText(
		between(least, most, parseDuration),
		`a duration between ${least} and ${most}`,
		"^\\s*\\d+(\\.\\d+)?\\s*(ms|s|m|h|d|w)\\s*$",
	);
}

export function size(least: string, most: string) {
	return checkedText(
		between(least, most, parseSize),
		`a size between ${least} and ${most}`,
		"^\\s*\\d+(\\.\\d+)?\\s*(B|KiB|MiB|GiB|KB|MB|GB)\\s*$",
	);
}

export const namePattern = checkedText(
	isNamePattern,
	'a domain name: example.org (and all below it) or "*.example.org" (only below)',
);

export function networkAddress(defaultPort: number) {
	return checkedText(
		(text) => parseHostPort(text, defaultPort) !== undefined,
		`an IP address with an optional port: 127.0.0.1:${defaultPort}, "[::1]:${defaultPort}" or 0.0.0.0`,
	);
}

/** `HOST` or `HOST:PORT`, where the host is a name or an address; IPv6 in brackets. */
export function hostPort(defaultPort: number) {
	return checkedText(
		(text) => parseNamedHost(text, defaultPort) !== undefined,
		`a host with an optional port: redis.example.net, 192.0.2.1:${defaultPort} or "[2001:db8::1]:${defaultPort}"`,
	);
}

export const redisUrl = checkedText(
	(text) => parseRedisUrl(text) !== undefined,
	"redis://HOST[:PORT][/DATABASE] or rediss:// over TLS, without user and password, which have keys of their own",
);

export const upstreamServer = checkedText((text) => {
	const port = parseUpstream(text)?.port;
	return port !== undefined && port > 0;
}, "udp://ADDRESS[:PORT], tcp://ADDRESS[:PORT] or a bare IP address; tls:// and https:// are not spoken yet");

export const prefix = checkedText(
	(text) => parsePrefix(text) !== undefined,
	"a prefix such as 192.0.2.0/24 or 2001:db8::/32, with no bits set beyond its length",
);
