// Tells this device which passkeys the site takes, and by which name: after a sign-in, and wherever they change.

import { TOLD } from "./ceremonies.js";

const { content: path, dataset } = document.querySelector('meta[name="passkey-signals"]');
const canTell = window.PublicKeyCredential?.signalAllAcceptedCredentials;

async function tell() {
  const response = await fetch(path, { headers: { Accept: "application/json" } });
  if (response.status !== 200) return;
  const { rpId, userId, name, accepted } = await response.json();
  const { PublicKeyCredential } = window;
  await PublicKeyCredential.signalAllAcceptedCredentials({ rpId, userId, allAcceptedCredentialIds: accepted });
  if (name) await PublicKeyCredential.signalCurrentUserDetails?.({ rpId, userId, name, displayName: name });
  sessionStorage.setItem(TOLD, path);
}

if (canTell && ("changes" in dataset || sessionStorage.getItem(TOLD) !== path)) tell().catch(() => {});
