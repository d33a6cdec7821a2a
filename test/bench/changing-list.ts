import { once } from "node:events";
import { createReadStream, renameSync, utimesSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { writeLines } from "./lines-file.ts";

/** Share of the list that is replaced from one version to the next. */
const CHANGED = 0.01;

/** A list of which there are several versions, all prepared beforehand, so that changing it costs nothing. */
export class ChangingList {
	/** Where the present version lies. */
	readonly path: string;
	readonly #directory: string;
	#version = 0;

	constructor(directory: string, domains: readonly string[], versions: number) {
		this.#directory = directory;
		this.path = join(directory, "domains.txt");
		const kept = Math.floor(domains.length * (1 - CHANGED));
		for (let version = 0; version < versions; version++) {
			const lines = domains.slice(0, kept);
			for (let i = kept; i < domains.length; i++) lines.push(`v${version}-${domains[i]}`);
			lines.push(this.marker(version));
			writeLines(this.#file(version), lines);
		}
		renameSync(this.#file(0), this.path);
	}

	/** A name that only this version blocks. */
	marker(version: number): string {
		return `version-${version}.reload-bench.net`;
	}

	/** Puts the next version in place of the present one; returns its marker. */
	change(): string {
		this.#version++;
		const next = this.#file(this.#version);
		const now = new Date();
		utimesSync(next, now, now);
		renameSync(next, this.path);
		return this.marker(this.#version);
	}

	/** Serves the present version over HTTP; returns its address. */
	async serve(): Promise<string> {
		const server = createServer((request, response) => {
			const tag = `"version-${this.#version}"`;
			if (request.headers["if-none-match"] === tag) {
				response.writeHead(304).end();
				return;
			}
			response.writeHead(200, { "content-type": "text/plain", etag: tag });
			createReadStream(this.path).pipe(response);
		});
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		server.unref();
		const address = server.address();
		return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/domains.txt`;
	}

	#file(version: number): string {
		return join(this.#directory, `version-${version}.txt`);
	}
}
