// Passkey ceremonies: fetches the options, asks the browser, sends its answer, and finds words for what goes wrong.

const FAILURES = {
  NotAllowedError: "That was cancelled, or it took too long. Nothing has changed; just try again.",
  InvalidStateError: "This device is set up already. You can go on.",
  SecurityError: "For your safety this only works on the real address of this site. Please check the address above.",
  NotSupportedError: "This device or browser can't do it. Please try another device.",
  ConstraintError: "This device needs a screen lock first. Please switch one on in its settings, then try again.",
  AbortError: "That was interrupted. Please try again.",
  UnknownError: "Your device could not finish it. Please try again; it helps to restart the browser.",
  TypeError: "The connection was lost. Please try again.",
};
const OTHER_FAILURE = "That did not work. Please try again, or choose another way below.";

// Nothing is broken when somebody changes their mind, or has a passkey here already.
const CALM_FAILURES = ["NotAllowedError", "AbortError", "InvalidStateError"];

const LONGEST_TURN_MS = 3000;

/** Notes that this device has been told which passkeys the site takes. */
export const TOLD = "passkeys-told";

/** A refusal by the server, in words for the person; the way on is told of calm ones alone. */
export class Refusal extends Error {
  constructor({ text, reason, next, calm, label }, status) {
    super(text);
    this.name = "Refusal";
    this.reason = reason;
    this.next = next;
    this.status = status;
    this.isCalm = calm ?? false;
    this.wayOn = calm && label ? { href: next, label } : null;
  }
}

export async function post(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/json", "Passkey-Capabilities": capabilities },
    body: JSON.stringify(body ?? {}),
    credentials: "same-origin",
  });
  if (response.status === 204) return null;
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(answer.error ?? { text: OTHER_FAILURE }, response.status);
  return answer;
}

// What this browser can do goes along with each answer, so that operators see what breaks where. It is asked for when the
// page opens: a ceremony that a press has begun must not wait for it.
const KNOWN_CAPABILITIES = {
  userVerifyingPlatformAuthenticator: "platform_authenticator",
  conditionalGet: "conditional_get",
  conditionalCreate: "conditional_create",
  hybridTransport: "hybrid",
};
let capabilities = "";
tellCapabilities().catch(() => {});

async function tellCapabilities() {
  if (!window.PublicKeyCredential) return;
  const told = (await window.PublicKeyCredential.getClientCapabilities?.().catch(() => null)) ?? {
    userVerifyingPlatformAuthenticator: await hasPlatformAuthenticator(),
    conditionalGet: await hasConditionalRequests(),
  };
  const known = Object.entries(KNOWN_CAPABILITIES).filter(([name]) => typeof told[name] === "boolean");
  capabilities = known.map(([name, word]) => `${word}=?${told[name] ? 1 : 0}`).join(", ");
}

// How long the browser was at a ceremony before it failed, by its error.
const tookMs = new WeakMap();

async function timed(ceremony) {
  const began = performance.now();
  try {
    return await ceremony();
  } catch (error) {
    tookMs.set(error, Math.round(performance.now() - began));
    throw error;
  }
}

export async function register({ options = "/passkeys/options", answer = "/passkeys", hints }) {
  const asked = hinted(await post(options), hints);
  const publicKey = creationOptions(asked);
  const credential = await timed(() => navigator.credentials.create({ publicKey }));
  return send(answer, credential);
}

export async function authenticate({ options, answer, mediation, signal, hints }) {
  const ask = mediation === "conditional" ? askInTurn : post;
  const request = requestOptions(hinted(await ask(options), hints));
  const credential = await timed(() => navigator.credentials.get({ publicKey: request, mediation, signal }));
  try {
    return await send(answer, credential);
  } catch (error) {
    if (error.reason === "credential_removed") await forgetThere(request.rpId, credential.id);
    throw error;
  }
}

