/** What the tests of downloads ask for, and how they expect it to fail. */
import { existsSync } from "node:fs";
import type { LookupFunction } from "node:net";
import { join } from "node:path";
import type { Test } from "tap";
import { type DownloadOptions, download } from "../../src/feeds/download.ts";
import { DownloadError, type DownloadFailure } from "../../src/feeds/download-error.ts";
import type { DownloadRequest } from "../../src/feeds/exchange.ts";

export const BODY = "malware.example.org\nphish.example.org\n";

const loopback: LookupFunction = (_hostname, _options, callback) => {
	callback(null, [{ address: "127.0.0.1", family: 4 }]);
};

export function options(given: Partial<DownloadOptions> = {}): DownloadOptions {
	return {
		maxBytes: 1024 * 1024,
		timeoutMs: 10_000,
		attempts: 1,
		cooldownMs: 100,
		version: "0.0.0-test",
		lookup: loopback,
		pause: async () => {},
		...given,
	};
}

export function request(t: Test, url: string, given: Partial<DownloadRequest> = {}): DownloadRequest {
	return {
		name: "a-list",
		url,
		allowPrivateAddress: true,
		validators: {},
		path: join(t.testdir({}), "download"),
		...given,
	};
}

export async function fails(
	t: Test,
	asked: DownloadRequest,
	given: Partial<DownloadOptions>,
	reason: DownloadFailure,
	message: RegExp,
): Promise<DownloadError> {
	const error = await download(asked, options(given)).then(
		() => undefined,
		(thrown: unknown) => thrown,
	);
	if (!(error instanceof DownloadError)) throw new Error(`expected a DownloadError, got ${String(error)}`);
	t.equal(error.reason, reason);
	t.match(error.message, /^list a-list: /);
	t.match(error.message, message);
	t.equal(existsSync(asked.path), false, "no part of it is left");
	return error;
}
