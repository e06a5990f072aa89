// The frame on the site of the logins: takes what a tool beside it says, asks the page around it,
// and brings the answer to the tool and to nobody else.
const school = document.body.dataset.school;
const asking = new Map();
let number = 0;

addEventListener("message", (event) => {
  const message = asObject(event.data);
  if (!message?.subject) return;
  if (event.source === parent) {
    if (event.origin !== school || message.subject !== "forwarding.answer") return;
    const asked = asking.get(message.number);
    asking.delete(message.number);
    asked?.source.postMessage(message.said, asked.origin);
    return;
  }
  number += 1;
  asking.set(number, { source: event.source, origin: event.origin });
  const handed = { subject: "forwarding.ask", number, origin: event.origin, forwarded: message };
  parent.postMessage(handed, school);
});
