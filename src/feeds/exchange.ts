/** One try at a list: a request, its redirects, and the body on disk, within one deadline. */
import http from "node:http";
import https from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { BodyError, errorCode, type StoredBytes, storeBody } from "./body.ts";
import { connectionFault } from "./connection-fault.ts";
import { DownloadError, type DownloadFailure } from "./download-error.ts";
import { maskedUrl } from "./masked-url.ts";
import { isPrivateAddress } from "./private-address.ts";
import { ForbiddenAddressError, publicLookup } from "./public-lookup.ts";
import { isRedirect, MAX_REDIRECTS, redirectTarget } from "./redirect.ts";

/** What a server gave us to ask "has it changed?" with (RFC 9110, section 13.1). */
export interface Validators {
	readonly etag?: string;
	readonly lastModified?: string;
}

/** What is asked for. */
export interface ListRequest {
	readonly name: string;
	readonly url: string;
	/** Whether the URL may lead to a private or loopback address. */
	readonly allowPrivateAddress: boolean;
	/** Of the stored copy; empty without one. */
	readonly validators: Validators;
}

export interface DownloadRequest extends ListRequest {
	/** The temporary file to write; removed again unless the download succeeds. */
	readonly path: string;
}

export type DownloadResult =
	| { readonly kind: "unchanged"; readonly validators: Validators }
	| { readonly kind: "downloaded"; readonly validators: Validators; readonly stored: StoredBytes };

export interface ExchangeOptions {
	/** Of the body, as sent and again as unpacked. */
	readonly maxBytes: number;
	/** From connecting to the last byte, redirects included. */
	readonly timeoutMs: number;
	/** Of Cordon, for the User-Agent. */
	readonly version: string;
	readonly lookup: LookupFunction;
	/** What counts as private. Default: `isPrivateAddress`. */
	readonly isPrivate?: ((address: string) => boolean) | undefined;
	/** Aborted when the program goes down. */
	readonly signal?: AbortSignal | undefined;
}

/** A fault of the network brings its own. */
const ADVICE: Readonly<Record<Exclude<DownloadFailure, "network">, string>> = {
	"http-status": "check the URL of this list",
	timeout: "raise blocking.downloads.timeout if this server is just slow",
	"too-big": "raise blocking.downloads.maxSize if this list is meant to be so big",
	"forbidden-address": "set allowPrivateAddress: true on this list if that is meant",
	"forbidden-scheme": "only http: and https: are followed, and never from https: to http:",
	"too-many-redirects": "set the list's url to where it finally lives",
	truncated: "it is fetched again at the next refresh",
	unreadable: "ask the list's maintainer",
	storage: "check space and permissions of dataDir",
	stopped: "it is fetched again after the next start",
};

function sentence(request: ListRequest, detail: string, advice: string): string {
	return `list ${request.name}: ${maskedUrl(request.url)}: ${detail}; ${advice}`;
}

function failure(
	request: ListRequest,
	reason: keyof typeof ADVICE,
	detail: string,
	retryable = false,
): DownloadError {
	return new DownloadError(reason, sentence(request, detail, ADVICE[reason]), retryable);
}

/** The list's own host may be private when its configuration says so; where that host redirects to may not. */
function mayBePrivate(request: ListRequest, url: URL): boolean {
	return request.allowPrivateAddress && url.hostname === new URL(request.url).hostname;
}

/** IP literals never pass through a lookup, so they are checked here; names are checked inside it. */
function checkTarget(request: ListRequest, url: URL, isPrivate: (address: string) => boolean): void {
	if (url.protocol !== "http:" && url.protocol !== "https:") {
		throw failure(request, "forbidden-scheme", `its scheme is ${url.protocol.slice(0, 20)}`);
	}
	const host = url.hostname.replace(/^\[|\]$/g, "");
	if (!mayBePrivate(request, url) && isIP(host) !== 0 && isPrivate(host)) {
		throw failure(request, "forbidden-address", `leads to ${host}, which is not a public address`);
	}
}

function requestHeaders(validators: Validators, version: string): Record<string, string> {
	return {
		"User-Agent": `cordon/${version}`,
		Accept: "*/*",
		"Accept-Encoding": "gzip",
		...(validators.etag !== undefined && { "If-None-Match": validators.etag }),
		...(validators.lastModified !== undefined && { "If-Modified-Since": validators.lastModified }),
	};
}

