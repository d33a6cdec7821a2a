/** Why a download failed, in a word that metrics count by and a sentence that a person can act on. */

export const DOWNLOAD_FAILURES = [
	"http-status",
	"timeout",
	"network",
	"too-big",
	"forbidden-address",
	"forbidden-scheme",
	"too-many-redirects",
	"truncated",
	"unreadable",
	"storage",
	"stopped",
] as const;

/**
 * `unreadable`: its Content-Encoding is damaged or unknown. `storage`: our own disk refused. `stopped`: the
 * program is going down.
 */
export type DownloadFailure = (typeof DOWNLOAD_FAILURES)[number];

/** Never holds anything a server said but its status number: banners and bodies stay out of logs and pages. */
export class DownloadError extends Error {
	override readonly name = "DownloadError";
	readonly reason: DownloadFailure;
	/** Whether the same try may go better in a moment. */
	readonly retryable: boolean;

	constructor(reason: DownloadFailure, message: string, retryable = false) {
		super(message);
		this.reason = reason;
		this.retryable = retryable;
	}
}
