/** Who may read and write what. */
import { constants } from "node:fs";
import { access, readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Config } from "../../config/schema.ts";
import { namedFiles } from "../named-files.ts";
import { fault, note, ok, type Said, warning } from "./finding.ts";
import type { Check, Patient } from "./patient.ts";

const OTHERS = 0o077;
const OTHERS_READ = 0o004;

interface Owner {
	readonly uid: number;
	readonly gid: number;
	readonly mode: number;
}

async function ownerOf(path: string): Promise<Owner | undefined> {
	return await stat(path).catch(() => undefined);
}

async function may(path: string, mode: number): Promise<boolean> {
	return await access(path, mode).then(
		() => true,
		() => false,
	);
}

/** A password stands in the file itself. */
function hasSecrets({ pool: { redis }, lists }: Config): boolean {
	const inUrl = lists.some(
		({ url }) => url !== undefined && URL.canParse(url) && new URL(url).password !== "",
	);
	return inUrl || redis.password !== undefined || /:\/\/[^/@]*:[^/@]+@/.test(redis.url ?? "");
}

async function dataFolder({ loaded: { config }, uid }: Patient): Promise<Said[]> {
	const { dataDir } = config;
	const owner = await ownerOf(dataDir);
	if (owner === undefined) {
		const parent = dirname(dataDir);
		if (await may(parent, constants.W_OK | constants.X_OK))
			return [ok(`${dataDir} is made at the first start`)];
		return [
			fault(
				`${dataDir} is not there, and this user may not make it`,
				`install -d -o cordon -g cordon -m 750 ${dataDir}`,
			),
		];
	}
	if (!(await may(dataDir, constants.W_OK | constants.X_OK))) {
		const mend = `chown -R ${uid ?? "USER"} ${dataDir}, or run this as its owner: sudo -u '#${owner.uid}' cordon doctor`;
		return [
			fault(
				`this user (${uid ?? "?"}) may not write to dataDir ${dataDir}, which is user ${owner.uid}'s`,
				mend,
			),
		];
	}
	const strangers: string[] = [];
	for (const folder of [dataDir, join(dataDir, "lists"), join(dataDir, "pool")]) {
		for (const name of await readdir(folder).catch(() => [])) {
			const file = await ownerOf(join(folder, name));
			if (file !== undefined && file.uid !== owner.uid) strangers.push(join(folder, name));
		}
	}
	if (strangers.length === 0) return [ok(`${dataDir} can be written to`)];
	return [
		warning(
			`${strangers.length} files in ${dataDir} are not of its owner, such as ${strangers[0]}: a server that runs as user ${owner.uid} may not be able to write them`,
			`chown -R ${owner.uid}:${owner.gid} ${dataDir}`,
		),
	];
}

async function secrets({ loaded: { config, path } }: Patient): Promise<Said[]> {
	const said: Said[] = [];
	const token = join(config.dataDir, "operator.token");
	const tokenOwner = await ownerOf(token);
	if (tokenOwner !== undefined && (tokenOwner.mode & OTHERS) !== 0) {
		said.push(
			fault(`${token} can be read by others: whoever has it is an admin of the pool`, `chmod 600 ${token}`),
		);
	}
	for (const { key, path: file } of namedFiles(config).filter(({ secret }) => secret)) {
		const owner = await ownerOf(file);
		if (owner === undefined)
			said.push(fault(`${key}: ${file} is not there, or not for this user`, `ls -l ${file}`));
		else if ((owner.mode & OTHERS_READ) !== 0) {
			said.push(warning(`${key}: everybody on this machine can read ${file}`, `chmod 600 ${file}`));
		}
	}
	const own = await ownerOf(path);
	if (own !== undefined && (own.mode & OTHERS_READ) !== 0 && hasSecrets(config)) {
		said.push(
			warning(`${path} has a password in it, and everybody on this machine can read it`, `chmod 640 ${path}`),
		);
	}
	return said;
}

/** Root reads everything; the server's user may not. */
async function configuration({ loaded: { config, path }, uid }: Patient): Promise<Said[]> {
	if (uid !== 0) return [];
	const [data, file] = await Promise.all([ownerOf(config.dataDir), ownerOf(path)]);
	if (data === undefined || file === undefined || data.uid === 0) return [];
	const readable =
		(file.mode & OTHERS_READ) !== 0 ||
		(file.uid === data.uid && (file.mode & 0o400) !== 0) ||
		(file.gid === data.gid && (file.mode & 0o040) !== 0);
	if (readable) return [];
	return [
		warning(
			`${path} may not be readable for user ${data.uid}, whose ${config.dataDir} is`,
			`chgrp ${data.gid} ${path} && chmod 640 ${path}`,
		),
	];
}

export const PERMISSIONS: Check = {
	name: "permissions",
	async look(patient) {
		if (patient.platform === "win32") return [note("not looked at: this system has no such permissions")];
		return [...(await dataFolder(patient)), ...(await secrets(patient)), ...(await configuration(patient))];
	},
};
