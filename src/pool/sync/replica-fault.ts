/** The replica could not be read or written: its disk is full, or its folder is gone. */
export class ReplicaFault extends Error {
	override readonly name = "ReplicaFault";
}

/** Does what concerns the replica, so that its faults can be told from the store's. Rejects with ReplicaFault. */
export async function onReplica<T>(work: () => T | Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		throw new ReplicaFault(error instanceof Error ? error.message : String(error), { cause: error });
	}
}
