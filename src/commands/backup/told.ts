/** What is told of a backup. */
import { counted } from "../pool/layout.ts";
import type { Manifest } from "./manifest.ts";

/** In lines. */
export function described({
	created,
	cordon,
	host,
	lists,
	config,
	pool,
	files,
}: Manifest): readonly string[] {
	const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
	const parts =
		pool === undefined
			? "no pool"
			: [
					`pool ${pool.name} (${pool.store}): ${counted(pool.records, "record")}`,
					counted(pool.audit, "audit entry", "audit entries"),
					counted(pool.batches, "batch", "batches"),
					counted(pool.sightings, "sighting"),
				].join(", ");
	return [
		`made ${new Date(created).toISOString()} on ${host} by cordon ${cordon}, ${(bytes / 1024 ** 2).toFixed(1)} MiB unpacked`,
		`  ${parts}`,
		...(pool?.complete === false ? ["  without what is in Redis alone: audit, held batches, sightings"] : []),
		`  ${counted(lists.length, "list")}, ${counted(config.length, "file")} of the configuration`,
	];
}
