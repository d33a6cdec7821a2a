/** Where the librarian's thread begins: it gives way to others before it loads anything large. */
import { workerData } from "node:worker_threads";
import type { Job } from "./job.ts";

if ((workerData as Job).mayYield) (await import("../sockets/yielding.ts")).beginYielding();
await import("./librarian.ts");
