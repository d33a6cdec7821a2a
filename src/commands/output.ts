/** Where a command prints; `process` is one. */
export interface Output {
	readonly stdout: { write(text: string): unknown };
	readonly stderr: { write(text: string): unknown };
}
