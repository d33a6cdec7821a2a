/** What every test of a real client stands on: an authority with a signed zone, and Cordon in front of it. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cleanup } from "../bench/cleanup.ts";
import { cordonMain } from "../bench/cordon-server.ts";
import { freePort } from "../bench/free-port.ts";
import type { Program } from "../bench/program.ts";
import { startAuthority, startCordon, startProgram, untilItAnswers } from "../differential/servers.ts";

export interface ClientGround {
	/** Cordon's port; it blocks bad.example. */
	readonly port: number;
	/** The file with the DNSKEY record of signed.example. */
	readonly keyFile: string;
	/** Writes a file beside the others. @returns its path. */
	write(name: string, text: string): string;
	/** Starts a resolver that is configured by `arguments`, and waits until it answers for ns.zone.example. */
	launch(
		file: string,
		port: number,
		words: readonly string[],
		environment?: NodeJS.ProcessEnv,
	): Promise<Program>;
	readonly directory: string;
}

const TOOL_MS = 20_000;

export async function prepareGround(): Promise<ClientGround> {
	const main = cordonMain();
	if (main === undefined) throw new Error("Cordon is not built");
	const cleanup = new Cleanup();
	const directory = mkdtempSync(join(tmpdir(), "cordon-clients-"));
	cleanup.add(() => rmSync(directory, { recursive: true, force: true }));
	const ground = { cleanup, directory };
	const authority = await startAuthority(ground);
	const port = await startCordon(ground, main, authority.port, { blocking: { deny: ["bad.example"] } });
	return {
		port,
		keyFile: authority.keyFile,
		directory,
		write: (name, text) => {
			const path = join(directory, name);
			writeFileSync(path, text);
			return path;
		},
		launch: async (file, at, words) => {
			const program = startProgram(ground, file, file, words);
			await untilItAnswers(program, file, at);
			return program;
		},
	};
}

/** What a tool prints; rejects when it fails or takes too long. */
export function printed(file: string, ...words: readonly string[]): Promise<string> {
	return new Promise((resolve, reject) => {
		const child = spawn(file, words, { stdio: ["ignore", "pipe", "pipe"], timeout: TOOL_MS });
		let text = "";
		for (const stream of [child.stdout, child.stderr])
			stream.setEncoding("utf8").on("data", (piece: string) => {
				text += piece;
			});
		child.on("error", reject);
		child.on("close", (code) => {
			if (code === 0) resolve(text);
			else reject(new Error(`${file} ${words.join(" ")} ended with ${code}:\n${text}`));
		});
	});
}

export { freePort };
