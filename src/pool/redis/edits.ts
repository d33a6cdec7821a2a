/** Edits on their way into a script: which buckets they touch, and each as five arguments. */
import type { Edit } from "../record.ts";
import { domainOf } from "../record-key.ts";
import { MOST_RECORD_BYTES } from "./ground.ts";
import { bucketOf, type Keys } from "./keys.ts";
import type { Meta } from "./meta.ts";

export interface PackedEdits {
	/** The buckets' keys. */
	readonly keys: readonly string[];
	readonly args: readonly string[];
}

/** The buckets of `recordKeys`, each once, and for each record key the place of its bucket among them, from 0. */
export function bucketsOf(
	recordKeys: readonly string[],
	{ position: { epoch }, buckets }: Meta,
	keys: Keys,
): { readonly keys: readonly string[]; readonly places: readonly number[] } {
	const placeOf = new Map<number, number>();
	const places = recordKeys.map((key) => {
		const bucket = bucketOf(domainOf(key), buckets);
		const place = placeOf.get(bucket) ?? placeOf.size;
		placeOf.set(bucket, place);
		return place;
	});
	return { keys: [...placeOf.keys()].map((bucket) => keys.bucket(epoch, bucket)), places };
}

/** @param first the number of the first bucket's key among the script's keys. */
export function packEdits(edits: readonly Edit[], first: number, meta: Meta, keys: Keys): PackedEdits {
	const buckets = bucketsOf(
		edits.map((edit) => edit.key),
		meta,
		keys,
	);
	const args = edits.flatMap(({ key, value, expiresAt }, i) => [
		String(first + buckets.places[i]),
		value === undefined ? "-" : "+",
		key,
		value ?? "",
		value === undefined || expiresAt === undefined ? "" : String(expiresAt),
	]);
	return { keys: buckets.keys, args };
}

/** @throws RangeError when the store could not keep it, or not give it back as it is. */
export function checkEdit({ key, value, expiresAt }: Edit): void {
	if (key === "" || key.length > 1024) {
		throw new RangeError(`a record's key has 1 to 1024 characters, not ${key.length}`);
	}
	const bytes = Buffer.byteLength(key) + Buffer.byteLength(value ?? "");
	if (bytes > MOST_RECORD_BYTES) {
		throw new RangeError(
			`the record ${JSON.stringify(key)} has ${bytes} bytes, ${MOST_RECORD_BYTES} are allowed`,
		);
	}
	if (expiresAt !== undefined && !Number.isSafeInteger(expiresAt)) {
		throw new RangeError(`the record ${JSON.stringify(key)} expires at ${expiresAt}, which is no moment`);
	}
}
