/** Why a download failed, in a word that metrics count by and a sentence that a person can act on. */
import type { FETCH_FAILURES } from "../observe/rejection.ts";

/** `stopped`: the program is going down, which is no fault of the list and has no reason of its own in metrics. */
export type DownloadFailure = (typeof FETCH_FAILURES)[number] | "stopped";

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
