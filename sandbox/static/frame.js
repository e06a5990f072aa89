// The tool in the frame says how high it is: {"subject": "lti.frameResize", "height": 900},
// as an object or as JSON text. Nobody else is listened to.
addEventListener("message", (event) => {
  if (!isTool(event.source)) return;
  const message = asObject(event.data);
  if (message?.subject === "lti.frameResize") setHeight(message.height);
});