// Tabs that open at once, as when a browser starts again, would each be given a session of their own, and the last one
// would void the others' challenges. One after the other they share the first one's session. What somebody presses asks
// at once: browsers take a ceremony for the answer to a press only for a moment.
async function askInTurn(path) {
  if (!navigator.locks) return post(path);
  try {
    const signal = AbortSignal.timeout?.(LONGEST_TURN_MS);
    return await navigator.locks.request("passkey-options", { signal }, () => post(path));
  } catch (error) {
    if (error.name !== "TimeoutError") throw error;
    return post(path); // another tab hangs
  }
}

async function send(answer, credential) {
  const answered = await post(answer, toJSON(credential));
  sessionStorage.removeItem(TOLD);
  return answered;
}

// What the browser should offer first: it goes with the button that was pressed, and forbids nothing.
function hinted(options, hints) {
  return hints ? { ...options, hints: hints.split(" ") } : options;
}

// A passkey that was removed here for good should no longer be offered by the device; browsers that can, hide it. Of a
// passkey that is not on record nothing is said: it may be good elsewhere under the same domain.
async function forgetThere(rpId, credentialId) {
  await window.PublicKeyCredential.signalUnknownCredential?.({ rpId, credentialId }).catch(() => {});
}

/** Whether this device can keep a passkey by itself. That its browser lists passkeys in fields, is not enough. */
export async function isCapable() {
  if (!window.PublicKeyCredential) return false;
  const capabilities = await window.PublicKeyCredential.getClientCapabilities?.().catch(() => null);
  return capabilities?.userVerifyingPlatformAuthenticator ?? hasPlatformAuthenticator();
}

export async function hasConditionalRequests() {
  return (await window.PublicKeyCredential?.isConditionalMediationAvailable?.().catch(() => false)) ?? false;
}

async function hasPlatformAuthenticator() {
  const asked = window.PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable?.();
  return (await asked?.catch(() => false)) ?? false;
}

/** Tells the server what the browser reported, so that operators see what people struggle with; `answer` says where. */
export function report(error, ceremony, answer) {
  if (error instanceof Refusal) return;
  const failure = { ceremony, name: error.name ?? "other", answer: answer.split("?")[0], milliseconds: tookMs.get(error) };
  post("/ceremony/failed", failure).catch(() => {});
}

/** What to say of an error: its words, whether they are calm, and the way on if there is one. */
export function inWords(error) {
  if (error instanceof Refusal) return { text: error.message, isCalm: error.isCalm, wayOn: error.wayOn };
  return { text: FAILURES[error.name] ?? OTHER_FAILURE, isCalm: CALM_FAILURES.includes(error.name) };
}

/** The same of a device that has a passkey already: the button that was pressed gives way to the way on. */
export function inWordsAt(button, error) {
  const words = inWords(error);
  const { wayOn: href, wayOnLabel: label } = button.dataset;
  if (error.name !== "InvalidStateError" || !href) return words;
  (button.closest("[data-can-here]") ?? button).hidden = true;
  return { ...words, wayOn: { href, label } };
}

// Browsers of before 2025 lack the JSON functions of WebAuthn Level 3; these do the same for what is used here.

function creationOptions(json) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) {
    return PublicKeyCredential.parseCreationOptionsFromJSON(json);
  }
  return {
    ...json,
    challenge: toBytes(json.challenge),
    user: { ...json.user, id: toBytes(json.user.id) },
    excludeCredentials: (json.excludeCredentials ?? []).map(descriptor),
  };
}

function requestOptions(json) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) {
    return PublicKeyCredential.parseRequestOptionsFromJSON(json);
  }
  return {
    ...json,
    challenge: toBytes(json.challenge),
    allowCredentials: (json.allowCredentials ?? []).map(descriptor),
  };
}

function toJSON(credential) {
  // Some password managers replace the credential by an object whose toJSON throws.
  try {
    return credential.toJSON();
  } catch {
    return byHand(credential);
  }
}

function byHand(credential) {
  const { response } = credential;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const present = parts.filter((part) => response[part]);
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? null,
    response: {
      ...Object.fromEntries(present.map((part) => [part, toText(response[part])])),
      transports: response.getTransports?.() ?? [],
    },
    clientExtensionResults: {},
  };
}

function descriptor(json) {
  return { ...json, id: toBytes(json.id) };
}

function toBytes(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

function toText(buffer) {
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
