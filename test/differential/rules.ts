/** Differences that are meant, each explained in docs/conformance.md under the same name. */
import type { Difference } from "./compare.ts";
import type { Question } from "./questions.ts";
import type { Message } from "./reading.ts";

export interface Case {
	readonly question: Question;
	/** Undefined: silence. */
	readonly cordon: Message | undefined;
	readonly unbound: Message | undefined;
}

export interface Rule {
	/** As the document has it. */
	readonly name: string;
	readonly explains: (difference: Difference, about: Case) => boolean;
}

export const RULES: readonly Rule[] = [];
