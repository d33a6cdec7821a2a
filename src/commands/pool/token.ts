/** The token that a command proves itself with, and where it came from. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../usage-error.ts";

/** The server writes it when it starts with a pool, for its own user alone. */
const OPERATOR_TOKEN = "operator.token";
const TOKEN = /^[\x21-\x7e]{1,512}$/;

export interface Token {
	readonly value: string;
	/** For messages. */
	readonly source: string;
}

function checked(text: string, source: string): Token {
	const value = text.split("\n", 1)[0].trim();
	if (!TOKEN.test(value)) {
		throw new UsageError(`${source} has no token: its first line must be one, without blanks`);
	}
	return { value, source };
}

function whyUnreadable(path: string, error: unknown, advice: { missing: string; denied: string }): string {
	const { code, message } = error as NodeJS.ErrnoException;
	if (code === "ENOENT" || code === "ENOTDIR") return `${path} is not there. ${advice.missing}`;
	if (code === "EACCES" || code === "EPERM") return `${path} may not be read by this user. ${advice.denied}`;
	return `${path} cannot be read: ${message}`;
}

const OWN_ADVICE = "or name a token of your own with --token-file FILE or CORDON_TOKEN";

/**
 * @param dataDir of the node whose own token may be used; undefined when it is not known.
 * Throws UsageError.
 */
export async function findToken(
	file: string | undefined,
	env: NodeJS.ProcessEnv,
	dataDir: string | undefined,
): Promise<Token> {
	if (file !== undefined) {
		const text = await readFile(file, "utf8").catch((error: unknown) => {
			const advice = { missing: "Correct --token-file", denied: "Correct --token-file, or its permissions" };
			throw new UsageError(whyUnreadable(file, error, advice));
		});
		return checked(text, file);
	}
	if (env.CORDON_TOKEN !== undefined && env.CORDON_TOKEN !== "") {
		return checked(env.CORDON_TOKEN, "CORDON_TOKEN");
	}
	if (dataDir === undefined) {
		throw new UsageError(
			"with --admin, say who you are: --token-file FILE, or CORDON_TOKEN; or --config FILE, to use the token of that node",
		);
	}
	const path = join(dataDir, OPERATOR_TOKEN);
	const text = await readFile(path, "utf8").catch((error: unknown) => {
		const advice = {
			missing: `Is the server running, with this configuration? It writes the file when it starts. Start it, ${OWN_ADVICE}`,
			denied: `Run this as the user that the server runs as, ${OWN_ADVICE}`,
		};
		throw new UsageError(whyUnreadable(path, error, advice));
	});
	return checked(text, path);
}
