/** How a worker's UDP moves: in batches through the kernel's own interface, or through Node's sockets. */
import type { HostPort } from "../config/address.ts";
import type { UpstreamServer } from "../config/upstream-settings.ts";
import type { WorkerPriority } from "../config/workers-schema.ts";
import type { OpenLastConnections } from "../listen/stream.ts";
import type { Counters } from "../observe/counters.ts";
import type { TapPoint } from "../observe/tap.ts";
import type { Query } from "../resolve/query.ts";
import type { Round } from "../sockets/round.ts";
import type { Carrier, CarrierEvents } from "../upstream/carrier.ts";
import type { RandomNumbers } from "../upstream/random.ts";

export interface EngineParts {
	readonly run: (query: Query, fault: number) => void;
	readonly round: Round;
	readonly counters: Counters;
	readonly random: RandomNumbers;
	readonly tapPoint: TapPoint;
}

/** An open address: closed first, and let go of when it is no longer busy. */
export interface UdpDoor {
	/** Reads what is there already, and then no more; when it is `left` to others who read from the same socket, not even that. */
	close(isLeft: boolean): void;
	/** Whether answers are still on their way. */
	readonly isBusy: boolean;
	release(): void;
}

export interface Engine {
	/** The port listened on. `fd`: of a socket that is open already. `maxAnswer` in bytes. */
	listen(
		endpoint: HostPort,
		fd: number | undefined,
		maxAnswer: number,
	): Promise<{ readonly port: number; readonly listener: UdpDoor }>;
	/** Missing where only Node itself can accept. */
	readonly lastConnections: OpenLastConnections | undefined;
	/** What takes questions to an upstream over UDP. */
	carrier(server: UpstreamServer, events: CarrierEvents): Carrier;
	/** How the system treats the calling thread from now on; false when it did not allow that. */
	take(priority: WorkerPriority): boolean;
	close(): void;
}
