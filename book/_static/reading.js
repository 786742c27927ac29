/* What a style sheet cannot do for a reader. */
(() => {
  /* What is wider than its column scrolls inside it, and can be reached with the keyboard. The theme sees to code and
     outputs; formulas and tables are left to us. */
  const wide = "mjx-container[display=true], .bd-article table, .bd-article p:has(> mjx-container)";
  const mark = () => {
    for (const e of document.querySelectorAll(wide)) {
      if (e.scrollWidth > e.clientWidth && getComputedStyle(e).overflowX === "auto") e.tabIndex = 0;
      else if (e.tabIndex === 0) e.removeAttribute("tabindex");
    }
  };
  addEventListener("load", async () => { await window.MathJax?.startup?.promise; mark(); });
  addEventListener("resize", mark);

  /* Paper is white: who reads in the dark would print pale grey letters. */
  const root = document.documentElement;
  let theme;
  addEventListener("beforeprint", () => { theme = root.dataset.theme; root.dataset.theme = "light"; });
  addEventListener("afterprint", () => { root.dataset.theme = theme; });
})();
