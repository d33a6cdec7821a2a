/** What a command prints. */
export class Printed {
	out = "";
	err = "";
	readonly stdout = {
		write: (text: string): void => {
			this.out += text;
		},
	};
	readonly stderr = {
		write: (text: string): void => {
			this.err += text;
		},
	};
}
