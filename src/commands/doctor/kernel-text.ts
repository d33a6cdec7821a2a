/** Short texts in which the kernel tells numbers. */
import { readFile } from "node:fs/promises";

/** Undefined when there is no such file, or it may not be read. */
export async function kernelText(path: string): Promise<string | undefined> {
	try {
		return (await readFile(path, "utf8")).trim();
	} catch {
		return undefined;
	}
}

/** Undefined when there is none. */
export async function kernelNumber(path: string): Promise<number | undefined> {
	const text = await kernelText(path);
	return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
