// What could be meant by the beginning of a message: slash commands, their words, and people.

/** The words a command takes first, from its usage hint: "start [SERVICE] | list" -> start, list. */
function subcommands({ usage_hint: hint }) {
  return (hint ?? "").split("|").map((one) => one.trim()).filter((one) => /^[a-z]/.test(one)).map((one) => {
    const [word, ...rest] = one.split(" ");
    return { word, rest: rest.join(" ") };
  });
}

/**
 * Suggestions for the text before the caret: [{id, label, args, detail, from, insert}], `insert` replacing all from `from` on.
 * `exact`, on one that is already typed in full, and `soft` mean that Enter sends unless one was picked with the arrows.
 */
export function suggestions(text, { commands, people, groups, inThread }) {
  const slash = text.match(/^\/\S*$/);
  if (slash && !inThread) return commandsLike(text, commands);
  const words = text.match(/^(\/\S+) +(\S*)$/);
  const command = words && commands.find((one) => one.command === words[1]);
  if (command && !inThread) return wordsLike(command, words[2], text.length - words[2].length);
  const at = text.match(/(?:^|\s)@([\w.-]*)$/);
  if (!at) return [];
  const from = text.length - at[1].length - 1;
  return [...peopleLike(at[1], people, from), ...groupsLike(at[1], groups, from)];
}

function commandsLike(text, commands) {
  const typed = text.toLowerCase();
  return commands.filter((one) => one.command.startsWith(typed)).map((one) => ({
    id: one.command, label: one.command, args: one.usage_hint, detail: one.description, from: 0, insert: `${one.command} `,
    exact: one.command === typed,
  }));
}

function wordsLike(command, typed, from) {
  return subcommands(command).filter(({ word }) => word.startsWith(typed)).map(({ word, rest }) => ({
    id: word, label: `${command.command} ${word}`, args: rest, from, insert: `${word} `, soft: true,
  }));
}

function peopleLike(typed, people, from) {
  const wanted = typed.toLowerCase();
  return people
    .filter((one) => one.name.startsWith(wanted) || one.real_name.toLowerCase().includes(wanted))
    .map((one) => {
      const insert = `@${one.name} `;
      return { id: one.id, label: one.real_name, args: `@${one.name}`, detail: one.title, person: one, from, insert };
    });
}

function groupsLike(typed, groups, from) {
  const fits = groups.filter((one) => one.handle.startsWith(typed.toLowerCase()));
  return fits.map(({ id, handle, users }) => {
    return { id, label: `@${handle}`, detail: `${users.length} people`, from, insert: `@${handle} ` };
  });
}
