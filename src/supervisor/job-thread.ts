/** The librarian's thread for one job, as the supervisor starts and hears it. */
import { Worker } from "node:worker_threads";
import type { Regions } from "../blocklist/regions.ts";
import type { FromLibrarian, Job, Region } from "../librarian/job.ts";
import type { Log } from "../observe/log.ts";
import type { ListBooks } from "./books.ts";
import type { PoolSide } from "./pool/side.ts";

/**
 * Of objects in the librarian's thread; blocklists lie outside. The higher the limit, the more garbage V8 lets lie about;
 * a million names of a list that goes to the pool need some 150.
 */
const LIBRARIAN_MIB = 640;

/** For so long others come first: a list of a million lines takes less on a core that is not full. */
const YIELDS_MS = 5000;

export type Compiled = Extract<FromLibrarian, { kind: "compiled" }>;

export interface JobThreadParts {
	readonly log: Log;
	readonly regions: Regions;
	/** Undefined without one. */
	readonly pool: () => PoolSide | undefined;
	readonly books: ListBooks;
}

export interface JobThread {
	readonly thread: Worker;
	/** The new blocklist, if one was compiled; never rejects. */
	readonly compiled: Promise<Compiled | undefined>;
}

export async function startJob(job: Job, { log, regions, pool, books }: JobThreadParts): Promise<JobThread> {
	const { endYielding } = job.mayYield ? await import("../sockets/yielding.ts") : {};
	const thread = new Worker(new URL("../librarian/thread.js", import.meta.url), {
		workerData: job,
		resourceLimits: { maxOldGenerationSizeMb: LIBRARIAN_MIB },
	});
	let outcome: Compiled | undefined;
	let ended: (() => void) | undefined;
	const compiled = new Promise<Compiled | undefined>((resolve) => {
		thread.on("message", (message: FromLibrarian) => {
			switch (message.kind) {
				case "yields":
					ended = endYielding?.(message, YIELDS_MS);
					break;
				case "wanted":
					thread.postMessage({ memory: regions.acquire(message.bytes) } satisfies Region);
					break;
				case "compiled":
					outcome = message;
					break;
				case "failed":
					log.error(
						"the lists could not be brought up to date, what was loaded stays; see why, and the room in dataDir",
						{ why: message.message, dataDir: job.dataDir },
					);
					break;
				case "protected":
				case "feed":
					pool()?.hear(message);
					break;
				case "log":
					log[message.level](message.message, message.fields);
					break;
				default:
					books.hear(message, log);
			}
		});
		thread.on("error", (error) =>
			log.error(
				"compiling the lists failed, what was loaded stays; reload to try again, and see whether memory is enough",
				{ error },
			),
		);
		thread.on("exit", () => {
			ended?.();
			resolve(outcome);
		});
	});
	return { thread, compiled };
}
