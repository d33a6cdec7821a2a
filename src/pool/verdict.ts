/** What this node makes of all that is said about a domain. */
import type { Basis, PoolCategory } from "../config/vocabulary.ts";

/** What happens to queries that match. */
export interface Ruling {
	/** `log-only`: counted, and answered as if nothing were said. */
	readonly action: "block" | "log-only";
	readonly category: PoolCategory;
	readonly basis: Basis;
}

/** The pool's word on a domain. Neither: it does not speak of it. */
export interface Verdict {
	/** For the domain alone, when that differs from what holds for the subtree. */
	readonly exact?: Ruling;
	/** For the domain and all below it. */
	readonly subtree?: Ruling;
}

/** Where verdicts go: on their way to the threads that answer. */
export interface VerdictSink {
	/** Takes the place of what was said about this domain before; `{}` takes it back. */
	set(domain: string, verdict: Verdict): void;
}
