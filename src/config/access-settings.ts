/** Who may ask, as the program uses it. */
import { type Prefix, parsePrefix } from "./address.ts";
import { parsed } from "./parsed.ts";
import type { Config } from "./schema.ts";

export interface AccessSettings {
	readonly allow: readonly Prefix[];
}

function prefixes(texts: readonly string[]): readonly Prefix[] {
	return texts.map((text) => parsed(parsePrefix(text), text));
}

export function toAccess({ access }: Config): AccessSettings {
	return { allow: prefixes(access.allow) };
}
