// The colors of the page: light, dark, dim (for a darkened room) or whatever the device says.
// A classic script in the head, so that the chosen colors are there before anything is drawn. The choice stays on this
// device and is sent nowhere.
(() => {
  const KEY = "theme";
  const THEMES = ["light", "dark", "dim"];
  const root = document.documentElement;

  const stored = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  };

  const store = (theme) => {
    try {
      if (theme) localStorage.setItem(KEY, theme);
      else localStorage.removeItem(KEY);
    } catch {
      // A device that keeps nothing still shows the colors until the page is left.
    }
  };

  const apply = (theme) => {
    if (THEMES.includes(theme)) root.dataset.theme = theme;
    else delete root.dataset.theme;
  };

  root.classList.add("js");
  apply(stored());

  document.addEventListener("DOMContentLoaded", () => {
    for (const control of document.querySelectorAll("[data-theme-control]")) {
      const select = control.querySelector("select");
      select.value = root.dataset.theme ?? "";
      select.addEventListener("change", () => {
        apply(select.value);
        store(select.value);
      });
      addEventListener("storage", (event) => {
        if (event.key !== KEY) return;
        apply(event.newValue);
        select.value = root.dataset.theme ?? "";
      });
      control.hidden = false;
    }
  });
})();
