/**
 * Garbage collected when we say so. After a large piece of work V8 would keep what that work left behind until it needs
 * room itself, which may be hours later; meanwhile it is missing elsewhere.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collect: (() => void) | undefined;

/** Of this thread alone. Takes some ten milliseconds, in which this thread does nothing else. */
export function collectGarbage(): void {
	if (collect === undefined) {
		setFlagsFromString("--expose-gc");
		collect = runInNewContext("gc") as () => void;
	}
	collect();
}
