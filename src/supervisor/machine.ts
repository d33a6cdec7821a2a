/** What this machine lets a running Cordon do: on Linux the kernel's own calls, elsewhere what Node has. */
import type { ReleasePages } from "../blocklist/regions.ts";
import type { ListenSettings } from "../config/settings.ts";
import type { EngineName } from "../worker/messages.ts";
import type { AdminSockets } from "./admin-door.ts";
import type { DataLockParts } from "./data-lock.ts";
import type { HandedSocket } from "./handed.ts";
import type { ListeningSockets } from "./listening.ts";

/** Where the kernel's structures have the layout that sockets/ writes. */
const KNOWN_ARCHITECTURES: readonly string[] = ["x64", "arm64", "riscv64", "loong64"];

export interface Machine {
	readonly engine: EngineName;
	/** Undefined where workers open their own sockets. */
	readonly sockets: ListeningSockets | undefined;
	/** Undefined where Node opens the admin server's socket. */
	readonly adminSockets: AdminSockets | undefined;
	readonly releasePages: ReleasePages;
	/** Gives the memory of a mapped file's pages back to the system. */
	readonly releaseFilePages: (path: string) => void;
	/** Undefined where the kernel's locks cannot be had. */
	readonly lockFile: DataLockParts["lockFile"];
	/** Gives memory that the allocator keeps back to the system. */
	readonly tidy: () => void;
	/** Gives back what of the program itself was needed for starting alone. */
	readonly releaseProgram: () => void;
	/** Empty where no Cordon can hand over to another. */
	readonly takeover: Partial<Takeover>;
	/** Sockets that the service manager has opened for us. Throws an Error with a message for the operator. */
	readonly activated: (env: NodeJS.ProcessEnv, listen: ListenSettings) => HandedSocket[];
	/** One datagram to a socket of Unix. @returns whether it went out. */
	readonly sendDatagram: (path: string, text: string) => boolean;
}

type Takeover = typeof import("./takeover/predecessor.ts") & typeof import("./takeover/door.ts");

const PORTABLE: Machine = {
	engine: "dgram",
	sockets: undefined,
	adminSockets: undefined,
	releasePages: async () => {},
	releaseFilePages: () => {},
	lockFile: undefined,
	tidy: () => {},
	releaseProgram: () => {},
	takeover: {},
	activated: () => [],
	sendDatagram: () => false,
};

export async function chooseMachine(wanted: "auto" | EngineName): Promise<Machine> {
	const supported = process.platform === "linux" && KNOWN_ARCHITECTURES.includes(process.arch);
	if (!supported && wanted === "batch") {
		throw new Error(
			`listen.udpEngine batch needs Linux on a 64-bit processor, this is ${process.platform} on ${process.arch}; use auto`,
		);
	}
	if (!supported) return PORTABLE;
	try {
		const ours = { ...PORTABLE, ...(await withoutEngine()) };
		return wanted === "dgram" ? ours : { ...ours, ...(await batchEngine()) };
	} catch (error) {
		if (wanted !== "batch") return PORTABLE;
		throw new Error(
			`listen.udpEngine batch needs the package koffi, which cannot be loaded: ${(error as Error).message}`,
		);
	}
}

/** What does not depend on how UDP moves. */
async function withoutEngine(): Promise<Pick<Machine, "takeover" | "activated" | "sendDatagram">> {
	const { Predecessor } = await import("./takeover/predecessor.ts");
	const { TakeoverDoor, doorPath } = await import("./takeover/door.ts");
	const { activatedSockets } = await import("./activation.ts");
	const { sendDatagram } = await import("../sockets/unix.ts");
	return {
		takeover: { Predecessor, TakeoverDoor, doorPath },
		activated: activatedSockets,
		sendDatagram,
	};
}

async function batchEngine(): Promise<Omit<Machine, "takeover" | "activated" | "sendDatagram">> {
	const { ListeningSockets } = await import("./listening.ts");
	const { ADMIN_SOCKETS } = await import("./admin-sockets.ts");
	const { keepNoLargeBlocks, releasePages, trimHeap } = await import("../sockets/pages.ts");
	const { collectGarbage } = await import("../sockets/garbage.ts");
	const { releaseFilePages, releaseProgramPages } = await import("../sockets/file-pages.ts");
	const { lockFile } = await import("../sockets/file-lock.ts");
	keepNoLargeBlocks();
	return {
		engine: "batch",
		sockets: new ListeningSockets(),
		adminSockets: ADMIN_SOCKETS,
		releasePages,
		releaseFilePages,
		lockFile,
		tidy: () => {
			collectGarbage();
			trimHeap();
		},
		releaseProgram: releaseProgramPages,
	};
}
