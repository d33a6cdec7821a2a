/** Where lines go. */
import type { LogFields, LogLevel } from "../observe/log.ts";

/** To the log of the process. */
export type Report = (level: LogLevel, message: string, fields: LogFields) => void;

export interface Sink {
	/** Takes one line, its end included, or leaves it out and counts it. */
	take(line: Uint8Array, length: number): void;
	/** Hands on what was taken, as far as that goes without waiting; called now and then, also while nothing comes. */
	flush(): void;
	/** The same for the last time; resolves when what can be handed on has been. */
	close(): Promise<void>;
	/** Opens anew what can be opened anew. */
	reopen(): void;
}
