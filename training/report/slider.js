// A range input over two stacked pictures; its value is where the top one begins.
for (const range of document.querySelectorAll(".compare input")) {
  const follow = () => range.parentElement.style.setProperty("--at", `${range.value}%`);
  range.addEventListener("input", follow);
  follow();
}
