(() => {
  for (const time of document.querySelectorAll("time")) {
    const days = Math.floor((Date.now() - Date.parse(time.dateTime)) / 864e5);
    if (days < 1) continue;
    time.after(` (${days} day${days > 1 ? "s" : ""} ago)`);
    if (days < 7) continue;
    const old = document.createElement("p");
    old.className = "alert";
    old.textContent = `This is ${days} days old: nothing newer was said of this target. Look at the nightly runs.`;
    time.closest("tr").querySelector("p").before(old);
  }
})();
