import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import { REGISTRY } from '../../resources/registry.ts';

/** `steward completion bash|zsh|fish|powershell` prints the script; kinds are offered where names are wanted. */
export function addCompletion(program: Command): void {
  const root = tab(program, { completionCommandName: 'completion' });
  for (const [name, command] of root.commands) {
    for (const argument of command.arguments.values()) {
      if (!['names', 'kind', 'kinds', 'path', 'name'].includes(argument.name) || ['validate', 'power'].includes(name))
        continue;
      argument.handler = (complete) => {
        for (const kind of REGISTRY.kinds) complete(kind.shortNames[0] ?? kind.plural, kind.description);
      };
    }
  }
}
