// Sends the page's form. One that is `told` first says to the LMS's page that a tool is coming, so
// that it answers the tool's messages, and waits for its answer, two seconds at most.
const form = document.getElementById("send");

function whenTold(go) {
  const timer = setTimeout(go, 2000);
  addEventListener("message", (event) => {
    if (event.origin !== location.origin) return;
    if (event.data?.subject !== "org.sakailms.lti.prelaunch.response") return;
    clearTimeout(timer);
    go();
  });
  parent.postMessage({ subject: "org.sakailms.lti.prelaunch" }, location.origin);
}

if ("told" in form.dataset && parent !== window) whenTold(() => form.submit());
else form.submit();
