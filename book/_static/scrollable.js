/* What is wider than its column scrolls inside it, and can be reached with the keyboard. The theme sees to code and
   outputs; formulas and tables are left to us. */
(() => {
  const wide = "mjx-container[display=true], .bd-article table, .bd-article p:has(> mjx-container)";
  const mark = () => {
    for (const e of document.querySelectorAll(wide)) {
      if (e.scrollWidth > e.clientWidth && getComputedStyle(e).overflowX === "auto") e.tabIndex = 0;
      else if (e.tabIndex === 0) e.removeAttribute("tabindex");
    }
  };
  addEventListener("load", async () => { await window.MathJax?.startup?.promise; mark(); });
  addEventListener("resize", mark);
})();
