// The pages work without this file; it only adds a button that copies what stands beside it.
for (const button of document.querySelectorAll("[data-copies]")) {
  const source = document.getElementById(button.dataset.copies);
  const label = button.querySelector("span");
  const before = label.textContent;
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(source.textContent.trim());
    label.textContent = "Copied";
    setTimeout(() => { label.textContent = before; }, 2000);
  });
}
