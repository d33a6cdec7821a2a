/** A list's download: conditional, tried again where that can help, never half. */
import { lookup } from "node:dns";
import { rm } from "node:fs/promises";
import { setTimeout as timer } from "node:timers/promises";
import { DownloadError } from "./download-error.ts";
import { type DownloadRequest, type DownloadResult, type ExchangeOptions, exchange } from "./exchange.ts";

/** Waits; rejects at once when the signal is aborted. */
export type Pause = (milliseconds: number, signal?: AbortSignal) => Promise<void>;

export interface DownloadOptions extends ExchangeOptions {
	readonly attempts: number;
	/** Before the second try; doubled before each further one. */
	readonly cooldownMs: number;
	readonly pause: Pause;
	/** Called before each pause, to say that there will be another try. */
	readonly onRetry?: (error: DownloadError, pauseMs: number) => void;
}

/** The system's own name lookup and timers. */
export const systemPorts: Pick<DownloadOptions, "lookup" | "pause"> = {
	lookup: (hostname, options, callback) => lookup(hostname, { ...options, all: true }, callback),
	pause: (milliseconds, signal) => timer(milliseconds, undefined, signal === undefined ? {} : { signal }),
};

/**
 * Fetches a list into `request.path`. Throws a DownloadError after the last try, or at once where another try
 * would end the same way; no file is left then.
 */
export async function download(request: DownloadRequest, options: DownloadOptions): Promise<DownloadResult> {
	let pauseMs = options.cooldownMs;
	for (let attempt = 1; ; attempt++) {
		try {
			return await exchange(request, options);
		} catch (error) {
			await rm(request.path, { force: true });
			if (!(error instanceof DownloadError) || !error.retryable || attempt >= options.attempts) throw error;
			options.onRetry?.(error, pauseMs);
		}
		await options.pause(pauseMs, options.signal).catch(() => undefined);
		pauseMs *= 2;
	}
}
