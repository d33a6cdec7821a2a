/** Where the scribe's thread begins: it makes room for others before it loads anything. */
import { setPriority } from "node:os";

/** On a full core it gets a quarter as much as a resolver worker: less would lose most of what there is to write. */
const NICENESS = 6;

// Elsewhere this would be said of the whole process.
if (process.platform === "linux") {
	try {
		setPriority(0, NICENESS);
	} catch {
		// It may be lower already.
	}
}
await import("./scribe.ts");
