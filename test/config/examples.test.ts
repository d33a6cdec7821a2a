import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { loadConfig } from "../../src/config/load.ts";
import { toSettings } from "../../src/config/settings.ts";
import { PROJECT } from "./project-folder.ts";

const FOLDER = join(PROJECT, "config");

test("every example is a configuration without faults", async (t) => {
	const files = readdirSync(FOLDER).filter((file) => file.endsWith(".yaml"));
	t.ok(["cordon.yaml", "home.yaml", "isp.yaml"].every((file) => files.includes(file)));
	for (const file of files) {
		const path = join(FOLDER, file);
		const { config } = await loadConfig({ path, machineAddresses: [] });
		t.ok(toSettings(config), file);
		t.match(readFileSync(path, "utf8"), /^# yaml-language-server: \$schema=cordon\.schema\.json\n/);
	}
});

test("npm start serves this machine alone", async (t) => {
	const { config } = await loadConfig({ path: join(FOLDER, "cordon.yaml"), machineAddresses: [] });
	t.match(config, {
		listen: { dns: ["127.0.0.1:5300"], admin: "127.0.0.1:8053" },
		blocking: { deny: ["blocked.example"] },
		lists: [{ category: "phishing" }, { category: "malware" }],
	});
});

test("no example answers the whole internet", async (t) => {
	for (const file of ["cordon.yaml", "home.yaml", "isp.yaml"]) {
		const { config } = await loadConfig({ path: join(FOLDER, file), machineAddresses: [] });
		t.notOk(
			toSettings(config).access.allow.some(({ length }) => length === 0),
			file,
		);
	}
});
