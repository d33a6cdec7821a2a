/** Where an answer sends us on to, and whether we go there. */

/** Redirects followed for one list; browsers allow 20, honest mirrors need one or two. */
export const MAX_REDIRECTS = 5;

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export function isRedirect(status: number): boolean {
	return REDIRECTS.has(status);
}

export interface RedirectRefusal {
	readonly reason: "http-status" | "forbidden-scheme";
	readonly detail: string;
}

/**
 * The URL that a Location header leads to. Login data in it is dropped: it is the server's, not ours. Our own
 * stays only while the origin does (RFC 9110, section 15.4).
 */
export function redirectTarget(from: URL, location: string | undefined): URL | RedirectRefusal {
	if (location === undefined || !URL.canParse(location, from.href)) {
		return { reason: "http-status", detail: "redirects to nowhere: its Location is missing or unreadable" };
	}
	const to = new URL(location, from.href);
	if (to.protocol !== "http:" && to.protocol !== "https:") {
		return { reason: "forbidden-scheme", detail: `redirects to ${to.protocol.slice(0, 20)}` };
	}
	if (from.protocol === "https:" && to.protocol === "http:") {
		return { reason: "forbidden-scheme", detail: "redirects from https: down to http:" };
	}
	const sameOrigin = to.origin === from.origin;
	to.username = sameOrigin ? from.username : "";
	to.password = sameOrigin ? from.password : "";
	to.hash = "";
	return to;
}
