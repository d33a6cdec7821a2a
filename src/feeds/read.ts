/** Placeholder signature; the formats' author replaces this file. */

import type { Rule } from "../blocklist/rule.ts";
import type { ListFormat } from "../config/schema.ts";

export interface ReadOptions {
	/** `auto` finds it by looking at the first lines. */
	readonly format: ListFormat | "auto";
	/** What a name in a hosts or plain list means. */
	readonly hostsMatch: "exact" | "subtree";
	/** Unpacked bytes above which reading stops with an error; gzip is known by its first bytes. */
	readonly maxBytes: number;
}

export interface ReadReport {
	readonly format: ListFormat;
	readonly lines: number;
	readonly rules: number;
	readonly skipped: number;
	readonly bad: number;
	/** The first of them, to show a person. */
	readonly badLines: readonly { readonly line: number; readonly text: string; readonly reason: string }[];
	/** Whether it looks like a web page rather than a list. */
	readonly html: boolean;
}

export type OnRule = (rule: Rule, line: number) => void;
export declare function readList(path: string, options: ReadOptions, onRule: OnRule): Promise<ReadReport>;
