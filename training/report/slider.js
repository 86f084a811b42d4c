// A range lies over two pictures; its value says where the upper one begins.
for (const range of document.querySelectorAll(".compare input")) {
  const follow = () => range.parentElement.style.setProperty("--at", `${range.value}%`);
  range.addEventListener("input", follow);
  follow();
}
