// A picture dropped beside the message box would replace the page, and with it the conversation: the box takes it.
for (const kind of ["dragover", "drop"]) {
  window.addEventListener(kind, (event) => {
    const box = document.querySelector("#ask textarea");
    if (!box || event.target.closest("#ask")) return;
    event.preventDefault();
    if (kind === "drop" && !box.disabled) {
      box.dispatchEvent(new DragEvent("drop", { dataTransfer: event.dataTransfer, bubbles: true }));
    }
  });
}
