/** One line of a list, read. */
import type { NetworkRule, Rule } from "../../blocklist/rule.ts";

/**
 * A line read. `none`: blank, a comment, or part of the format's own furniture (a zone's SOA). `skipped`: well
 * formed, but it has no meaning in DNS. `bad`: not understood; `reason` names what is wrong with it.
 */
export type Line =
	| { readonly kind: "rules"; readonly rules: readonly Rule[] }
	| { readonly kind: "networks"; readonly networks: readonly NetworkRule[] }
	| { readonly kind: "none" }
	| { readonly kind: "skipped"; readonly reason: string }
	| { readonly kind: "bad"; readonly reason: string };

/** Reads a list line by line; zone files keep `$ORIGIN` and open parentheses between lines. */
export interface LineReader {
	/** `line` without its line ending; the byte order mark of the first line is already gone. */
	read(line: string): Line;
}
