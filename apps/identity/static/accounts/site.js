// Two comforts of the sign-in page; without scripts it works as well.
for (const button of document.querySelectorAll("[data-reveals]")) {
  const field = document.getElementById(button.dataset.reveals);
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
    field.focus();
  });
}

const tellNetwork = () => {
  for (const form of document.querySelectorAll("[data-needs-network]")) {
    form.querySelector("[type=submit]").disabled = !navigator.onLine;
    form.querySelector("[data-offline]").hidden = navigator.onLine;
  }
};
addEventListener("online", tellNetwork);
addEventListener("offline", tellNetwork);
tellNetwork();
