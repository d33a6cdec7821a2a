/** What the supervisor and the scribe say to one another. */
import type { LogSettings } from "../config/log-settings.ts";
import type { LogFields, LogLevel } from "../observe/log.ts";

/** What is to be written, and how. */
export interface Assignment {
	readonly settings: LogSettings;
	/** Of the keyed hash of clients' addresses: SIPHASH_KEY_BYTES. */
	readonly secret: Uint8Array;
}

export interface ScribeStart {
	readonly assignment: Assignment;
	/** One for each worker that writes records, or did. */
	readonly rings: readonly SharedArrayBuffer[];
	/** A `Lexicon`. */
	readonly lexicon: SharedArrayBuffer;
	/** `ScribeCounts`. */
	readonly counts: SharedArrayBuffer;
}

export type ToScribe =
	/** Files are opened anew, whether anything else has changed or not. */
	| { readonly kind: "use"; readonly assignment: Assignment }
	/** Of a worker that is new. */
	| { readonly kind: "ring"; readonly ring: SharedArrayBuffer }
	/** Writes what is in the rings, and ends. */
	| { readonly kind: "finish" };

export type FromScribe = {
	readonly kind: "log";
	readonly level: LogLevel;
	readonly message: string;
	readonly fields: LogFields;
};
