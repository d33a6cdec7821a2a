/** A request that gets no more than a problem in answer. */

export class Refusal extends Error {
	override readonly name = "Refusal";
	/** Of HTTP. */
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;

	/** @param message what is wrong, with the thing, its value and what to do. */
	constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
		super(message);
		this.status = status;
		this.headers = headers;
	}
}

/** The client is gone: there is nobody to answer. */
export class HungUp extends Error {
	override readonly name = "HungUp";
}
