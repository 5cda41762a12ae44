import { createHash } from 'node:crypto';
import type { Reply } from './auth-request.ts';

/**
 * The page where a person types the code that a program shows. It loads nothing, keeps nothing, and puts into the page what others wrote
 * as text only. Whoever is not signed in does so by passkey here, or elsewhere first.
 */
const SCRIPT = `
const said = document.getElementById('said');
const asking = document.getElementById('asking');
const code = document.getElementById('code');
let csrf = '';
const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
async function ask(path, body) {
  const headers = { 'content-type': 'application/json', 'x-steward-csrf': csrf };
  const init = body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) };
  const response = await fetch('/auth/' + path, init);
  const answer = await response.json();
  if (answer.csrf) csrf = answer.csrf;
  return { ok: response.ok, ...answer };
}
async function session() {
  const answer = await ask('session');
  document.body.dataset.state = answer.ok ? 'in' : 'out';
  if (answer.ok) document.getElementById('who').textContent = answer.actor;
}
async function passkey() {
  const { token, options } = await ask('passkeys/ask', {});
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: [] };
  const { id, rawId, type, response: r } = await navigator.credentials.get({ publicKey });
  const response = { clientDataJSON: text(r.clientDataJSON), authenticatorData: text(r.authenticatorData), signature: text(r.signature) };
  if (r.userHandle) response.userHandle = text(r.userHandle);
  const answer = await ask('passkeys/sign-in', { token, response: { id, rawId: text(rawId), type, clientExtensionResults: {}, response } });
  if (!answer.ok) said.textContent = answer.error;
  await session();
}
async function look() {
  const answer = await ask('device/look', { userCode: code.value });
  said.textContent = answer.ok ? '' : answer.error;
  asking.hidden = !answer.ok;
  document.getElementById('from').textContent = answer.from + ' (' + answer.agent + '), ' + answer.at;
}
async function decide(approve) {
  const answer = await ask('device/decide', { userCode: code.value, approve });
  asking.hidden = true;
  said.textContent = answer.ok ? (approve ? 'It is signed in. You may close this page.' : 'It was denied.') : answer.error;
}
const on = (id, run) => document.getElementById(id).addEventListener('click', () => run().catch((error) => { said.textContent = String(error); }));
on('passkey', passkey);
on('look', look);
on('yes', () => decide(true));
on('no', () => decide(false));
session();
`;

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1rem}
input{font:inherit;letter-spacing:.15em;text-transform:uppercase}[data-state=in] .out,[data-state=out] .in{display:none}`;

const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Let a program in</title><style>${STYLE}</style></head>
<body data-state="out"><h1>Let a program in</h1>
<div class="out"><p>Sign in first: by passkey here, or as you always do, and come back.</p>
<button id="passkey">Sign in by passkey</button></div>
<div class="in"><p>You are <b id="who"></b>.</p>
<p><label>Code that your program shows: <input id="code" maxlength="9" autocomplete="off" placeholder="XXXX-XXXX"></label>
<button id="look">Continue</button></p>
<div id="asking" hidden><p>Asked for by <b id="from"></b>.</p>
<p><b>Only say yes if you started this program yourself, just now, on a machine that you trust.</b> Whoever sent you this code or this
page wants to be signed in as you. Nobody of ours ever asks for it.</p>
<button id="no">No</button> <button id="yes">Yes, sign it in</button></div></div>
<p id="said" role="status"></p><script>${SCRIPT}</script></body></html>
`;

const hash = (source: string) => `'sha256-${createHash('sha256').update(source).digest('base64')}'`;

/** Runs its own script and nothing else; nobody frames it. */
export const DEVICE_PAGE: Reply = {
  status: 200,
  body: {},
  text: { type: 'text/html; charset=utf-8', text: PAGE },
  policy: `default-src 'none'; script-src ${hash(SCRIPT)}; style-src ${hash(STYLE)}; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'`,
};
