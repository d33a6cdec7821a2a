import { formatHostPort } from "../config/address.ts";

/** Why the admin server cannot have its address, and what to do about it: a message for the operator. */
export function listenProblem(error: unknown, address: string, port: number): Error {
	const at = formatHostPort({ address, port, family: address.includes(":") ? 6 : 4 });
	const code = (error as NodeJS.ErrnoException).code;
	const advice: Readonly<Record<string, string>> = {
		EADDRINUSE:
			"the port is taken, perhaps by another Cordon. Stop the other program, or set listen.admin to another port, or to false",
		EACCES:
			"ports below 1024 need root or CAP_NET_BIND_SERVICE. Set listen.admin to a higher port, such as 8053",
		EADDRNOTAVAIL: "this machine has no such address. Set listen.admin to one it has, such as 127.0.0.1:8053",
	};
	const why =
		advice[code ?? ""] ?? `${error instanceof Error ? error.message : String(error)}. See listen.admin`;
	return new Error(`cannot serve the admin page on ${at}: ${why}`, { cause: error });
}
