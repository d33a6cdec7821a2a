/** Brings the present version of a list here, from wherever it comes. */
import { stat } from "node:fs/promises";
import type { ListConfig } from "../config/schema.ts";
import type { StoredBytes } from "./body.ts";
import { type DownloadOptions, download } from "./download.ts";
import type { DownloadError } from "./download-error.ts";
import type { Validators } from "./exchange.ts";
import { bringLocalFile, type LocalFileError } from "./local-file.ts";
import type { CopyFacts } from "./shelf-record.ts";
import type { ListSource } from "./source.ts";

/** `unchanged`: the source says that the stored copy is still what it gives out. */
export type Brought =
	| { readonly kind: "unchanged"; readonly validators: Validators }
	| {
			readonly kind: "brought";
			readonly validators: Validators;
			readonly stored: StoredBytes;
			/** The temporary file, or with `uncopied` the local file itself, which is not ours. */
			readonly path: string;
			readonly uncopied?: LocalFileError;
	  };

export interface BringOptions extends DownloadOptions {
	readonly onRetry: (error: DownloadError, pauseMs: number) => void;
}

/**
 * @param temporary the file to write.
 * @param facts of the stored copy.
 */
export async function bring(
	list: ListConfig,
	source: ListSource,
	temporary: string,
	facts: CopyFacts | undefined,
	options: BringOptions,
): Promise<Brought> {
	if (source.kind === "file") {
		const request = { name: list.name, file: source.file, path: temporary };
		return { kind: "brought", validators: {}, ...(await bringLocalFile(request, { ...options, stat })) };
	}
	const { etag, lastModified } = facts ?? {};
	const request = {
		name: list.name,
		url: source.url,
		allowPrivateAddress: list.allowPrivateAddress,
		validators: { ...(etag !== undefined && { etag }), ...(lastModified !== undefined && { lastModified }) },
		path: temporary,
	};
	const result = await download(request, options);
	return result.kind === "unchanged" ? result : { ...result, kind: "brought", path: temporary };
}
