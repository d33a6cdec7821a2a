/** Why a list could not be read at all. */

/** One of the reasons that `cordon_list_rejected_total` counts by. */
export type ListFault = "too-big" | "unreadable";

export class ListError extends Error {
	readonly reason: ListFault;

	constructor(reason: ListFault, message: string, cause?: unknown) {
		super(message, cause === undefined ? undefined : { cause });
		this.name = "ListError";
		this.reason = reason;
	}
}
