// A security key that does not answer: say so on the page instead of in the console.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const said = document.getElementById("key-failed");
  if (said) said.hidden = false;
});
