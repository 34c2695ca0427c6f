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

/** A refusal by the server, in words for the person. */
export class Refusal extends Error {
  constructor({ text, reason, next }, status) {
    super(text);
    this.name = "Refusal";
    this.reason = reason;
    this.next = next;
    this.status = status;
  }
}

export async function post(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/json" },
    body: JSON.stringify(body ?? {}),
    credentials: "same-origin",
  });
  if (response.status === 204) return null;
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(answer.error ?? { text: OTHER_FAILURE }, response.status);
  return answer;
}

export async function register({ options, answer } = { options: "/passkeys/options", answer: "/passkeys" }) {
  const asked = await post(options);
  const credential = await navigator.credentials.create({ publicKey: creationOptions(asked) });
  return post(answer, toJSON(credential));
}

export async function authenticate({ options, answer, mediation, signal }) {
  const request = requestOptions(await post(options));
  const credential = await navigator.credentials.get({ publicKey: request, mediation, signal });
  try {
    return await post(answer, toJSON(credential));
  } catch (error) {
    if (error.reason === "credential_unknown") await forgetThere(request.rpId, credential.id);
    throw error;
  }
}

// A passkey that was removed here should no longer be offered by the device; browsers that can, hide it.
async function forgetThere(rpId, credentialId) {
  await window.PublicKeyCredential.signalUnknownCredential?.({ rpId, credentialId }).catch(() => {});
}

/** Whether this device can keep a passkey or reach one. */
export async function isCapable() {
  if (!window.PublicKeyCredential) return false;
  return (await hasPlatformAuthenticator()) || (await hasConditionalRequests());
}

export async function hasConditionalRequests() {
  return (await window.PublicKeyCredential?.isConditionalMediationAvailable?.().catch(() => false)) ?? false;
}

async function hasPlatformAuthenticator() {
  const asked = window.PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable?.();
  return (await asked?.catch(() => false)) ?? false;
}

/** The words for an error; what the browser reported is told to the server, too. */
export function explain(error, ceremony) {
  if (!(error instanceof Refusal)) {
    post("/ceremony/failed", { ceremony, name: error.name ?? "other" }).catch(() => {});
  }
  return inWords(error);
}

/** The words for an error, which stay in this browser. */
export function inWords(error) {
  return error instanceof Refusal ? error.message : (FAILURES[error.name] ?? OTHER_FAILURE);
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
