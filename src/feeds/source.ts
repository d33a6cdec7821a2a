/** Where a list comes from, and how that may be shown and remembered. */
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import type { ListConfig } from "../config/schema.ts";
import { maskedUrl } from "./masked-url.ts";

interface Common {
	/** For people: the path, or the URL without its secrets. */
	readonly shown: string;
	/** For telling apart: the same text only for the same source. A hash, so that keys in URLs do not reach the disk. */
	readonly id: string;
}

export type ListSource =
	| (Common & { readonly kind: "url"; readonly url: string })
	| (Common & { readonly kind: "file"; readonly file: string });

function identity(text: string): string {
	return createHash("sha256").update(text).digest("hex");
}

/** `configDir`: what a list's `file` is relative to. */
export function listSource(list: Pick<ListConfig, "url" | "file">, configDir: string): ListSource {
	if (list.url === undefined) {
		const file = resolve(configDir, list.file ?? "");
		return { kind: "file", file, shown: file, id: identity(`file:${file}`) };
	}
	// A changed password is still the same list, a changed query may be another one.
	const url = new URL(list.url);
	url.username = "";
	url.password = "";
	url.hash = "";
	return { kind: "url", url: list.url, shown: maskedUrl(list.url), id: identity(url.href) };
}
