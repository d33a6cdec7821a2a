/** Something is wrong with what was typed; the message says what. */
export class UsageError extends Error {
	override readonly name = "UsageError";
}
