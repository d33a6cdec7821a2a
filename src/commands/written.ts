/** What was printed, on its way to whoever reads it: into a pipe, Node writes it later. */
import type { Writable } from "node:stream";

/**
 * A reader that has seen enough, such as `head`, is no fault of ours, and one of the log that is gone no reason to stop answering.
 * To be called before anything is printed.
 */
export function tolerateReaders(...streams: readonly Writable[]): void {
	for (const stream of streams) stream.on("error", () => {});
}

/** Resolves when the stream has handed all of it to the system, or when nobody reads it any more. */
export function written(stream: Writable): Promise<void> {
	return new Promise((resolve) => {
		stream.write("", () => resolve());
	});
}
