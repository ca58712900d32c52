/** The packages that an `npm install` names. */
export const packagesOf = (command: string): readonly string[] =>
  command.split(" ").filter((word) => !word.startsWith("-") && word !== "npm" && word !== "install");
