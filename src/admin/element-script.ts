/** What both scripts of the pages begin with: data is only ever set as text, so that nothing in it can become markup. */
export const ELEMENT_SCRIPT = `const at = (id) => document.getElementById(id);

function element(name, kind, content) {
	const node = document.createElement(name);
	if (kind) node.className = kind;
	if (content !== undefined) node.textContent = content;
	return node;
}
`;
