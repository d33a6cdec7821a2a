/** What the programs themselves say about the files of deploy/. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "tap";
import { repository } from "../bench/results.ts";
import { cordonWords, deployFile, Installed } from "./installed.ts";

const DEPLOY = join(repository(), "deploy");

function said(file: string, ...words: string[]): { readonly code: number | null; readonly output: string } {
	const { status, stdout, stderr } = spawnSync(file, words, { encoding: "utf8", timeout: 60_000 });
	return { code: status, output: `${stdout}${stderr}` };
}

test("each program takes its file", (t) => {
	const folder = mkdtempSync(join(tmpdir(), "cordon-deploy-"));
	t.teardown(() => rmSync(folder, { recursive: true }));
	// ExaBGP looks whether the script is there.
	const exabgp = join(folder, "exabgp.conf");
	const script = "/usr/lib/cordon/anycast/check-cordon";
	writeFileSync(
		exabgp,
		deployFile("anycast/exabgp.conf").replace(script, join(DEPLOY, "anycast/check-cordon")),
	);
	for (const [file, ...words] of [
		["dnsdist", "--check-config", "-C", join(DEPLOY, "isp/dnsdist.conf")],
		["bird", "-p", "-c", join(DEPLOY, "anycast/bird.conf")],
		["exabgp", "--validate", exabgp],
		["bash", "-n", join(DEPLOY, "anycast/check-cordon")],
		["bash", "-n", join(DEPLOY, "docker/healthcheck")],
	]) {
		const { code, output } = said(file, ...words);
		t.equal(code, 0, `${file} ${words.join(" ")}: ${output}`);
	}
	t.end();
});

test("Cordon takes the configuration of each node", (t) => {
	const directory = mkdtempSync(join(tmpdir(), "cordon-deploy-"));
	t.teardown(() => rmSync(directory, { recursive: true }));
	for (const number of [1, 2, 3]) {
		const config = new Installed(directory, `${number}`).put(`isp/cordon-${number}.yaml`, "etc/cordon.yaml");
		const [file, ...words] = cordonWords("check", "--config", config);
		const { output } = said(file, ...words);
		t.match(output, /no faults/, output);
	}
	t.end();
});
