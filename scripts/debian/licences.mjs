// /usr/share/doc/cordon/copyright: Cordon's own licence, and those of all that comes along, word for word.
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "../prepare.mjs";

const LICENCE = /^(licen[cs]e|copying)/i;
const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

function licenceFile(folder) {
	if (!existsSync(folder)) return undefined;
	const name = readdirSync(folder).find((file) => LICENCE.test(file));
	return name === undefined ? undefined : readFileSync(join(folder, name), "utf8");
}

/** `@koromix/koffi-linux-x64` brings the binaries of `koffi`, and lies under its licence. */
function parentOf(name) {
	return name
		.split("/")
		.at(-1)
		.replace(/-linux-.*$/, "");
}

function authorOf({ author, name }) {
	const text = typeof author === "object" ? author.name : author;
	return text ?? `the authors of ${name}`;
}

/** Throws an Error when a package does not say under which terms it may be handed on. */
function licenceOf(path) {
	const manifest = JSON.parse(readFileSync(join(ROOT, path, "package.json"), "utf8"));
	const text =
		licenceFile(join(ROOT, path)) ?? licenceFile(join(ROOT, "node_modules", parentOf(manifest.name)));
	if (text !== undefined) return { manifest, text };
	if (manifest.license !== "MIT") {
		throw new Error(
			`${path} has no licence file, and is under ${manifest.license}; add its text to scripts/debian`,
		);
	}
	return { manifest, text: `The MIT License\n\nCopyright ${authorOf(manifest)}\n\n${MIT}` };
}

/** Debian has the full text once for all. */
function withoutApache(text) {
	return text.replace(
		/^[ \t]*Apache License\s+Version 2\.0, January 2004[\s\S]*?END OF TERMS AND CONDITIONS[ \t]*$/gm,
		"The Apache License, Version 2.0, January 2004. On Debian systems its full text is in\n/usr/share/common-licenses/Apache-2.0.",
	);
}

/** As a field of several lines wants it: indented by one, with a dot for an empty line. */
function asField(text) {
	return withoutApache(text)
		.replace(/\r/g, "")
		.replace(/\t/g, "    ")
		.trim()
		.split("\n")
		.map((line) => (line.trim() === "" ? " ." : ` ${line.trimEnd()}`))
		.join("\n");
}

function copyrightLines(text, manifest) {
	const lines = text
		.split("\n")
		.map((line) => line.trim())
		.filter(
			(line) => /^(copyright|\(c\))\b.*(\d{4}|\bby\b|contributors|authors)/i.test(line) && line.length < 120,
		);
	const found = [...new Set(lines.map((line) => line.replace(/^copyright:?\s*/i, "")))];
	return found.length > 0 ? found : [authorOf(manifest)];
}

function paragraph(files, manifest, text) {
	const licence = `${manifest.license ?? "licence"}-of-${manifest.name.replace(/[@/]/g, "")}`.replace(
		/\s+/g,
		"-",
	);
	const holders = copyrightLines(text, manifest).join("\n           ");
	return `Files: ${files}\nCopyright: ${holders}\nLicense: ${licence}\n${asField(text)}\n`;
}

/** The licence that lies beside a Node as nodejs.org, NodeSource or Debian install it. */
function nodeLicence() {
	const prefix = dirname(dirname(realpathSync(process.execPath)));
	const places = [join(prefix, "LICENSE"), join(prefix, "share", "doc", "nodejs", "copyright")];
	const found = places.find((path) => existsSync(path));
	if (found === undefined) {
		throw new Error(
			`the licence of Node is neither ${places.join(" nor ")}, and Node must not be handed on without it; ` +
				"use Node as nodejs.org unpacks it, or build with --without-node",
		);
	}
	return readFileSync(found, "utf8");
}

/** Puts the paragraphs of what comes along behind those of Cordon. */
export function copyrightText(own, packages, { withNode }) {
	const paragraphs = packages.map((path) => {
		const { manifest, text } = licenceOf(path);
		return paragraph(`usr/lib/cordon/${path}/*`, manifest, text);
	});
	if (withNode) {
		const node = { name: "node", license: "MIT-and-others", author: "Node.js contributors" };
		paragraphs.unshift(paragraph("usr/lib/cordon/bin/node", node, nodeLicence()));
	}
	return [own.trimEnd(), ...paragraphs.map((text) => text.trimEnd())].join("\n\n").concat("\n");
}