function send(
	url: URL,
	request: ListRequest,
	options: ExchangeOptions,
	signal: AbortSignal,
): Promise<http.IncomingMessage> {
	return new Promise((resolve, reject) => {
		const call = url.protocol === "https:" ? https.request : http.request;
		const lookup = mayBePrivate(request, url)
			? options.lookup
			: publicLookup(options.lookup, options.isPrivate ?? isPrivateAddress);
		const headers = requestHeaders(request.validators, options.version);
		const outgoing = call(url, { agent: false, lookup, headers, signal });
		let incoming: http.IncomingMessage | undefined;
		// Both streams can fail after we are done with them; without a listener that would end the process.
		outgoing.on("error", (error) => {
			incoming?.destroy(error);
			reject(error);
		});
		// A connection can end with neither an answer nor an error: after 101 (RFC 9110, section 15.2.2).
		outgoing.once("close", () => reject(new Error("closed without an answer")));
		signal.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
		outgoing.once("response", (response) => {
			incoming = response;
			response.on("error", () => {});
			resolve(response);
		});
		outgoing.end();
	});
}

async function settle(
	response: http.IncomingMessage,
	request: DownloadRequest,
	options: ExchangeOptions,
	signal: AbortSignal,
): Promise<DownloadResult> {
	const { etag, "last-modified": lastModified } = response.headers;
	const validators = {
		...(etag !== undefined && { etag }),
		...(lastModified !== undefined && { lastModified }),
	};
	const status = response.statusCode ?? 0;
	if (status === 304) {
		if (request.validators.etag === undefined && request.validators.lastModified === undefined) {
			throw failure(request, "http-status", "answered 304 (not modified), but we have no copy and said so");
		}
		return { kind: "unchanged", validators: { ...request.validators, ...validators } };
	}
	if (status !== 200) {
		throw failure(request, "http-status", `answered ${status}`, status >= 500 || status === 429);
	}
	const stored = await storeBody(response, request.path, options.maxBytes, signal);
	return { kind: "downloaded", validators, stored };
}

async function follow<T>(
	request: ListRequest,
	options: ExchangeOptions,
	signal: AbortSignal,
	take: (response: http.IncomingMessage) => Promise<T>,
): Promise<T> {
	let url = new URL(request.url);
	for (let redirects = 0; ; redirects++) {
		checkTarget(request, url, options.isPrivate ?? isPrivateAddress);
		const response = await send(url, request, options, signal);
		try {
			const status = response.statusCode ?? 0;
			if (!isRedirect(status)) return await take(response);
			if (redirects === MAX_REDIRECTS) {
				throw failure(request, "too-many-redirects", `redirects more than ${MAX_REDIRECTS} times`);
			}
			const next = redirectTarget(url, response.headers.location);
			if (!(next instanceof URL)) throw failure(request, next.reason, next.detail);
			url = next;
		} finally {
			response.destroy();
		}
	}
}

function explain(request: ListRequest, error: unknown): DownloadError {
	if (error instanceof DownloadError) return error;
	if (error instanceof BodyError) {
		return failure(request, error.reason, error.message, error.reason === "truncated");
	}
	if (error instanceof ForbiddenAddressError) {
		return failure(request, "forbidden-address", `leads to ${error.address}, which is not a public address`);
	}
	const { detail, advice } = connectionFault(errorCode(error));
	return new DownloadError("network", sentence(request, detail, advice), true);
}

/** Tries once. Throws a DownloadError and nothing else; may leave a part of the body at `request.path`. */
export async function exchange(request: DownloadRequest, options: ExchangeOptions): Promise<DownloadResult> {
	return await converse(request, options, (response, signal) => settle(response, request, options, signal));
}

/**
 * Asks, follows redirects and hands the answer to `take`, whatever its status; what `take` does not read is not fetched.
 * Throws a DownloadError and nothing else.
 */
export async function converse<T>(
	request: ListRequest,
	options: ExchangeOptions,
	take: (response: http.IncomingMessage, signal: AbortSignal) => Promise<T>,
): Promise<T> {
	const ended = new AbortController();
	const end = () => ended.abort();
	let late = false;
	const timer = setTimeout(() => {
		late = true;
		end();
	}, options.timeoutMs);
	options.signal?.addEventListener("abort", end, { once: true });
	if (options.signal?.aborted) end();
	try {
		return await follow(request, options, ended.signal, (response) => take(response, ended.signal));
	} catch (error) {
		if (options.signal?.aborted) throw failure(request, "stopped", "the program is stopping");
		if (late) throw failure(request, "timeout", `not done after ${options.timeoutMs / 1000} s`, true);
		throw explain(request, error);
	} finally {
		clearTimeout(timer);
		options.signal?.removeEventListener("abort", end);
	}
}
