// Handier where scripts run: the page works without.
(function () {
  "use strict";
  function choose(theme) {
    var radio = document.getElementById("theme-" + theme);
    if (radio) { radio.checked = true; }
  }
  var asked = /[?&]theme=(light|dark|auto)\b/.exec(location.search);
  if (asked) { choose(asked[1]); }
  // A link into something folded unfolds it.
  function unfold() {
    var target = location.hash && document.getElementById(location.hash.slice(1));
    for (var at = target; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") { at.open = true; }
    }
    if (target) { target.scrollIntoView(); }
  }
  addEventListener("hashchange", unfold);
  unfold();
})();
