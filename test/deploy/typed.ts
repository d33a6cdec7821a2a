/** Plain data, held against the types of a library by the compiler: wrong values, and keys that the type does not know. */
import { join } from "node:path";
import ts from "typescript";
import { repository } from "../bench/results.ts";

export interface Claim {
	/** For messages. */
	readonly name: string;
	readonly module: string;
	/** What the module exports: the type that `value` is said to have. */
	readonly type: string;
	readonly value: unknown;
}

const OPTIONS: ts.CompilerOptions = {
	target: ts.ScriptTarget.ES2023,
	module: ts.ModuleKind.ESNext,
	// Libraries import their own types without endings.
	moduleResolution: ts.ModuleResolutionKind.Bundler,
	strict: true,
	noEmit: true,
	skipLibCheck: true,
	types: [],
};

/** One file per claim, in memory only; a fresh literal may have no key beyond those of its type. */
function sourceOf({ module, type, value }: Claim): string {
	return `import type { ${type} as Claimed } from ${JSON.stringify(module)};\nexport const value: Claimed = ${JSON.stringify(value, undefined, 1)};\n`;
}

/**
 * An enum of a library as the values that it has: plain data has these, and no members of enums.
 *
 * `declare enum Mode { Off = "off", On = "on" }` becomes `type Mode = "off" | "on"`.
 */
function withoutEnums(text: string): string {
	return text.replaceAll(/declare (?:const )?enum (\w+) \{([^}]*)\}/g, (_, name: string, members: string) => {
		const values = [...members.matchAll(/=\s*("[^"]*"|-?\d+)/g)].map(([, value]) => value);
		return `declare type ${name} = ${values.join(" | ")};`;
	});
}

/** @returns what the compiler says, one sentence each with the line it is about; nothing when all is as claimed. */
export function complaints(claims: readonly Claim[]): string[] {
	const files = new Map(
		claims.map((claim, i) => [join(repository(), "test/deploy", `claim-${i}.ts`), claim]),
	);
	const host = ts.createCompilerHost(OPTIONS);
	const { getSourceFile, fileExists, readFile } = host;
	host.fileExists = (path) => files.has(path) || fileExists(path);
	host.readFile = (path) => {
		const claim = files.get(path);
		return claim === undefined ? readFile(path) : sourceOf(claim);
	};
	host.getSourceFile = (path, ...more) => {
		const claim = files.get(path);
		if (claim !== undefined) return ts.createSourceFile(path, sourceOf(claim), ts.ScriptTarget.ES2023);
		if (!path.includes("/@grafana/schema/")) return getSourceFile(path, ...more);
		return ts.createSourceFile(path, withoutEnums(readFile(path) ?? ""), ts.ScriptTarget.ES2023);
	};
	const program = ts.createProgram([...files.keys()], OPTIONS, host);
	return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
		const text = ts.flattenDiagnosticMessageText(messageText, "\n");
		const claim = file === undefined ? undefined : files.get(file.fileName);
		if (file === undefined || claim === undefined) return text;
		const line = file.text.split("\n")[file.getLineAndCharacterOfPosition(start ?? 0).line];
		return `${claim.name}: ${text} at ${line.trim()}`;
	});
}
