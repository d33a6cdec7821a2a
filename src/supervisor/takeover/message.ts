/**
 * What a running Cordon and its successor say to one another, over a socket in dataDir. Each message is one object in JSON.
 * What comes from the other side is looked at here before anybody believes it.
 *
 *     successor                running Cordon
 *     hello               →
 *                         ←    welcome, or refused
 *                         ←    sockets, several times, each with its descriptors
 *                         ←    granted
 *     let-go              →
 *                         ←    yours: dataDir and all that is in it
 *     alive, now and then →
 *     serving, or failed  →
 *                         ←    farewell: it is the main process now
 */
import { isIP } from "node:net";
import type { EngineName } from "../../worker/messages.ts";
import type { HandedSocket, Kept } from "../handed.ts";

/** Changes whenever an older Cordon could misunderstand a message. */
export const PROTOCOL = 1;
/** Descriptors travel beside the message, in the same order. */
export type SocketAbout = Omit<HandedSocket, "fd">;

export type FromSuccessor =
	| { readonly kind: "hello"; readonly protocol: number; readonly version: string }
	/** `inherits`: it goes on with the sockets. Else it opens its own, when they have been closed. */
	| { readonly kind: "let-go"; readonly inherits: boolean; readonly keepsAdmin: boolean }
	| { readonly kind: "alive" }
	| ({ readonly kind: "serving" } & Kept)
	| { readonly kind: "failed"; readonly why: string };

export type FromPredecessor =
	| { readonly kind: "refused"; readonly why: string }
	| {
			readonly kind: "welcome";
			readonly protocol: number;
			readonly version: string;
			readonly engine: EngineName;
			/** Hexadecimal. */
			readonly cookieSecret: string;
	  }
	| { readonly kind: "sockets"; readonly sockets: readonly SocketAbout[] }
	| { readonly kind: "granted" }
	| { readonly kind: "yours" }
	| { readonly kind: "farewell" };

type Fields = Readonly<Partial<Record<string, unknown>>>;

/** Longer texts of the other side are cut: they end up in the log. */
const MOST_TEXT = 2000;

/** Undefined: not a message of this protocol. */
export function readFromSuccessor(text: string): FromSuccessor | undefined {
	const fields = fieldsOf(text);
	switch (fields.kind) {
		case "hello":
			if (typeof fields.protocol !== "number" || typeof fields.version !== "string") return undefined;
			return { kind: "hello", protocol: fields.protocol, version: cut(fields.version) };
		case "let-go":
			if (typeof fields.inherits !== "boolean" || typeof fields.keepsAdmin !== "boolean") return undefined;
			return { kind: "let-go", inherits: fields.inherits, keepsAdmin: fields.keepsAdmin };
		case "alive":
			return { kind: "alive" };
		case "serving": {
			const { workers, keys } = fields;
			if (!isCount(workers) || !Array.isArray(keys) || !keys.every((key) => typeof key === "string"))
				return undefined;
			return { kind: "serving", workers, keys };
		}
		case "failed":
			return typeof fields.why === "string" ? { kind: "failed", why: cut(fields.why) } : undefined;
		default:
			return undefined;
	}
}

/** Undefined: not a message of this protocol. */
export function readFromPredecessor(text: string): FromPredecessor | undefined {
	const fields = fieldsOf(text);
	switch (fields.kind) {
		case "refused":
			return typeof fields.why === "string" ? { kind: "refused", why: cut(fields.why) } : undefined;
		case "welcome": {
			const { protocol, version, engine, cookieSecret } = fields;
			if (typeof protocol !== "number" || typeof version !== "string") return undefined;
			if (engine !== "batch" && engine !== "dgram") return undefined;
			if (typeof cookieSecret !== "string" || !/^[0-9a-f]{32}$/.test(cookieSecret)) return undefined;
			return { kind: "welcome", protocol, version: cut(version), engine, cookieSecret };
		}
		case "sockets": {
			if (!Array.isArray(fields.sockets)) return undefined;
			const sockets = fields.sockets.map(socketAbout);
			return sockets.every((socket) => socket !== undefined) ? { kind: "sockets", sockets } : undefined;
		}
		case "granted":
		case "yours":
		case "farewell":
			return { kind: fields.kind };
		default:
			return undefined;
	}
}

function fieldsOf(text: string): Fields {
	try {
		return { ...JSON.parse(text) };
	} catch {
		return {};
	}
}

function socketAbout(value: unknown): SocketAbout | undefined {
	const { role, key, endpoint, worker, isShared } = { ...(value as Fields) };
	if (role !== "udp" && role !== "tcp" && role !== "admin") return undefined;
	if (typeof key !== "string" || !isCount(worker) || typeof isShared !== "boolean") return undefined;
	const { address, port } = { ...(endpoint as Fields) };
	const family = typeof address === "string" ? isIP(address) : 0;
	if (typeof address !== "string" || (family !== 4 && family !== 6) || !isCount(port)) return undefined;
	return { role, key, endpoint: { address, port, family }, worker, isShared };
}

function isCount(value: unknown): value is number {
	return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 0xffff;
}

function cut(text: string): string {
	return text.slice(0, MOST_TEXT);
}
