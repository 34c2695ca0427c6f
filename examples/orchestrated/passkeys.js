// Runs a ceremony when its button is pressed: asks for options, lets the browser answer, sends the answer.
for (const button of document.querySelectorAll("[data-ceremony]")) {
  button.addEventListener("click", async () => {
    const { ceremony, next } = button.dataset;
    const shown = document.querySelector("#trouble");
    try {
      const asked = await (await fetch(`/passkeys/${ceremony}/options`, { method: "POST" })).json();
      const credential =
        ceremony === "new"
          ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) })
          : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) });
      const answer = await fetch(`/passkeys/${ceremony}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(credential.toJSON()),
      });
      if (!answer.ok) throw new Error(await answer.text());
      location.assign(next || answer.headers.get("location"));
    } catch (error) {
      shown.textContent = `That did not work: ${error.message}`;
    }
  });
}
