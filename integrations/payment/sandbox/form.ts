/** The page of the pretended gateway: no card is asked for, only how it shall behave. */
export function formPage(): string {
  const options = CHOICES.map(([token, text]) => `<option value="${token}">${text}</option>`).join('');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sandbox gateway</title>
<h1>Sandbox gateway</h1><p>No money moves here, and no card is needed.</p>
<form method="post"><label>The card <select name="token">${options}</select></label> <button>Store it</button></form></html>`;
}

const CHOICES: readonly [string, string][] = [
  ['tok_sandbox', 'always pays'],
  ['tok_declined', 'has no money today'],
  ['tok_stolen', 'is stolen'],
  ['tok_confirm', 'must be confirmed'],
  ['tok_done_lost', 'pays, but the answer is lost'],
  ['tok_undone_lost', 'does not pay, and the answer is lost'],
];
